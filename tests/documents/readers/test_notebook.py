"""Notebooks: sources without the JSON around them."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools.documents.readers.notebook import NotANotebookError, notebook_text
from tests.hanging import no_hang

IMAGE = {"output_type": "display_data", "data": {"image/png": "iVBORw0KGgo=" * 100}}
NOTEBOOK = {
    "cells": [
        {"cell_type": "markdown", "source": ["# Title\n", "text"]},
        {
            "cell_type": "code",
            "source": "print(1)\n1 + 1",
            "outputs": [
                {"output_type": "stream", "name": "stdout", "text": ["1\n"]},
                IMAGE,
                {"output_type": "execute_result", "data": {"text/plain": "2", "text/html": "<b>"}},
                {"output_type": "error", "ename": "E", "evalue": "", "traceback": ["E:", "  no"]},
            ],
        },
        {"cell_type": "raw", "source": []},
    ],
    "nbformat": 4,
}


def test_sources_in_order() -> None:
    assert notebook_text(json.dumps(NOTEBOOK)) == (
        "# %% [markdown]\n# Title\ntext\n\n# %%\nprint(1)\n1 + 1\n"
    )


def test_outputs_without_blobs() -> None:
    text = notebook_text(json.dumps(NOTEBOOK), outputs=True)
    assert text == (
        "# %% [markdown]\n# Title\ntext\n\n# %%\nprint(1)\n1 + 1\n\n# %% [output]\n1\n2\nE:\n  no\n"
    )


def test_format_3() -> None:
    cells = [{"cell_type": "code", "input": ["x = 1"]}, {"cell_type": "markdown", "source": "y"}]
    text = notebook_text(json.dumps({"worksheets": [{"cells": cells}]}))
    assert text == "# %%\nx = 1\n\n# %% [markdown]\ny\n"


def test_a_notebook_as_a_reader_sees_it() -> None:
    """A traceback in colours, a progress bar, a link: nothing that only a terminal understands."""
    outputs = [
        {"output_type": "stream", "text": ["\x1b[32m 10%\x1b[0m\r 50%\r", "100%\r\n", "done\n"]},
        {"output_type": "stream", "text": "1/3\b\b\b2/3\b\b\b3/3\n"},
        {
            "output_type": "error",
            "traceback": [
                "\x1b[0;31m-----\x1b[0m",
                "\x1b]8;;file:///x.py\x1b\\Cell In[1]\x1b]8;;\x07, line 1",
                "\x1b[38;5;241mValueError\x1b[39m: \x1b(Bno\x1b[K",
            ],
        },
    ]
    cells = [
        {"cell_type": "markdown", "source": "## Train\n"},
        {"cell_type": "code", "source": "train()", "outputs": outputs},
        {"cell_type": "code", "source": "", "outputs": []},
        {"cell_type": "raw", "source": "end"},
    ]
    assert notebook_text(json.dumps({"cells": cells}), outputs=True) == (
        "# %% [markdown]\n## Train\n"
        "\n# %%\ntrain()\n"
        "\n# %% [output]\n100%\ndone\n3/3\n-----\nCell In[1], line 1\nValueError: no\n"
        "\n# %% [raw]\nend\n"
    )


@pytest.mark.parametrize(
    ("metadata", "mark"),
    [
        ({"language_info": {"name": "python"}}, "# %%"),
        ({"kernelspec": {"language": "python3"}}, "# %%"),
        ({"kernelspec": {"language": "julia", "name": "julia-1.9"}}, "# %% [julia]"),
        ({"language_info": {"name": "R"}, "kernelspec": {"language": "python"}}, "# %% [r]"),
        ({"language_info": {"name": "C++"}}, "# %% [c++]"),
        ({"language_info": {"name": ["x"]}}, "# %%"),
        ({"language_info": {"name": "]\n"}}, "# %%"),
        ({"language_info": "julia"}, "# %%"),
    ],
)
def test_code_of_another_language_is_marked_as_such(metadata: object, mark: str) -> None:
    cells = [{"cell_type": "code", "source": "x"}, {"cell_type": "markdown", "source": "y"}]
    text = notebook_text(json.dumps({"metadata": metadata, "cells": cells}))
    assert text == f"{mark}\nx\n\n# %% [markdown]\ny\n"


def test_a_cell_may_have_a_language_of_its_own() -> None:
    cell = {"cell_type": "code", "source": "x", "metadata": {"vscode": {"languageId": "csharp"}}}
    assert notebook_text(json.dumps({"cells": [cell]})) == "# %% [csharp]\nx\n"


OUTPUT = '{"cells": [{"source": "x", "outputs": [%s]}]}'


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("", "not JSON: Expecting value, line 1"),
        ("{", "not JSON: "),
        ("[]", "a list, not an object"),
        ('"cells"', "a string, not an object"),
        ("NaN", "a number, not an object"),
        ("{}", "no cells"),
        ('{"cells": 3}', "cells is a number, not a list"),
        ('{"cells": ""}', "cells is a string, not a list"),
        ('{"cells": null}', "cells is null, not a list"),
        ('{"cells": {}}', "cells is an object, not a list"),
        ('{"cells": [], "cells": ""}', "cells is a string"),  # as Jupyter, the last one counts
        ('{"worksheets": ""}', "worksheets is a string, not a list"),
        ('{"worksheets": [3]}', "a number, not an object"),
        ('{"worksheets": [{}]}', "no cells"),
        ('{"worksheets": [{"cells": {}}]}', "cells is an object, not a list"),
        ('{"cells": [{"source": ""}, 3]}', "cell 2: a number, not an object"),
        ('{"cells": [{}]}', "cell 1: no source"),
        ('{"cells": [{"source": null}]}', "cell 1: source is null, not text"),
        ('{"cells": [{"source": 3}]}', "cell 1: source is a number, not text"),
        ('{"cells": [{"source": {"words": 1}}]}', "cell 1: source is an object, not text"),
        ('{"cells": [{"source": [3]}]}', "cell 1: source lists other things, not text"),
        ('{"cells": [{"source": "x", "outputs": {}}]}', "outputs is an object, not a list"),
        (OUTPUT % "3", "cell 1: a number, not an object"),
        (OUTPUT % '{"text": {"a": 1}}', "cell 1: text is an object, not text"),
        (OUTPUT % '{"data": ""}', "cell 1: a string, not an object"),
        (OUTPUT % '{"output_type": "error", "traceback": 3}', "traceback is a number, not text"),
        ("[" * 100_000, "nested too deeply"),
        ("9" * 10_000, "a number of too many digits"),
    ],
)
def test_what_is_no_notebook(source: str, reason: str) -> None:
    """No other structure is taken for a notebook without text, or with other text."""
    with pytest.raises(NotANotebookError) as raised:
        notebook_text(source, outputs=True)
    assert reason in str(raised.value)


def test_outputs_of_many_kinds() -> None:
    outputs = [{}, {"output_type": ["error"]}, {"data": {}}, {"data": {"text/plain": None}}]
    outputs += [{"output_type": "pyerr", "traceback": ["a", "b"]}, {"metadata": 3, "text": "c"}]
    cells = [{"cell_type": ["markdown"], "metadata": 3, "source": "x", "outputs": outputs}]
    shown = notebook_text(json.dumps({"metadata": 3, "cells": cells}), outputs=True)
    assert shown == "# %%\nx\n\n# %% [output]\na\nb\nc\n"


@pytest.mark.parametrize("start", ["\x90", "\x1b]", "\x1b[", "\x9b1", "\x1bP", "\b", "\r"])
def test_unfinished_sequences_take_linear_time(start: str) -> None:
    output = {"output_type": "stream", "text": start * 200_000 + "\x1bA\n"}
    cells = [{"source": "x", "outputs": [output]}]
    with no_hang():
        notebook_text(json.dumps({"cells": cells}), outputs=True)


json_values = st.recursive(
    st.none() | st.integers() | st.text(max_size=5),
    lambda values: (
        st.lists(values, max_size=3)
        | st.dictionaries(
            st.sampled_from(["cells", "source", "outputs", "text", "data", "output_type"]), values
        )
    ),
)


@given(json_values)
def test_no_json_crashes_it(value: object) -> None:
    with suppress(NotANotebookError):
        assert isinstance(notebook_text(json.dumps(value), outputs=True), str)
