"""Finding secrets in documents, and replacing them wherever they occur."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from ctxtools.packing.secrets.names import Span, by_name
from ctxtools.packing.secrets.patterns import find_certain
from ctxtools.packing.secrets.plugins import Plugins

# A secret is replaced wherever it occurs, if it cannot be a common word.
_TELLING = 12  # characters
_MAX_VALUES = 300  # of one pack that are looked for everywhere, the certain ones first


class Scanner:
    """Finds secrets, by their shapes and with the plugins of detect-secrets.

    Args:
        with_plugins: use detect-secrets, which has to be installed.
    """

    def __init__(self, *, with_plugins: bool) -> None:
        self._plugins = Plugins() if with_plugins else None

    def find(self, path: str, text: str, max_lines: int | None = None) -> tuple[list[Span], int]:
        """The secrets in a document, in order; none overlaps another. And how many lines plugins
        looked at, which stop after ``max_lines``."""
        found = list(find_certain(text))
        if self._plugins is None:
            return merged(found), 0
        before = self._plugins.lines
        limit = None if max_lines is None else before + max_lines
        found += self._plugins.find(path, text, limit)
        return merged(found), self._plugins.lines - before


def merged(spans: Iterable[Span]) -> list[Span]:
    """Spans in order, those that overlap as one, which is called by the most certain of them."""
    found: list[Span] = []
    for span in sorted(spans):
        if found and span.start < found[-1].end:
            last = found[-1]
            best = max(last, span, key=lambda each: (each.certain, each.end - each.start))
            end = max(last.end, span.end)
            found[-1] = Span(last.start, end, best.kind, best.certain)
        else:
            found.append(span)
    return found


def whole(path: str, text: str, spans: list[Span]) -> list[Span]:
    """The whole content of a file whose name says that it is a secret, else the spans."""
    kind = by_name(path)
    if kind is None or not text.strip() or (kind == "Private Key" and spans):
        return spans
    return [Span(len(text) - len(text.lstrip()), len(text.rstrip()), kind)]


def redact(
    texts: Sequence[str], found: Sequence[Sequence[Span]], *, keep_lines: bool = False
) -> list[tuple[str, list[Span]]]:
    """Texts in which each secret is replaced by what it looks like: ``[redacted: GitHub Token]``.

    A secret that was found in one place is replaced in every text.

    Args:
        texts: of the documents.
        found: the secrets in each.
        keep_lines: keep the line breaks in a secret, so that lines keep their numbers.

    Returns:
        For each, its new text, and what was replaced in the old one.
    """
    values: dict[str, Span] = {}
    for text, spans in zip(texts, found, strict=True):
        for span in spans:
            value = text[span.start : span.end]
            if len(value) >= _TELLING and "\n" not in value:
                values.setdefault(value, span)
    telling = sorted(values, key=lambda value: not values[value].certain)[:_MAX_VALUES]
    replaced = [
        merged([*spans, *_occurrences(text, telling, values)])
        for text, spans in zip(texts, found, strict=True)
    ]
    return [
        (_redacted(text, spans, keep_lines), spans)
        for text, spans in zip(texts, replaced, strict=True)
    ]


def _occurrences(text: str, values: Sequence[str], spans: Mapping[str, Span]) -> Iterator[Span]:
    for value in values:
        start = text.find(value)
        while start >= 0:
            yield spans[value]._replace(start=start, end=start + len(value))
            start = text.find(value, start + len(value))


def _redacted(text: str, spans: Sequence[Span], keep_lines: bool) -> str:
    parts, position = [], 0
    for span in spans:
        breaks = re.findall(r"\r?\n", text[span.start : span.end]) if keep_lines else []
        parts += [text[position : span.start], f"[redacted: {span.kind}]", *breaks]
        position = span.end
    return "".join([*parts, text[position:]])
