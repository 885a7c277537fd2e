"""HTML as a reader sees it: by ``render=`` and ``--as``."""

from pathlib import Path

import pytest

from ctxtools import get_encoding
from ctxtools.documents import (
    DocumentCount,
    ReadOptions,
    count_documents,
    find_files,
    read_documents,
)
from ctxtools.documents.html import Render
from ctxtools.errors import UsageError

_PAGE = (
    "<head><title>no</title></head><h1>Title</h1><p>Some <b>words</b>&amp;more<script>x</script>"
)
_RENDERED = {
    "source": _PAGE,
    "text": "Title\n\nSome words&more",
    "markdown": "# Title\n\nSome **words**&more",
}


@pytest.mark.parametrize("render", _RENDERED)
def test_pages_are_read_and_counted_as_rendered(render: Render, tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(_PAGE)
    (tmp_path / "b.md").write_text(_PAGE)
    encoding = get_encoding("o200k_base")
    options = ReadOptions(render=render)

    texts = {Path(each.path).name: each.text for each in read_documents(tmp_path, render=render)}
    counts = {
        Path(each.path).name: each.counts
        for each in count_documents(find_files([tmp_path]), [encoding], options)
        if isinstance(each, DocumentCount)
    }

    assert texts == {"a.html": _RENDERED[render], "b.md": _PAGE}
    assert counts == {name: (encoding.count(text),) for name, text in texts.items()}


def test_other_ways_to_render() -> None:
    with pytest.raises(UsageError, match="render"):
        ReadOptions(render="pdf")  # type: ignore[arg-type]
