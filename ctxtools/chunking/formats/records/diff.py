"""Diffs and patches: files, and their hunks, each of which repeats the head of its file.

Unified diffs, those of merges (``@@@``) and context diffs; mails and logs of Git with a diff in
each. How long a hunk is follows from its first line, so that a deleted line that starts with ``--``
is no head.
"""

import re

from ctxtools._core.types import Strength
from ctxtools.chunking.block import Block, Parsed, short_title
from ctxtools.chunking.formats.lines import lines_of, one_line, without_mark
from ctxtools.chunking.formats.sections import SectionBuilder
from ctxtools.possessive import compile_pattern

_HUNK = re.compile(r"@@ -\d++(?:,(\d++))? \+\d++(?:,(\d++))? @@")
_MERGED = re.compile(r"@@@++ ")
_CONTEXT = re.compile(r"\*{15,}+")
_HEAD = re.compile(r"(?:diff -|Index: |diff \S)")
_PATH = compile_pattern(r"(?:\+\+\+|---|\*\*\*) (?:\"((?:[^\"\\]|\\.)++)\"|([^\t]++))")
_GIT = re.compile(r"diff --(?:git \"?a/(.+?)\"? \"?b/|cc |combined )(.+?)\"?\Z")
_SUBJECT = re.compile(r"Subject: (?:\[[^\]]*+\] )?(.*+)")
_COMMIT = re.compile(r"commit ([0-9a-f]{7,64})\b")


def parse(text: str, format: str = "diff") -> Parsed:
    """The files of a diff, in the commits that they are of."""
    return Parsed(_Parser(text).blocks())


_MAX_HEAD = 2000  # characters that are repeated


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._lines = lines_of(text, without_mark(text))
        # White space at the end of a line matters here: a line of context may be a space alone.
        self._texts, self._starts = self._lines
        self._builder = SectionBuilder()
        self._level = 1  # of a file

    def blocks(self) -> tuple[Block, ...]:
        texts, end = self._texts, len(self._texts)
        i = first = 0
        while i < end:
            if not self._is_head(i):
                i += 1
                continue
            self._between(first, i)
            i = first = self._file(i)
        if first:
            self._between(first, end)
        return self._builder.blocks(self._starts[len(texts)])

    def _is_head(self, i: int) -> bool:
        """Whether the head of a file starts at a line."""
        line = self._texts[i]
        if line[:4] in ("diff", "Inde"):
            return bool(_HEAD.match(line))
        following = self._texts[i + 1] if i + 1 < len(self._texts) else ""
        if line.startswith("--- "):
            return following.startswith("+++ ")
        return line.startswith("*** ") and following.startswith("--- ")

    def _is_next(self, i: int) -> bool:
        """Whether the next file starts at a line, although a hunk says that it is longer."""
        lines = self._texts[i : i + 3]
        starts = ("--- ", "+++ ", "@@ -")
        return len(lines) == 3 and all(
            line.startswith(start) for line, start in zip(lines, starts, strict=True)
        )

    def _between(self, first: int, end: int) -> None:
        """What is between two diffs: the message of a commit."""
        first, last = self._lines.next_filled(first, end), self._lines.last_filled(first, end)
        if first < last and self._texts[first] == "--":  # a signature, of the mail before
            stop = min(first + 2, last)
            self._builder.add(
                self._starts[first], self._starts[stop], "metadata", strength=Strength.NONE
            )
            first = self._lines.next_filled(stop, last)
        if first >= last:
            return
        title = self._title(first, last)
        if title:
            self._builder.open(self._starts[first], 1, title)
            self._level = 2
        self._builder.add(self._starts[first], self._starts[last], "metadata", atomic=True)

    def _title(self, first: int, last: int) -> str:
        """The subject of a mail, or the first line of the message of a commit."""
        commit = ""
        for i in range(first, last):
            line = self._texts[i]
            if subject := _SUBJECT.match(line):
                return short_title(one_line(subject[1]))
            if found := _COMMIT.match(line):
                commit = found[1][:10]
            elif commit and line.startswith("    "):
                return short_title(one_line(f"{commit} {line}"))
        return commit

    def _file(self, i: int) -> int:
        """Add a file; returns the line after it."""
        texts, starts, end = self._texts, self._starts, len(self._texts)
        start, path = i, ""
        while i < end and not self._starts_hunk(i) and self._is_in_head(i, start):
            path = self._path(texts[i], path)
            i += 1
        head_end = self._lines.last_filled(start + 1, i)
        hunks: list[tuple[int, int]] = []
        while i < end and self._starts_hunk(i):
            last = self._hunk_end(i)
            hunks.append((i, last))
            i = last
        head = self._text[starts[start] : starts[head_end]]
        if len(head) > _MAX_HEAD:  # each hunk repeats it
            head = ""
        from_ = starts[hunks[0][0]] if hunks else 0
        children = [Block(starts[start], starts[head_end], "metadata", Strength.NONE, atomic=True)]
        for number, (first, last) in enumerate(hunks):
            strength = Strength.PARAGRAPH if number else Strength.NONE
            children.append(self._hunk(first, last, head, strength))
        self._builder.done.append(
            Block(
                starts[start],
                starts[i],
                "section",
                Strength.SECTION,
                short_title(one_line(path)),
                repeat=head if hunks else "",
                repeat_from=from_,
                children=tuple(children),
                level=self._level,
            )
        )
        return i

    def _is_in_head(self, i: int, start: int) -> bool:
        """Whether a line belongs to the head of the file that starts at line ``start``."""
        if i == start:
            return True
        line = self._texts[i]
        if line.startswith(("diff ", "Index: ")):
            return line.startswith("diff ") and self._texts[start].startswith("Index: ")
        if line.startswith(("--- ", "+++ ", "*** ")):
            return not self._is_head(i) or not self._texts[start].startswith(("--- ", "*** "))
        return bool(_IN_HEAD.match(line))

    def _path(self, line: str, path: str) -> str:
        """The path that a line of a head names, if it is better than that which is known."""
        if found := _GIT.match(line):
            return found[2]
        if line.startswith(("+++ ", "--- ", "*** ")) and (found := _PATH.match(line)):
            name = found[1] or found[2].rstrip()
            name = name[2:] if name[:2] in ("a/", "b/", "i/", "w/", "c/") else name
            if name != "/dev/null" and (not path or line[0] == "+"):
                return name
        elif line.startswith("Index: "):
            return line[7:]
        return path

    def _starts_hunk(self, i: int) -> bool:
        line = self._texts[i]
        return line[:2] in ("@@", "**") and bool(
            _HUNK.match(line) or _MERGED.match(line) or _CONTEXT.match(line)
        )

    def _hunk_end(self, i: int) -> int:
        """The line after a hunk."""
        texts, end = self._texts, len(self._texts)
        counts = _HUNK.match(texts[i])
        i += 1
        if not counts:
            signs = " +-\\!*"
            while i < end and not self._starts_hunk(i):
                if not texts[i] or texts[i][0] not in signs or (self._is_head(i)):
                    break
                i += 1
            return i
        old, new = int(counts[1] or 1), int(counts[2] or 1)
        while i < end and (old > 0 or new > 0):
            sign = texts[i][:1]
            if sign not in ("", " ", "+", "-", "\\", "\t"):
                return i
            # With one line each to come, these are the two of them: "-- a" was deleted.
            if sign == "-" and (old, new) != (1, 1) and self._is_next(i):
                return i
            old -= sign not in ("+", "\\")
            new -= sign not in ("-", "\\")
            i += 1
        if i < end and texts[i].startswith("\\"):
            i += 1
        return i

    def _hunk(self, first: int, last: int, head: str, strength: Strength) -> Block:
        """The block of a hunk. In it, lines that are changed together stay together."""
        texts, starts = self._texts, self._starts
        children: list[Block] = []
        begin = first + 1
        for i in range(first + 2, last + 1):
            if i < last and (texts[i][:1] in _CHANGED) == (texts[i - 1][:1] in _CHANGED):
                continue
            changed = texts[i - 1][:1] in _CHANGED
            better = Strength.LINE if changed else Strength.SENTENCE
            children.append(
                Block(
                    starts[begin],
                    starts[i],
                    "code",
                    better if children else Strength.NONE,
                    atomic=True,
                )
            )
            begin = i
        return Block(
            starts[first],
            starts[last],
            "code",
            strength,
            short_title(one_line(texts[first])),
            atomic=True,
            repeat=head + self._text[starts[first] : starts[first + 1]][:_MAX_HEAD],
            repeat_from=starts[first + 1],
            children=tuple(children),
        )


_CHANGED = frozenset("+-!\\")
_IN_HEAD = re.compile(
    r"(?:diff |Index: |=====|index |old mode |new mode |deleted file |new file |copy from |copy to "
    r"|rename from |rename to |similarity index |dissimilarity index |mode |Binary files "
    r"|GIT binary|literal \d|delta \d|[A-Za-z][0-9A-Za-z!#$%&()*+;<=>?@^_`{|}~-]{5,65}\Z"
    r"|Only in |\Z)"
)
