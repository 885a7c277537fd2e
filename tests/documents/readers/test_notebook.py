"""Notebooks: sources without the JSON around them."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools.documents.readers.notebook import notebook_text

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
    "source",
    [
        *("", "{", "[]", "3", '"cells"', "{}", '{"cells": 3}', '{"cells": [3]}', '{"cells": [{}]}'),
        *('{"cells": [{"source": 3}]}', '{"cells": [{"source": [3]}]}', "[" * 100_000),
    ],
)
def test_invalid_notebook(source: str) -> None:
    assert notebook_text(source) is None


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
    text = notebook_text(json.dumps(value), outputs=True)
    assert text is None or isinstance(text, str)
