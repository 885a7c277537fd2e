"""Lines of a view: breaks between blocks, what lines start with, and marks in them."""

from ctxtools.documents.html.writer import Writer


class Prefix:
    """What the lines of a list item or quote start with: the first one, and the others."""

    __slots__ = ("first", "is_used", "rest")

    def __init__(self, first: str, rest: str) -> None:
        self.first, self.rest, self.is_used = first, rest, False


class Mark:
    """A pair of marks around a text, such as two asterisks; written when the text is."""

    __slots__ = ("closing", "is_open", "opening")

    def __init__(self, opening: str, closing: str) -> None:
        self.opening, self.closing, self.is_open = opening, closing, False


class Lines:
    """Writes lines. Nothing is written of an empty block, an empty mark, or white space at the
    start or end of a line.

    Attributes:
        at_start: whether the next text starts a line.
        prefixes: what lines start with, the outermost first.
        marks: the pairs around the next text, the outermost first.
    """

    def __init__(self, writer: Writer) -> None:
        self.writer = writer
        self.at_start = True
        self.prefixes: list[Prefix] = []
        self.marks: list[Mark] = []
        self._breaks = 0  # line breaks before the next text, ...
        self._ending = ""  # ... and what is before these
        self._space: tuple[int, int] | None = None  # white space before it
        self._skips_space = False

    @property
    def rest(self) -> str:
        """What further lines start with."""
        return "".join(prefix.rest for prefix in self.prefixes if prefix.is_used)

    @property
    def last(self) -> str:
        """The character before the next text on its line; "" at the start, or after a blank."""
        return "" if self.at_start or self._space else self.writer.last

    def end_block(self, breaks: int) -> None:
        """The next text is after at least so many line breaks, unless it starts a list item."""
        for mark in reversed(self.marks):
            self._close(mark)
        self._space, self.at_start, self._ending = None, True, ""
        if not (self.prefixes and not self.prefixes[-1].is_used and self._breaks):
            self._breaks = max(self._breaks, breaks)

    def end_line(self, ending: str = "") -> None:
        """The next text is on a new line of the same block.

        Args:
            ending: what is before the line break.
        """
        if not self.at_start:
            self._space, self.at_start, self._breaks, self._ending = None, True, 1, ending

    def space(self, start: int, end: int) -> None:
        """White space, which is a blank if text follows on the line."""
        if not (self.at_start or self._skips_space) and self._space is None:
            self._space = start, end

    def start_cell(self) -> None:
        """No white space and no mark goes from one cell to the next."""
        for mark in reversed(self.marks):
            self._close(mark)
        self._space, self._skips_space = None, True

    def begin(self, at: int) -> None:
        """Something visible of the document at an offset follows."""
        writer = self.writer
        if self.at_start:
            if writer.length and self._breaks:
                writer.separate(
                    self._ending + "\n" + f"{self.rest.rstrip()}\n" * (self._breaks - 1)
                )
            self._breaks, self.at_start = 0, False
            start = "".join(self._start_of(prefix) for prefix in self.prefixes)
            if start:
                writer.put(start, at, at)
        elif self._space:
            first, last = self._space
            if last == first + 1:
                writer.copy(first, last, " ")
            else:
                writer.put(" ", first, last)
        self._space, self._skips_space = None, False
        for mark in self.marks:
            if not mark.is_open:
                mark.is_open = True
                writer.put(mark.opening, at, at)

    def close(self, mark: Mark) -> None:
        """A mark ends, and those inside it."""
        while self.marks:
            last = self.marks.pop()
            self._close(last)
            if last is mark:
                break

    def _close(self, mark: Mark) -> None:
        if mark.is_open:
            self.writer.separate(mark.closing)
            mark.is_open = False

    def _start_of(self, prefix: Prefix) -> str:
        start = prefix.rest if prefix.is_used else prefix.first
        prefix.is_used = True
        return start
