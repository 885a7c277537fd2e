"""Diffs: files and hunks, as difflib writes them and as Git does."""

import difflib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ctxtools.chunking import Chunker
from ctxtools.chunking.formats import parse_blocks
from tests.chunking.contract import cut
from tests.chunking.formats.trees import check, sketch, walk

GIT = """\
diff --git a/a b.py b/a b.py
index 1..2 100644
--- a/a b.py\t
+++ b/a b.py\t
@@ -1,3 +1,3 @@ def f():
 one
--- two
++++ three

@@ -9 +9,2 @@
-four
+five
+six
\\ No newline at end of file
diff --git a/c b/d
similarity index 100%
rename from c
rename to d
"""


def test_files_are_sections_and_hunks_are_titled() -> None:
    blocks = parse_blocks(GIT, "diff")
    check(blocks, GIT)
    head = GIT[: GIT.index("@@")]
    assert sketch(blocks, GIT) == [
        "section SECTION <a b.py>",
        f"  metadata NONE {head!r}",
        "  code NONE <@@ -1,3 +1,3 @@ def f():>",
        "    code NONE ' one\\n'",
        "    code LINE '--- two\\n++++ three\\n'",
        "    code SENTENCE '\\n'",
        "  code PARAGRAPH <@@ -9 +9,2 @@>",
        "    code NONE '-four\\n+five\\n+six\\n\\\\ No newline at end of file\\n'",
        "section SECTION <d>",
        f"  metadata NONE {GIT[GIT.index('diff --git a/c') :]!r}",
    ]
    file = blocks[0]
    assert file.repeat == head and GIT[file.body :].startswith("@@ -1,3")
    hunk = file.children[2]
    assert hunk.repeat == head + "@@ -9 +9,2 @@\n" and GIT[hunk.body :].startswith("-four")


def test_chunks_repeat_the_head_of_the_file_and_of_the_hunk() -> None:
    lines = "".join(f"-old line {n}\n+new line {n}\n line {n}\n" for n in range(20))
    text = f"--- a/f\n+++ b/f\n@@ -1,40 +1,40 @@\n{lines}@@ -90 +90 @@\n-a\n+b\n"
    chunks, _ = cut(Chunker(len, 140, format="diff"), text)
    assert chunks[1].header == "--- a/f\n+++ b/f\n@@ -1,40 +1,40 @@\n"
    last = next(chunk for chunk in chunks if "@@ -90" in chunk.text)
    assert "+++ b/f\n" in last.header


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        ("Index: a\n=====\n--- a\t(1)\n+++ a\t(2)\n@@ -1 +1 @@\n-b\n+c\n", ["a", "@@ -1 +1 @@"]),
        (f"*** a\n--- b\n{'*' * 15}\n*** 1 ****\n! c\n--- 1 ----\n! d\n", ["a", "*" * 15]),
        ("diff --cc a\nindex 1,2..3\n--- a/a\n+++ b/a\n@@@ -1,2 -1,2 +1,3 @@@\n  b\n++c\n", None),
        ('--- "a/\\303\\244"\n+++ /dev/null\n@@ -1 +0,0 @@\n-b\n', ["\\303\\244", "@@ -1 +0,0 @@"]),
        ("diff --git a/a.png b/a.png\nBinary files a/a.png and b/a.png differ\n", ["a.png"]),
        ("--- a\n+++ a\n@@ -1,9 +1,9 @@\n b\n--- c\n+++ c\n@@ -1 +1 @@\n-d\n+e\n", None),
        ("text\n--- \nmore\n", []),
    ],
)
def test_other_diffs(text: str, titles: list[str] | None) -> None:
    blocks = parse_blocks(text, "diff")
    check(blocks, text)
    found = [block.title for block in walk(blocks) if block.title]
    expected = {
        "diff --cc": ["a", "@@@ -1,2 -1,2 +1,3 @@@"],
        "--- a\n+++": ["a", "@@ -1,9 +1,9 @@", "c", "@@ -1 +1 @@"],
    }
    assert found == (titles if titles is not None else expected[text[:9]])


def test_the_commits_of_a_log_and_of_mails_are_outermost() -> None:
    text = f"""\
From 1 Mon Sep 17 00:00:00 2001
Subject: [PATCH 1/2] First
 thing

---
{GIT}--{" "}
2.44.0

commit 0123456789abcdef
Author: A

    Second thing

diff --git a/e b/e
"""
    blocks = parse_blocks(text, "diff")
    check(blocks, text)
    assert [(block.title, block.level) for block in walk(blocks) if block.kind == "section"] == [
        *(("First", 1), ("a b.py", 2), ("d", 2), ("0123456789 Second thing", 1), ("e", 2))
    ]
    assert [text[b.start : b.end] for b in walk(blocks) if b.kind == "metadata"][-3:-1] == [
        "-- \n2.44.0\n",
        "commit 0123456789abcdef\nAuthor: A\n\n    Second thing\n",
    ]


_lines = st.lists(st.sampled_from(["a\n", "b\n", "-- c\n", "++ d\n", "@@ e\n", "\n", "diff f\n"]))


@given(_lines, _lines, st.integers(0, 3))
@example(["-- c\n", "a\n", "a\n"], ["++ d\n", "a\n"], 0)
def test_hunks_are_those_that_difflib_writes(old: list[str], new: list[str], context: int) -> None:
    written = list(difflib.unified_diff(old, new, "a/f", "b/f", n=context))
    text = "".join(line if line.endswith("\n") else line + "\n" for line in written)
    blocks = parse_blocks(text, "diff")
    check(blocks, text)
    hunks = [b for b in walk(blocks) if b.title.startswith("@@")]
    assert len(hunks) == sum(line.startswith("@@ -") for line in written)
    assert "".join(text[b.start : b.end] for b in hunks) == "".join(written[2:])
