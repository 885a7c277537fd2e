"""Notebooks, as `ctxtools.documents.readers.notebook` writes them: each cell follows its mark.

The headings of Markdown cells rule all that follows, as in one document. A code cell is an atomic
block, with the functions and statements of its language inside; its output is plain text.
"""

import re
from itertools import pairwise

from ctxtools._core.types import Strength
from ctxtools.chunking.block import Block, OpenSection, Parsed, close_sections
from ctxtools.chunking.formats import parse as parse_as
from ctxtools.chunking.formats.parts import parse_part, starting_at
from ctxtools.documents.filetypes import language_format
from ctxtools.documents.readers.notebook import CELL

# Commands to the notebook and the shell, in the place of a statement; %%name says what the rest of
# the cell is (https://ipython.readthedocs.io/en/stable/interactive/magics.html).
_COMMAND = re.compile(r"^([ \t]*+)[%!?]", re.MULTILINE)
_CELL_COMMAND = re.compile(r"%%([A-Za-z]++)[^\n]*+\n")
_LANGUAGES = {"script": "bash", "system": "bash", "svg": "xml", "writefile": "text", "file": "text"}
_NAMED = {"bash", "html", "javascript", "js", "latex", "markdown", "perl", "R", "ruby", "sh", "sql"}

_LEVELS = 6  # of headings


def parse(text: str, format: str = "notebook") -> Parsed:
    """The cells of a notebook.

    A text without cells is what the reader did not take for a notebook, or its JSON.

    Raises:
        FormatError: it is JSON, and wrong.
    """
    cells = [(mark.start(), mark.end() + 1, mark[1]) for mark in CELL.finditer(text)]
    if not cells:
        return parse_as(text, "json") if text.lstrip().startswith("{") else Parsed()
    builder = _Builder(text)
    starts = [*(start for start, _, _ in cells), len(text)]
    for (start, source, kind), (_, end) in zip(cells, pairwise(starts), strict=True):
        builder.add(kind or "python", start, min(source, end), end)
    return builder.parsed()


class _Builder:
    """The outermost blocks so far, and the sections that are open."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.done: list[Block] = []
        self.sections: list[OpenSection] = []
        self.inline: list[tuple[int, int]] = []
        self.notes: dict[str, None] = {}

    def parsed(self) -> Parsed:
        close_sections(self.sections, self.done, 0, len(self.text))
        return Parsed(tuple(self.done), self.inline, tuple(self.notes))

    def add(self, kind: str, start: int, source: int, end: int) -> None:
        """Add a cell of a kind or language; ``source`` is after its mark."""
        text = self.text[source:end]
        if kind == "markdown":
            found = self._parse(text, kind, source, 0)
            first, *others = found.blocks or (Block(start, end, "text"),)
            for block in (starting_at(first, start), *others):
                self._add_block(block)
        elif kind in ("output", "raw"):
            strength = Strength.SENTENCE_LINE if kind == "output" else Strength.PARAGRAPH
            self._append(Block(start, end, "text", strength))
        else:
            children = self._code(kind, text, source).blocks
            if children:
                children = (starting_at(children[0], start), *children[1:])
            self._append(Block(start, end, "code", atomic=True, children=children))

    def _add_block(self, block: Block) -> None:
        if not block.level:
            self._append(block)
            return
        level = block.level
        is_inside = not self.sections or level > self.sections[-1][0]
        strength = Strength.NONE if is_inside and self._is_after_heading() else block.strength
        close_sections(self.sections, self.done, level, block.start)
        self.sections.append((level, block.start, block.title, strength, len(self.done)))
        for child in block.children:
            self._add_block(child)

    def _append(self, block: Block) -> None:
        if self._is_after_heading():
            block = block._replace(strength=Strength.NONE)
        self.done.append(block)

    def _is_after_heading(self) -> bool:
        return bool(self.done) and self.done[-1].kind == "heading"

    def _code(self, language: str, text: str, start: int) -> Parsed:
        if language == "python":
            command = _CELL_COMMAND.match(text)
            if command and (command[1] in _NAMED or command[1] in _LANGUAGES):
                language = _LANGUAGES.get(command[1], command[1])
                text, start = text[command.end() :], start + command.end()
            else:
                text = _COMMAND.sub(r"\1#", text)
        return self._parse(text, language_format(language), start, _LEVELS + 1)

    def _parse(self, text: str, format: str, start: int, depth: int) -> Parsed:
        found = parse_part(text, format, start, depth)
        self.inline += found.inline
        self.notes.update(dict.fromkeys(found.notes))
        return found
