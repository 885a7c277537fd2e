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
    assert notebook_text(json.dumps(NOTEBOOK)) == "# Title\ntext\n\nprint(1)\n1 + 1\n\n"


def test_outputs_without_blobs() -> None:
    text = notebook_text(json.dumps(NOTEBOOK), outputs=True)
    assert text == "# Title\ntext\n\nprint(1)\n1 + 1\n\n1\n\n\n2\n\nE:\n  no\n\n"


def test_format_3() -> None:
    cells = [{"cell_type": "code", "input": ["x = 1"]}, {"cell_type": "markdown", "source": "y"}]
    assert notebook_text(json.dumps({"worksheets": [{"cells": cells}]})) == "x = 1\n\ny"


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
