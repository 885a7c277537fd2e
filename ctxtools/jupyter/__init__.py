"""What results look like in Jupyter: small tables of HTML, escaped, without scripts or styles of
their own but for how cells are aligned."""

from collections.abc import Collection, Iterable, Sequence
from html import escape
from itertools import islice

from ctxtools.escape import one_line, visible

_ROWS = 20  # that are shown


def html_table(
    caption: str,
    headings: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    numbers: Collection[int] = (),
) -> str:
    """A table; of many rows the first, and how many there are.

    Args:
        caption: a line above it.
        headings: of the columns.
        rows: their cells; numbers of type int have separators between thousands.
        numbers: which columns are aligned to the right.
    """

    def row(tag: str, cells: Iterable[object]) -> str:
        sides = ("right" if at in numbers else "left" for at in range(len(headings)))
        return "".join(
            f'<{tag} style="text-align: {side}">{_shown(each)}</{tag}>'
            for side, each in zip(sides, cells, strict=True)
        )

    remaining = iter(rows)
    shown = [*islice(remaining, _ROWS)]
    rest = sum(1 for _ in remaining)
    lines = [
        "<table>",
        f'<caption style="text-align: left">{_shown(caption)}</caption>' if caption else "",
        f"<thead><tr>{row('th', headings)}</tr></thead>",
        "<tbody>",
        *(f"<tr>{row('td', each)}</tr>" for each in shown),
        "</tbody>",
    ]
    if rest > 0:
        more = f"… {rest:,} more"
        lines.append(f'<tfoot><tr><td colspan="{len(headings)}">{more}</td></tr></tfoot>')
    return "\n".join([*lines, "</table>"])


def html_text(text: str, characters: int = 2_000) -> str:
    """A text as it is, its beginning if it is long.

    Args:
        text: any text.
        characters: the most that are shown.
    """
    shown = text if len(text) <= characters else f"{text[:characters]}…"
    return f'<pre style="white-space: pre-wrap">{escape(visible(shown))}</pre>'


def _shown(value: object) -> str:
    if type(value) is int:
        return f"{value:,}"
    return "" if value is None else escape(one_line(str(value)))
