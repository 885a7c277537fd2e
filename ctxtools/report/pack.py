"""The page of a pack: what became of each document, and the text that came of them."""

from collections.abc import Iterable, Sequence
from types import NoneType
from typing import Any

from ctxtools.checks import check_list, check_type
from ctxtools.documents import Skipped
from ctxtools.documents.file import display_name
from ctxtools.errors import UsageError
from ctxtools.escape import one_line
from ctxtools.packing import Form, Pack
from ctxtools.report.columns import CountColumn, column_data
from ctxtools.report.folders import Folders
from ctxtools.report.page import render_page, shown_notes, skipped_data
from ctxtools.report.texts import TextLimit

# As the script of the page numbers them; the last is what did not go in.
_FORMS = (Form.WHOLE, Form.EXCERPT, Form.OUTLINE, Form.TRIMMED, Form.PATH, Form.PIECE)
_OMITTED = len(_FORMS)
_MAX_LIMIT = 2**53  # above is no limit, and not a number of JavaScript


def pack_page(
    packs: Pack | Sequence[Pack],
    *,
    column: CountColumn | None = None,
    skipped: Iterable[Skipped] = (),
    notes: Iterable[str] | None = None,
    title: str = "",
) -> str:
    """A page that shows which form of each document a pack has, why, and its text.

    Args:
        packs: one pack, or those of all parts.
        column: what was packed for; None is the encoding and the limit of the packs.
        skipped: files that were not read.
        notes: remarks; None takes those of the packs.
        title: of the page.

    Returns:
        HTML, complete in itself; see `save_report`.

    Raises:
        UsageError: an argument is of the wrong type, or there is no pack.
    """
    check_type("title", title, str)
    packs = [packs] if isinstance(packs, Pack) else packs
    check_list("packs", packs, "Pack")
    packs = [*packs]
    check_type("column", column, CountColumn, NoneType)
    for each in packs:
        check_type("a pack", each, Pack)
    if not packs:
        raise UsageError("packs is empty: there is nothing to show")
    table = _Table()
    for number, pack in enumerate(packs):
        table.add(pack, number)
    if notes is None:
        notes = [note for pack in packs for note in pack.notes]
    texts = TextLimit()
    data = {
        "title": one_line(title),
        "column": _column(packs, column),
        "parts": [_part(pack, texts) for pack in packs],
        **table.as_data(),
        "secrets": [
            f"{each.location}: {one_line(each.kind)}{', replaced' if each.redacted else ''}"
            for pack in packs
            for each in pack.secrets
        ],
        "skipped": skipped_data(skipped),
        "notes": shown_notes(notes),
    }
    return render_page("pack", "Pack", data, parts=("tree", "map", "table", "files"))


def _column(packs: Sequence[Pack], column: CountColumn | None) -> dict[str, Any]:
    tokens = sum(pack.token_count for pack in packs)
    if column is None:
        limit = packs[0].limit if len(packs) == 1 and packs[0].limit < _MAX_LIMIT else None
        column = CountColumn(packs[0].encoding or "tokens", limit)
    facts = column_data(column, tokens)
    counted = ""
    if facts["inexact"]:
        counted = f"Counted in {one_line(packs[0].encoding)}, which the estimate is made from."
    return {**facts, "counted": counted}


def _part(pack: Pack, texts: TextLimit) -> dict[str, Any]:
    text = texts.take(pack.text)
    return {
        "tokens": pack.token_count,
        "limit": pack.limit if pack.limit < _MAX_LIMIT else None,
        "value": pack.value,
        "bound": pack.upper_bound,
        "characters": len(pack.text),
        "text": text,
        "isCut": len(text) < len(pack.text),
    }


class _Table:
    """The documents of packs, as the page has them."""

    def __init__(self) -> None:
        self._folders = Folders()
        self._rows: list[tuple[str, int, int, int, int | None, float]] = []
        self._parts: dict[int, int] = {}
        self._pinned: dict[int, bool] = {}
        self._lines: dict[int, list[tuple[int, int]]] = {}
        self._reasons: dict[int, str] = {}

    def add(self, pack: Pack, part: int) -> None:
        """Add the documents of a part; what was omitted is the same in each."""
        formulas = {each.path: each.formula for each in pack.explanations}
        for each in pack.documents:
            number = self._add(
                each.path,
                _FORMS.index(each.form),
                each.token_count,
                # Pieces of one document are not as many whole ones.
                (each.form != Form.PIECE and each.of_tokens) or each.token_count,
                each.value,
            )
            self._parts[number] = part
            if each.pinned:
                self._pinned[number] = True
            if each.spans:
                self._lines[number] = [*each.spans]
            if formula := formulas.get(each.path):
                self._reasons[number] = one_line(formula)
        if part == 0:
            for left in pack.omitted:
                number = self._add(left.path, _OMITTED, 0, left.token_count, 0.0)
                self._reasons[number] = one_line(left.reason)

    def _add(self, path: str, form: int, tokens: int, whole: int | None, value: float) -> int:
        folder, name = self._folders.add(display_name(path))
        self._rows.append((name, folder, form, tokens, whole, round(value, 6)))
        return len(self._rows) - 1

    def as_data(self) -> dict[str, Any]:
        """Folders and documents, for JSON."""
        names = ("name", "folder", "form", "tokens", "whole", "value")
        columns = zip(*self._rows, strict=True) if self._rows else ((),) * len(names)
        return {
            "folders": self._folders.as_data(),
            "files": {
                **dict(zip(names, columns, strict=True)),
                "part": self._parts,
                "pinned": self._pinned,
                "lines": self._lines,
                "reason": self._reasons,
            },
        }
