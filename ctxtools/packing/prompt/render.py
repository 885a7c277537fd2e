"""The layouts: XML, Markdown, JSON and plain text.

No document can be taken for two, or for the frame around them: XML and plain text choose a word
for their delimiters that no document has there, Markdown fences each document with more backticks
(or tildes) than it has in a row, and JSON escapes.
"""

import json
import re
from collections.abc import Callable, Iterable
from functools import partial

from ctxtools.documents.filetypes import file_type
from ctxtools.errors import UsageError
from ctxtools.packing.prompt.entry import Entry, Form, Layout, Part
from ctxtools.packing.prompt.names import one_line

_TAG = re.compile(r"<\s*/?\s*documents?(?:-(\d+))?(?![\w-])", re.IGNORECASE)
_BAR = re.compile(r"=== documents?(?:-(\d+))?(?![\w-])", re.IGNORECASE)
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}


def make_layout(format: str, texts: Iterable[str]) -> Layout:
    """A layout by name.

    Args:
        format: "xml", "markdown", "json" or "plain".
        texts: everything that may go in, so that delimiters can be chosen against it.

    Raises:
        UsageError: there is no such format.
    """
    try:
        return FORMATS[format](texts)
    except KeyError:
        raise UsageError(
            f"there is no format {format!r}", hint=f"the formats are {', '.join(FORMATS)}"
        ) from None


class XmlLayout:
    """``<document index="1" source="a.py">``, the content as it is, ``</document>``."""

    separator = ""
    is_empty_allowed = True

    def __init__(self, texts: Iterable[str]) -> None:
        self._suffix = _free_suffix(_TAG, texts)

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

    def is_safe(self, body: str) -> bool:
        return _is_free(_TAG, self._suffix, body)


class MarkdownLayout:
    """A heading with the path, and the content in a fence that is longer than any inside."""

    separator = ""  # an empty line ends each entry, the last one too: so costs add up
    is_empty_allowed = True

    def __init__(self, texts: Iterable[str]) -> None:
        pass

    def entry(self, index: int, entry: Entry) -> str:
        form = f" ({entry.label})" if entry.label else ""
        heading = f"## {one_line(entry.source)}{form}\n\n"
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

    def is_safe(self, body: str) -> bool:
        return True


class JsonLayout:
    """One object, ``{"documents": [{"index": 1, "source": …, "content": …}]}``, one a line."""

    separator = ",\n"
    is_empty_allowed = False

    def __init__(self, texts: Iterable[str]) -> None:
        pass

    def entry(self, index: int, entry: Entry) -> str:
        facts: dict[str, object] = {"index": index, "source": one_line(entry.source)}
        if entry.label:
            facts["form"] = entry.label
        if entry.form is not Form.PATH:
            facts["content"] = entry.body
        return json.dumps(facts, ensure_ascii=False)

    def frame(self, tree: str, part: Part | None) -> tuple[str, str]:
        which = f'"part": {part.number}, "of": {part.of}, ' if part else ""
        drawn = f',\n"tree": {json.dumps(tree, ensure_ascii=False)}' if tree else ""
        return f'{{{which}"documents": [\n', f"\n]{drawn}}}\n"

    def is_safe(self, body: str) -> bool:
        return True


class PlainLayout:
    """A line with the path before each document, and an empty line behind it."""

    separator = ""
    is_empty_allowed = True

    def __init__(self, texts: Iterable[str]) -> None:
        self._suffix = _free_suffix(_BAR, texts)

    def entry(self, index: int, entry: Entry) -> str:
        form = f" ({entry.label})" if entry.label else ""
        line = f"=== document{self._suffix} {index}: {one_line(entry.source)}{form} ===\n"
        return f"{line}{_ended(entry.body)}\n" if entry.form is not Form.PATH else f"{line}\n"

    def frame(self, tree: str, part: Part | None) -> tuple[str, str]:
        bar = f"=== documents{self._suffix}"
        which = f"{bar}: part {part.number} of {part.of} ===\n" if part else ""
        return which, f"{bar}: tree ===\n{tree}" if tree else ""

    def is_safe(self, body: str) -> bool:
        return _is_free(_BAR, self._suffix, body)


FORMATS: dict[str, Callable[[Iterable[str]], Layout]] = {
    "xml": XmlLayout,
    "markdown": MarkdownLayout,
    "json": JsonLayout,
    "plain": PlainLayout,
}


def fence(text: str) -> str:
    """A fence of Markdown that no line of a text can close: backticks, or tildes if they are fewer.

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


def _is_free(pattern: re.Pattern[str], suffix: str, text: str) -> bool:
    number = int(suffix[1:] or 1)
    return all(_number(match) != number for match in pattern.finditer(text))


def _number(match: re.Match[str]) -> int:
    digits = match.group(1)
    # Longer numbers than there can be documents need no place in the set; int() refuses some.
    return int(digits) if digits and len(digits) < 12 else 0 if digits else 1


def _ended(text: str) -> str:
    """A text with a line break at its end, so that a delimiter is on a line of its own."""
    return text if not text or text.endswith("\n") else f"{text}\n"


_escape = partial(re.compile('[&<>"]').sub, lambda match: _ENTITIES[match.group()])


def _attribute(name: str) -> str:
    return _escape(one_line(name))
