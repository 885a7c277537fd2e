"""Finding secrets in documents, or remembering what was found: never what a secret is.

Of a text that was searched before, by the same path, the offsets are known. Then nothing of what
finds them is imported, which takes as long as packing a few hundred files.
"""

from importlib.util import find_spec
from typing import TYPE_CHECKING

from ctxtools.errors import missing_extra
from ctxtools.packing.cache import Json, Known
from ctxtools.packing.secrets.names import Span

if TYPE_CHECKING:
    from ctxtools.packing.secrets.scan import Scanner

_MAX_LINES = 5_000  # that plugins look at where nothing is replaced: one or two seconds


class Finder:
    """Finds secrets, by their shapes and with the plugins of detect-secrets.

    Args:
        complete: look at every line, and insist on detect-secrets. Otherwise it is used if it is
            installed, for as long as that takes no more than some seconds.
        known: what is known of the texts.

    Raises:
        MissingExtraError: detect-secrets is not installed, and it was asked for.
    """

    def __init__(self, *, complete: bool, known: Known) -> None:
        self._max_lines = None if complete else _MAX_LINES
        self._known = known
        self._has_plugins = find_spec("detect_secrets") is not None
        if complete and not self._has_plugins:
            raise missing_extra("finding secrets", "detect-secrets", "secrets")
        self._lines = 0  # that plugins looked at, now or when that was remembered
        self._scanner: Scanner | None = None

    @property
    def is_cut_short(self) -> bool:
        """Whether there were more lines than could be looked at; shapes are always looked for."""
        return self._has_plugins and self._max_lines is not None and self._lines >= self._max_lines

    def find(self, path: str, text: str) -> list[Span]:
        """The secrets in a document, in order; none overlaps another."""
        kind = f"{'secrets' if self._has_plugins else 'certain secrets'} in {path}"
        found = _read(self._known.get(kind, text), len(text))
        if found is not None and self._is_allowed(self._lines + found[0]):
            self._lines += found[0]
            return found[1]
        if self._scanner is None:
            from ctxtools.packing.secrets.scan import Scanner

            self._scanner = Scanner(with_plugins=self._has_plugins)
        allowed = None if self._max_lines is None else max(self._max_lines - self._lines, 0)
        spans, lines = self._scanner.find(path, text, allowed)
        self._lines += lines
        if self._is_allowed(self._lines):
            self._known.put(kind, text, [lines, *map(list, spans)])
        return spans

    def _is_allowed(self, lines: int) -> bool:
        """Whether a search that looked at so many lines was not cut short."""
        return self._max_lines is None or lines < self._max_lines


def _read(value: Json, length: int) -> tuple[int, list[Span]] | None:
    """The lines and spans that were remembered of a text; None where they are not that."""
    match value:
        case [int(lines), *spans] if lines >= 0:
            found = []
            for each in spans:
                match each:
                    case [int(start), int(end), str(kind), bool(certain)] if (
                        0 <= start < end <= length
                    ):
                        found.append(Span(start, end, kind, certain))
                    case _:
                        return None
            return lines, found
    return None
