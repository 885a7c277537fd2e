"""Components of Vue, Svelte and Astro: their script, markup and style, each in its own language.

A part is a section, titled by the name of its tag. What no tag is around, as in Svelte, is markup.
The opening tag belongs to the first block of a part, the closing one to the last.

- Vue: https://vuejs.org/api/sfc-spec.html
- Svelte: https://svelte.dev/docs/svelte/svelte-files
- Astro, with its script between two lines of ``---``:
  https://docs.astro.build/en/basics/astro-components/
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from ctxtools._core.html.tokens import END, START, attributes, tokens
from ctxtools._core.types import Strength
from ctxtools.chunking.block import Block, Parsed
from ctxtools.chunking.formats.parts import ending_at, parse_part, starting_at
from ctxtools.documents.filetypes import language_format

# What a tag holds if it does not say: of Vue all outermost tags are parts, of the others these two.
_LANGUAGES = {"script": "javascript", "style": "css", "template": "html", "docs": "markdown"}
_LANGUAGES |= {"i18n": "json"}
_RAW = {"script", "style"}
_FENCE = re.compile(r"\s*+---[ \t]*+\r?\n")
_FENCE_END = re.compile(r"^---[ \t]*+(?:\r?\n|\Z)", re.MULTILINE)
_TEMPLATE = re.compile(r"(</?)template\b")
_TEXT = re.compile(r"\S")


class _Part(NamedTuple):
    """A part: its span with its tags, that of what is in it, its title and its language."""

    start: int
    end: int
    inner_start: int
    inner_end: int
    title: str
    language: str


def parse(text: str, format: str) -> Parsed:
    """The parts of a component, with the blocks in them."""
    blocks: list[Block] = []
    inline: list[tuple[int, int]] = []
    notes: dict[str, None] = {}
    for start, end, first, last, title, language in _with_markup(text, [*_parts(text, format)]):
        # A template in Vue's markup is none that a browser leaves out; the name is as long.
        source = _TEMPLATE.sub(r"\1fragment", text[first:last]) if title == "template" else ""
        source = source or text[first:last]
        found = parse_part(source, language_format(language), first, 1)
        inline += found.inline
        notes.update(dict.fromkeys(found.notes))
        children = [*found.blocks]
        if children:
            children[0] = starting_at(children[0], start)
            children[-1] = ending_at(children[-1], end)
        strength = Strength.SECTION
        blocks.append(Block(start, end, "section", strength, title, children=tuple(children)))
    return Parsed(tuple(blocks), inline, tuple(notes))


def _parts(text: str, format: str) -> Iterator[_Part]:
    """The parts that have tags, in order."""
    position = 0
    if format == "astro" and (fence := _FENCE.match(text)):
        closing = _FENCE_END.search(text, fence.end())
        if closing:
            position = closing.end()
            yield _Part(0, position, fence.end(), closing.start(), "script", "typescript")
    opening, depth, name = None, 0, ""
    for token in tokens(text, position):
        if opening is None:
            if token.kind == START and (format == "vue" or token.name in _RAW):
                opening, depth, name = token, 1, token.name
            continue
        if token.name != name:
            continue
        depth += (token.kind == START) - (token.kind == END)
        if not depth and token.kind == END:
            language = attributes(text, opening.start, opening.end).get("lang")
            yield _Part(
                opening.start,
                token.end,
                opening.end,
                token.start,
                name,
                language or _LANGUAGES.get(name, "text"),
            )
            opening = None


def _with_markup(text: str, parts: list[_Part]) -> list[_Part]:
    """Parts, with what is between them; white space belongs to the one before."""
    found: list[_Part] = []
    position = 0
    for part in (*parts, None):
        start = part.start if part else len(text)
        if _TEXT.search(text, position, start):
            found.append(_Part(position, start, position, start, "", "html"))
        elif found:
            found[-1] = found[-1]._replace(end=start)
        if part:
            found.append(part)
            position = part.end
    return found
