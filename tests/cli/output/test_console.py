"""Tables: what is written to a pipe is what rich would draw."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from ctxtools.cli.output.console import console, draw, draw_rows, row_console, table
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
    pipe = row_console(file=file)
    assert not isinstance(pipe, Console)
    draw_rows(pipe, ["Tokens", "Share", "Path"], rows, total, left=["Share", "Path"])
    assert file.getvalue() == drawn_by_rich(rows, total)


@given(CELLS.map(one_line))
def test_a_pipe_gets_the_lines_that_rich_prints(line: str) -> None:
    plain, drawn = io.StringIO(), io.StringIO()
    row_console(file=plain).print(line)
    console(file=drawn).print(line)
    assert plain.getvalue() == drawn.getvalue()


@pytest.mark.parametrize("variable", ["FORCE_COLOR", "TTY_COMPATIBLE"])
def test_a_pipe_may_be_taken_for_a_terminal(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(variable, raising=False)
    assert not row_console(file=io.StringIO()).is_terminal
    assert row_console("always", file=io.StringIO()).is_terminal
    monkeypatch.setenv(variable, "1")
    assert row_console(file=io.StringIO()).is_terminal
