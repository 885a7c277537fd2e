"""Pages keep their budget, and hold everything exactly once."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ctxtools as ctx
from ctxtools.errors import UsageError
from ctxtools.services.mcp.pages import Answer, Pages, as_json
from ctxtools.services.mcp.server import Server
from tests.services.mcp.calling import ask, error_of, pages

ENCODING = ctx.get_encoding("o200k_base")

entries = st.dictionaries(st.sampled_from("ab"), st.text(max_size=30) | st.integers(), max_size=3)


@settings(max_examples=150)
@given(
    st.none() | st.text(max_size=300),
    st.lists(entries, max_size=8),
    st.lists(st.text(max_size=20), max_size=8),
    st.integers(40, 200),
    st.booleans(),
)
def test_pages_join_to_the_answer(
    text: str | None, first: list[Any], second: list[str], max_tokens: int, keeps: bool
) -> None:
    answer = Answer(ENCODING.count, {"n": 1}, text, {"first": first, "second": second})
    found = Pages()
    cursor, read, listed = "", "", {"first": [], "second": []}  # type: ignore[var-annotated]
    for _ in range(1000):
        try:
            page = found.page("asked", lambda: answer, max_tokens, cursor)
        except UsageError as error:
            assert "too small" in error.message
            needed = int(str(error.hint).split()[3].replace(",", ""))
            page = found.page("asked", lambda: answer, needed, cursor)
        else:
            assert ENCODING.count(as_json(page)) <= max_tokens
        assert page["n"] == 1
        read += page.get("text", "")
        for name, each in listed.items():
            each += page.get(name, [])
        cursor = page.get("next_cursor", "")
        if not keeps:
            found = Pages()  # the answer is computed again
        if not cursor:
            break
    assert read == (text or "")
    assert listed == {"first": first, "second": second}


def test_characters_that_no_utf8_has_are_replaced() -> None:
    answer = Answer(ENCODING.count, {}, "a\ud800b", {"names": ["\udcff.txt", "😀"]})
    page = Pages().page("asked", lambda: answer, 1000, "")
    assert page == {"text": "a\ufffdb", "names": ["\ufffd.txt", "😀"]}


def test_a_cursor_is_for_one_answer() -> None:
    found, answer = Pages(), Answer(ENCODING.count, {}, "words and " * 100)
    cursor = found.page("asked", lambda: answer, 60, "")["next_cursor"]
    name, _, number = cursor.split(".")
    for asked, bad in (
        ("other", cursor),
        ("asked", f"{name}.5000.{number}"),
        ("asked", f"{name}.0.9"),
        ("asked", f"{'0' * 16}.0.0"),
    ):
        with pytest.raises(UsageError, match="of another answer"):
            found.page(asked, lambda: answer, 60, bad)
    for bad in ("x", "..", f"{name}.-1.0", f"{name}.١.0", cursor + " ", "0" * 10_000):
        with pytest.raises(UsageError, match="invalid cursor"):
            found.page("asked", lambda: answer, 60, bad)


def test_few_answers_are_kept() -> None:
    found = Pages()
    for number in range(50):
        answer = Answer(ENCODING.count, {}, f"{number} words and " * 100)
        found.page("asked", lambda answer=answer: answer, 60, "")  # type: ignore[misc]
    assert len(found._kept) == 8


def test_a_packed_text_in_pages(server: Server, root: Path) -> None:
    for number in range(40):
        (root / "docs" / f"{number}.md").write_text(f"Number {number}\n" * number)
    how: dict[str, Any] = {"paths": ["."], "budget": 3000, "max_tokens": 400}
    found = [*pages(server, "pack", **how)]
    text = "".join(page["text"] for page in found)
    assert len(found) > 5
    assert all(ENCODING.count(as_json(page)) <= 400 for page in found)
    assert ENCODING.count(text) == found[0]["tokens"] <= 3000
    # Compared with one page.
    whole = ask(server, "pack", **(how | {"max_tokens": 100_000}))
    assert whole["text"] == text
    for name in ("documents", "omitted"):
        assert [each for page in found for each in page.get(name, [])] == whole.get(name, [])


def test_a_count_of_many_files_in_pages(server: Server, root: Path) -> None:
    for number in range(200):
        (root / "docs" / f"{number}.txt").write_text("x " * number)
    found = [*pages(server, "count", paths=["."], top=1000, max_tokens=500)]
    assert all(ENCODING.count(json.dumps(page, separators=(",", ":"))) <= 500 for page in found)
    files = [each for page in found for each in page.get("files", [])]
    assert len(files) == found[0]["total_files"] == 203
    assert len({each["path"] for each in files}) == 203
    assert sum(each["tokens"][0] for each in files) == found[0]["totals"][0]["tokens"]


def test_chunks_in_pages(server: Server, root: Path) -> None:
    text = "A sentence of some words. " * 400
    (root / "long.txt").write_text(text)
    found = [*pages(server, "chunk", path="long.txt", chunk_size=60, max_tokens=500)]
    chunks = [each for page in found for each in page["chunks"]]
    assert "".join(each["text"] for each in chunks) == text
    assert [each["index"] for each in chunks] == [*range(found[0]["total_chunks"])]
    message = error_of(server, "chunk", path="long.txt", chunk_size=400, max_tokens=100)
    assert "too small: the next one has" in message and "hint: raise max_tokens to" in message


def test_a_change_between_two_pages_is_told(server: Server, root: Path) -> None:
    how: dict[str, Any] = {"paths": ["."], "budget": 3000, "max_tokens": 200}
    first = ask(server, "pack", **how)
    (root / "README.md").write_text("Other words")
    kept = ask(server, "pack", **how, cursor=first["next_cursor"])  # of the answer as it was
    assert kept["tokens"] == first["tokens"]
    server._pages._kept.clear()
    message = error_of(server, "pack", **how, cursor=first["next_cursor"])
    assert "what was read changed" in message
