"""Spans of markup that are not to be cut: tags, with what they belong to.

A start tag belongs to what follows it, an end tag to what is before it: tags with nothing but white
space between them are one span, with the word that they belong to. Such a span may be too long for
a chunk, or a block may start inside it; so the tags of a long one follow it as spans of their own.
"""

import re
from collections.abc import Sequence

from ctxtools._core.html.elements import STRUCTURE, VOID
from ctxtools._core.html.tokens import COMMENT, EMPTY, END, Token

_SPACE = " \t\n\r\f"
_MAX_WORD = 24  # characters of a word that a tag goes with
_WORD_BEFORE = re.compile(r"(?<=[\s>])[^\s<>]++\Z|\A[^\s<>]++\Z")
_WORD_AFTER = re.compile(rf"[ \t\n\r\f]{{0,200}}+[^\s<]{{1,{_MAX_WORD}}}+(?=[\s<]|\Z)")
_BEFORE_END = frozenset(_SPACE + "。！？｡．…；：，、")  # what a cut may come after
_CONTENT = VOID - {"br"}  # tags that belong to nothing
_MAX_SPACE = 200  # characters between a tag and what it belongs to
_MAX_SHORT = 12  # characters of a span that fits into any chunk

_Span = tuple[int, int]

_NONE, _ALONE, _START, _END = range(4)

# Kinds of tags one after the other that belong together.
_TOGETHER = {
    *((_NONE, kind) for kind in (_ALONE, _START, _END)),
    *((_START, _START), (_START, _ALONE), (_ALONE, _END), (_END, _END)),
}


def inline_spans(text: str, tokens: Sequence[Token]) -> list[tuple[int, int]]:
    """The spans of a document, in order; one that contains others is before them.

    Args:
        text: the document.
        tokens: its tags and comments.
    """
    spans = _Spans(text)
    n = len(tokens)
    position = tokens[0].start if tokens else 0
    empty = -1  # the number of the end tag of an element without content
    for i in range(n):
        kind, name, start, end = tokens[i]
        if start > position and text[position:start].strip(_SPACE):
            spans.finish()
        position = end
        if kind == COMMENT or i == empty:
            spans.join(start, end)
        elif kind == END or name == "br":
            spans.add(_END, start, end)
        elif kind == EMPTY or name in _CONTENT:
            spans.add(_ALONE, start, end)
        elif (
            i + 1 < n
            and tokens[i + 1][1] == name
            and tokens[i + 1][0] == END
            and not text[end : tokens[i + 1][2]].strip(_SPACE)
        ):
            empty = i + 1
            if name not in STRUCTURE:  # an anchor of what follows
                spans.finish_ends()
            spans.join(start, end)
        else:
            spans.add(_START, start, end)
    return spans.all_spans()


class _Spans:
    """The spans found so far, and tags that belong together."""

    def __init__(self, text: str) -> None:
        self.found: list[_Span] = []
        self.text = text
        self.kind = self.first = _NONE  # of the last and the first of the tags
        self.tags: list[_Span] = []
        # The last span that is in no other, which is not added yet: its end, and its tags, each
        # with its word and without.
        self.end = 0
        self.leaves: list[tuple[_Span, _Span]] = []

    def join(self, start: int, end: int) -> None:
        """A comment or an empty element, which belongs to either side."""
        self.tags.append((start, end))

    def finish_ends(self) -> None:
        """What follows does not belong to end tags."""
        if self.kind == _END:
            self.finish()

    def add(self, kind: int, start: int, end: int) -> None:
        """A tag that belongs to what is before or after it."""
        if (self.kind, kind) not in _TOGETHER:
            self.finish()
        if self.kind == _NONE:
            self.first = kind
        self.kind = kind
        self.tags.append((start, end))

    def all_spans(self) -> list[_Span]:
        """All of them, after the last tag."""
        self.finish()
        self._add_last()
        return self.found

    def finish(self) -> None:
        """The tags so far have all that belongs to them but text."""
        if not self.tags:
            return
        tags = self.tags
        start, end = tags[0][0], tags[-1][1]
        if self.first == _END:
            start = self._word_start(start)
        elif self.kind == _START:
            end = self._word_end(end)
        leaves = [(tag, tag) for tag in tags]
        if start < self.end:  # both have the same word
            self.leaves += leaves
        else:
            self._add_last()
            leaves[0] = (start, tags[0][1]), tags[0]
            leaves[-1] = (leaves[-1][0][0], end), tags[-1]
            self.leaves = leaves
        self.end = end
        self.kind, self.first, self.tags = _NONE, _NONE, []

    def _add_last(self) -> None:
        """Add the last span that is in no other, and what is in it if it is long."""
        if not self.leaves:
            return
        start = self.leaves[0][0][0]
        self.found.append((start, self.end))
        if self.end - start > _MAX_SHORT:
            self._add_inner(self.leaves, (start, self.end))
        self.leaves = []

    def _add_inner(self, leaves: Sequence[tuple[_Span, _Span]], outer: _Span) -> None:
        """Add each half of the tags in a span, which may fit where the span does not."""
        if len(leaves) == 1:
            self.found += [span for span in dict.fromkeys(leaves[0]) if span != outer]
            return
        middle = len(leaves) // 2
        for half in (leaves[:middle], leaves[middle:]):
            span = half[0][0][0], half[-1][0][1]
            if len(half) > 1:
                self.found.append(span)
                self._add_inner(half, span)
            else:
                self._add_inner(half, outer)

    def _word_start(self, tag: int) -> int:
        """Where the word before an end tag starts, if it is short and near; else the character
        before the tag, if a cut may come after that."""
        before = self.text[max(tag - _MAX_SPACE, 0) : tag]
        visible = before.rstrip(_SPACE)
        word = _WORD_BEFORE.search(visible, max(len(visible) - _MAX_WORD - 1, 0))
        if word:
            return tag - len(before) + word.start()
        is_after = before[-1:] in _BEFORE_END and visible[-1:] not in ("", ">")
        return tag - len(before) + len(visible) - 1 if is_after else tag

    def _word_end(self, tag: int) -> int:
        """Where the word after a start tag ends, if it is short and near; else the first character
        after the tag, if white space is between."""
        if word := _WORD_AFTER.match(self.text, tag):
            return word.end()
        after = self.text[tag : tag + _MAX_SPACE]
        visible = after.lstrip(_SPACE)
        is_before = len(visible) < len(after) and visible[:1] not in ("", "<")
        return tag + len(after) - len(visible) + 1 if is_before else tag
