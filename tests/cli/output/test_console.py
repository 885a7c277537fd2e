"""Tables: what is written to a pipe is what rich would draw."""

import io

from hypothesis import given
from hypothesis import strategies as st

from ctxtools.cli.output.console import console, draw, draw_rows, table
from ctxtools.escape import one_line

# Wide, narrow, without width, and what is made visible.
CELLS = st.text(st.sampled_from("ab 1,█▎~│├─…\t\n\x1b字é\u0301🙂"), max_size=6).map(str.strip)


def drawn_by_rich(rows: list[list[str]], total: list[str] | None) -> str:
    file = io.StringIO()
    grid = table("Tokens", "Share", "Path", left=["Share", "Path"])
    for row in rows:
        grid.add_row(*map(one_line, row))
    if total:
        grid.add_section()
        grid.add_row(*map(one_line, total))
    draw(console(file=file), grid)
    return file.getvalue()


@given(st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=1, max_size=5), st.booleans())
def test_a_pipe_gets_what_rich_draws(rows: list[list[str]], has_total: bool) -> None:
    total = ["9", "", "total"] if has_total else None
    file = io.StringIO()
    draw_rows(console(file=file), ["Tokens", "Share", "Path"], rows, total, left=["Share", "Path"])
    assert file.getvalue() == drawn_by_rich(rows, total)
