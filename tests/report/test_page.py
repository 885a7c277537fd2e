"""Pages hold their data as it was given, and nothing in it becomes a part of the page."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ctxtools as ctx
from ctxtools.report import page as page_module
from ctxtools.report import save_report
from ctxtools.report.page import embedded_json, render_page, shown_notes, skipped_data
from tests.report.pages import HOSTILE, check_page, data_of, skipped_of, tree

ASSETS = Path(page_module.__file__).parent / "assets"
NOTHING = {"skipped": skipped_data(())}
any_text = st.text(st.characters()) | st.sampled_from(HOSTILE)
numbers = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none() | st.booleans() | numbers | any_text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(any_text, inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(values)
def test_data_survive(value: Any) -> None:
    block = embedded_json(value)
    block.encode()
    assert not re.search("[<>&\u2028\u2029]", block)
    parsed = tree(f'<script type="application/json">{block}</script><p>after').css_first("script")
    assert json.loads(parsed.text()) == value


def test_there_are_no_numbers_that_json_lacks() -> None:
    with pytest.raises(ValueError, match="JSON"):
        embedded_json([float("nan")])


@pytest.mark.parametrize("text", HOSTILE)
def test_what_is_hostile_stays_data(text: str) -> None:
    data = {"title": text, "notes": [text], text: {text: text}, **NOTHING}
    page = render_page("count", "Token count", data)
    check_page(page)
    assert data_of(page) == data
    assert page == render_page("count", "Token count", data)


@pytest.mark.parametrize("path", sorted(ASSETS.iterdir()), ids=lambda path: path.name)
def test_scripts_and_styles_can_be_inline(path: Path) -> None:
    source = path.read_text("utf-8")
    if path.suffix in (".js", ".css"):
        assert not re.search("<!--|</?(script|style)", source, re.IGNORECASE)
    if path.suffix == ".js":
        # What would make HTML or programs of texts, or ask a network.
        forbidden = (
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|srcdoc"
            r"|createContextualFragment|fetch\(|XMLHttpRequest|\bimport\b|WebSocket|https?:|Beacon"
        )
        assert not re.search(forbidden, source)


def test_a_page_is_none_of_the_documents_of_a_pack() -> None:
    page = render_page("count", "Token count", {"title": "", "notes": [], **NOTHING})
    packed = ctx.pack(
        {"a.txt": "some text", "page.html": page, "b.html": "<!doctype html>\n<p>x"},
        ctx.get_encoding("o200k_base"),
        budget=10**6,
    )
    assert [each.path for each in packed.documents] == ["a.txt", "b.html"]
    (omitted,) = packed.omitted
    assert (omitted.path, omitted.reason) == ("page.html", "build output (a page of ctxtools)")


def test_skips_are_grouped_errors_first() -> None:
    skipped = [
        ctx.Skipped("a.bin", "binary"),
        ctx.Skipped("/x/y/b\x1b.bin", "binary"),
        ctx.Skipped("c.txt", "permission denied", error=True, hint="chmod"),
    ]
    data = skipped_data(skipped)
    assert [(each["reason"], each["hint"], each["error"]) for each in data["groups"]] == [
        ("permission denied", "chmod", True),
        ("binary", None, False),
    ]
    assert skipped_of({"skipped": data}) == {
        "permission denied": ["c.txt"],
        "binary": ["a.bin", "/x/y/b\\x1b.bin"],
    }
    assert shown_notes(["a", "b\nc", "a"]) == ["a", "b\\nc"]


def test_a_report_is_saved_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    save_report("<p>é", path)
    assert path.read_bytes() == "<p>é".encode()
    with pytest.raises(ctx.UsageError, match="lone surrogate"):
        save_report("\ud800", path)
    with pytest.raises(ctx.UsageError, match="page must be a str"):
        save_report(b"<p>", path)  # type: ignore[arg-type]
    for wrong in (5, None, True, [path]):
        with pytest.raises(ctx.UsageError, match="must be a str or a Path"):
            save_report("<p>", wrong)  # type: ignore[arg-type]
    with pytest.raises(OSError, match="is a folder"):
        save_report("<p>", tmp_path)
    assert path.read_bytes() == "<p>é".encode()
    assert [*tmp_path.iterdir()] == [path]
