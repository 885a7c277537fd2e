"""Rendering: entries to text by a layout (XML, Markdown, JSON, plain text), and their tokens.

No document can be taken for two, or for the frame around them: XML and plain text choose a word
for their delimiters that no document has there, Markdown fences each document with more backticks
(or tildes) than it has in a row, and JSON escapes.
"""

import json
import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import chain
from typing import NamedTuple

from ctxtools.checks import check_choice
from ctxtools.documents.file import display_name
from ctxtools.documents.filetypes import file_type
from ctxtools.encodings import Encoding
from ctxtools.encodings.normalize import replace_surrogates
from ctxtools.packing.arguments import Form, Format

_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}
_BATCH = 32_000_000  # characters of entries that are held at once


class Entry(NamedTuple):
    """One document as it goes into a text.

    Attributes:
        source: its path or name; of a record, with its number.
        form: how much of it goes in.
        body: what goes in; "" where that is the path alone.
        piece: which piece of how many: "2 of 3"; of an excerpt, which lines.
    """

    source: str
    form: Form
    body: str = ""
    piece: str = ""

    @property
    def label(self) -> str:
        """The form in words, "" for a whole document."""
        if self.form is Form.WHOLE:
            return ""
        return f"{self.form} {self.piece}".rstrip()


class Part(NamedTuple):
    """Which part of how many a text is."""

    number: int
    of: int


class Layout(ABC):
    """How entries become a text: ``prefix + separator.join(entries) + suffix``.

    An entry is the same string whatever comes before and after it, so that costs add up, and so
    that another document at the end leaves everything before it unchanged.

    Args:
        texts: everything that may go in, so that delimiters can be chosen against it.

    Attributes:
        delimiter: matches the layout's delimiters, with their number, in the text of a document;
            None if it needs none.
        separator: what stands between two entries.
        is_empty_allowed: whether a text without any entry may be "" rather than an empty frame.
        wants_tree: whether the tree of paths is part of it in any case.
        start: matches the start of a text of this layout.
    """

    delimiter: re.Pattern[str] | None = None
    separator = ""
    is_empty_allowed = True
    wants_tree = False
    start: re.Pattern[str]

    def __init__(self, texts: Iterable[str]) -> None:
        self._suffix = _free_suffix(self.delimiter, texts) if self.delimiter else ""

    @abstractmethod
    def entry(self, index: int, entry: Entry) -> str:
        """The text of one entry; ``index`` is its number in the text, from 1."""

    @abstractmethod
    def frame(self, tree: str, part: Part | None) -> tuple[str, str]:
        """What stands before and after all entries.

        Args:
            tree: the tree of all documents' paths, or "".
            part: which part of how many this is; None where it is the only one.
        """

    def is_safe(self, body: str) -> bool:
        """Whether a document with this content cannot be taken for two, or for another one."""
        number = int(self._suffix[1:] or 1)
        found = self.delimiter.finditer(body) if self.delimiter else ()
        return all(_number(match) != number for match in found)


class Renderer:
    """Renders entries and counts them.

    Args:
        layout: how entries become a text.
        encoding: counts.
        tree: the tree of all documents' paths, or "".
        threads: how many may count; 0 is one per core.

    Attributes:
        layout, encoding: as given.
        has_tree: whether there is a tree.
        may_be_empty: whether the text without any entry is "".
    """

    def __init__(
        self, layout: Layout, encoding: Encoding, tree: str = "", threads: int = 0
    ) -> None:
        self.layout, self.encoding = layout, encoding
        self.has_tree = bool(tree)
        self.may_be_empty = layout.is_empty_allowed and not tree
        self._tree, self._threads = tree, threads

    def cost(self, entry: Entry) -> int:
        """The tokens of one entry with the separator after it, as if it were the first.

        The numbers of later entries may take a token more: costs are at most the true ones, so
        that no choice is missed; what they really add up to shows when the text is counted.
        """
        return self.encoding.count(self._with_separator(entry))

    def costs(self, entries: Iterable[Entry]) -> list[int]:
        """The cost of each of many entries, in bounded memory."""
        return [*chain.from_iterable(self.batches_of_costs(entries))]

    def batches_of_costs(self, entries: Iterable[Entry]) -> Iterator[list[int]]:
        """The same as they are counted, many at a time."""
        for batch in _batches(map(self._with_separator, entries)):
            yield self.encoding.count_batch(batch, threads=self._threads)

    def frame(self) -> tuple[str, str]:
        """What stands before all entries and after them."""
        return self.layout.frame(self._tree, None)

    def frame_cost(self, part: Part | None = None) -> int:
        """The tokens of what stands before all entries and of what stands after them."""
        return sum(map(self.encoding.count, self.layout.frame(self._tree, part)))

    def empty_cost(self, part: Part | None = None) -> int:
        """The tokens of the frame alone, which may be fewer than those of its two halves."""
        return self.encoding.count("".join(self.layout.frame(self._tree, part)))

    def render(self, entries: Iterable[Entry], part: Part | None = None) -> tuple[str, int]:
        """The text of some entries, and its tokens, counted as a whole."""
        texts = [self.layout.entry(index, entry) for index, entry in enumerate(entries, 1)]
        if not texts and self.may_be_empty:
            return "", 0
        before, after = self.layout.frame(self._tree, part)
        text = _without_surrogates(f"{before}{self.layout.separator.join(texts)}{after}")
        return text, self.encoding.count(text, threads=self._threads)

    def _with_separator(self, entry: Entry) -> str:
        return self.layout.entry(1, entry) + self.layout.separator


def _batches(texts: Iterable[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    size = 0
    for text in texts:
        batch.append(text)
        size += len(text)
        if size > _BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def make_layout(format: Format, texts: Iterable[str]) -> Layout:
    """A layout by name.

    Args:
        format: "xml", "markdown", "json" or "plain".
        texts: everything that may go in, so that delimiters can be chosen against it.

    Raises:
        UsageError: the format is unknown.
    """
    check_choice("format", format, Format)
    return _LAYOUTS[format](texts)


class XmlLayout(Layout):
    """``<document index="1" source="a.py">``, the content unchanged, ``</document>``."""

    start = re.compile(
        r"(?:<documents(?:-\d+)?(?: part=\"\d+\" of=\"\d+\")?>\n)?"
        r"<document(?:-\d+)? index=\"1\" source=\""
        r"|<documents(|-\d+)>\n(?:<tree>\n|</documents\1>)"
    )
    delimiter = re.compile(r"<\s*/?\s*documents?(?:-(\d+))?(?![\w-])", re.IGNORECASE)

    def entry(self, index: int, entry: Entry) -> str:
        tag = f"document{self._suffix}"
        form = f' form="{entry.label}"' if entry.label else ""
        start = f'<{tag} index="{index}" source="{_attribute(entry.source)}"{form}'
        if entry.form is Form.PATH:
            return f"{start}/>\n"
        return f"{start}>\n{_ended(entry.body)}</{tag}>\n"

    def frame(self, tree: str, part: Part | None) -> tuple[str, str]:
        tag = f"documents{self._suffix}"
        which = f' part="{part.number}" of="{part.of}"' if part else ""
        drawn = f"<tree>\n{_escape(tree)}</tree>\n" if tree else ""
        return f"<{tag}{which}>\n", f"{drawn}</{tag}>\n"


class MarkdownLayout(Layout):
    """A heading with the path, and the content in a fence that is longer than any inside.

    An empty line ends each entry, the last one too, so that costs add up.
    """

    start = re.compile(
        r"# Documents(?:, part \d+ of \d+)?\n\n(?:\Z|## Tree\n\n`{3,}\n"
        r"|## [^\n]*[^\s.]\.\w+(?:#\d+)?(?: \((?:path|excerpt|outline|trimmed|piece)[^)\n]*\))?\n\n"
        r"(?:`{3,}|~{3,}|##\s)|## [^\n]+\n\n(?:`{3,}|~{3,})\n)"
    )

    def entry(self, index: int, entry: Entry) -> str:
        form = f" ({entry.label})" if entry.label else ""
        heading = f"## {display_name(entry.source)}{form}\n\n"
        if entry.form is Form.PATH:
            return heading
        bar = fence(entry.body)
        kind = file_type(entry.source).language if entry.form is not Form.OUTLINE else ""
        return f"{heading}{bar}{kind}\n{_ended(entry.body)}{bar}\n\n"

    def frame(self, tree: str, part: Part | None) -> tuple[str, str]:
        which = f", part {part.number} of {part.of}" if part else ""
        bar = fence(tree)
        drawn = f"## Tree\n\n{bar}\n{tree}{bar}\n" if tree else ""
        return f"# Documents{which}\n\n", drawn


class JsonLayout(Layout):
    """One object, ``{"documents": [{"index": 1, "source": …, "content": …}]}``, one a line."""

    start = re.compile(
        r'\{(?:"part": \d+, "of": \d+, )?"documents": \[\n(?:\{"index": 1, "source": |\n\])'
    )
    separator = ",\n"
    is_empty_allowed = False

    def entry(self, index: int, entry: Entry) -> str:
        facts: dict[str, object] = {"index": index, "source": display_name(entry.source)}
        if entry.label:
            facts["form"] = entry.label
        if entry.form is not Form.PATH:
            facts["content"] = entry.body
        return json.dumps(facts, ensure_ascii=False)

    def frame(self, tree: str, part: Part | None) -> tuple[str, str]:
        which = f'"part": {part.number}, "of": {part.of}, ' if part else ""
        drawn = f',\n"tree": {json.dumps(tree, ensure_ascii=False)}' if tree else ""
        return f'{{{which}"documents": [\n', f"\n]{drawn}}}\n"


class PlainLayout(Layout):
    """A line with the path before each document, and an empty line after it."""

    start = re.compile(
        r"(?:=== documents(-\d+)?: part \d+ of \d+ ===\n)?=== document(?:-\d+)? 1: .+ ===\n"
    )
    delimiter = re.compile(r"=== documents?(?:-(\d+))?(?![\w-])", re.IGNORECASE)

    def entry(self, index: int, entry: Entry) -> str:
        form = f" ({entry.label})" if entry.label else ""
        line = f"=== document{self._suffix} {index}: {display_name(entry.source)}{form} ===\n"
        return f"{line}{_ended(entry.body)}\n" if entry.form is not Form.PATH else f"{line}\n"

    def frame(self, tree: str, part: Part | None) -> tuple[str, str]:
        bar = f"=== documents{self._suffix}"
        which = f"{bar}: part {part.number} of {part.of} ===\n" if part else ""
        return which, f"{bar}: tree ===\n{tree}" if tree else ""


_FIRST = re.compile(r'^<document(?:-\d+)? index="1" source="[^"\n]+"[^\n]*>\n', re.MULTILINE)
_LONGEST_QUESTION = 4_000  # characters, before the documents
_MOST = 0.7  # of the text
_REPORT = re.compile(r'\s*\{\s*"model":')
_LAYOUTS: dict[Format, type[Layout]] = {
    "xml": XmlLayout,
    "markdown": MarkdownLayout,
    "json": JsonLayout,
    "plain": PlainLayout,
}


def is_packed(text: str) -> bool:
    """Whether a text is a pack, by how it starts, or by documents between a question and an end.

    One whose template says how each document looks is not known.
    """
    if any(layout.start.match(text) for layout in _LAYOUTS.values()) or _is_report(text):
        return True
    if text.find("<document", 0, _LONGEST_QUESTION) < 0:  # faster than the search
        return False
    first = _FIRST.search(text, 0, _LONGEST_QUESTION)
    return first is not None and text.rfind("</document") - first.start() > _MOST * len(text)


def _is_report(text: str) -> bool:
    """Whether a text is what ``ctx pack --json`` or ``--stats`` wrote."""
    return _REPORT.match(text) is not None and all(
        f'"{key}":' in text for key in ("token_count", "documents", "omitted", "upper_bound")
    )


def fence(text: str) -> str:
    """A Markdown fence that no line of a text can close: of backticks, or of tildes if shorter.

    CommonMark 0.31, 4.5: a closing fence is at least as long as the opening one.
    """
    bars = []
    for character in "`~":
        runs = re.findall(f"{character}{{3,}}", text) if character * 3 in text else ()
        bars.append(character * (max(map(len, runs), default=2) + 1))
    return min(bars, key=len)


def _free_suffix(pattern: re.Pattern[str], texts: Iterable[str]) -> str:
    """The first of "", "-2", "-3", … with which no text has the pattern's delimiter."""
    used = set[int]()
    for text in texts:
        used.update(map(_number, pattern.finditer(text)))
    number = next(n for n in range(1, len(used) + 2) if n not in used)
    return f"-{number}" if number > 1 else ""


def _number(match: re.Match[str]) -> int:
    digits = match.group(1)
    # Numbers longer than any suffix that is tried; int() refuses some.
    return int(digits) if digits and len(digits) < 12 else 0 if digits else 1


def _ended(text: str) -> str:
    """A text that ends with a line break, so that the delimiter after it starts a line."""
    return text if not text or text.endswith("\n") else f"{text}\n"


_escape = partial(re.compile('[&<>"]').sub, lambda match: _ENTITIES[match.group()])


def _attribute(name: str) -> str:
    return _escape(display_name(name))


def _without_surrogates(text: str) -> str:
    """A text that can be written as UTF-8: lone surrogates, which count as U+FFFD, become that."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return replace_surrogates(text)
    return text
