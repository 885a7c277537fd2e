"""Where the lines of code start and end, for blocks that consist of entire ones."""

import re

_BEFORE = b" \t_abcdefghijklmnopqrstuvwxyz"
# What may follow a statement on its line, and belongs to it.
_NOT_SEPARATOR = re.compile(rb"[^ \t;,]")
# The end of a line that has no words after it, as between the paragraphs of a comment.
_NO_WORDS = re.compile(rb"\n[^\w\x80-\xff\n]*+(?=\n)")


class Lines:
    """Finds the ends of lines.

    Args:
        data: the text in UTF-8.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        # The last run of white space and separators; in ";;;;" each character is a statement.
        self._separators = (0, -1)

    def start(self, offset: int, min_start: int) -> int:
        """The start of the line, if only white space or words are between, as before what some
        grammars have outside: ``pub``. It is not before ``min_start``."""
        start = offset
        while start > min_start and self._data[start - 1] in _BEFORE:
            start -= 1
        return start if start == min_start or self._data[start - 1] in b"\r\n" else offset

    def end(self, offset: int, max_end: int) -> int:
        """The end of the line, if only white space and separators are between."""
        first, end = self._separators
        if not first <= offset <= end:
            found = _NOT_SEPARATOR.search(self._data, offset)
            end = found.start() if found else len(self._data)
            self._separators = offset, end
        if end >= max_end:
            return max_end
        if self._data.startswith(b"\r\n", end):
            return min(end + 2, max_end)
        return end + 1 if self._data[end] in b"\r\n" else offset

    def trimmed(self, start: int, end: int) -> int:
        """The end of a node without white space: some include the line break."""
        while end > start and self._data[end - 1] in b" \t\r\n":
            end -= 1
        return end

    def breaks(self, start: int, end: int) -> int:
        """The number of line breaks between two offsets."""
        return self._data.count(b"\n", start, end)

    def paragraphs(self, start: int, end: int) -> list[int]:
        """Where the paragraphs of a comment start, the first one too."""
        return [start, *(m.end() + 1 for m in _NO_WORDS.finditer(self._data, start, end - 1))]
