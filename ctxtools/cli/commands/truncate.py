"""``ctx truncate``: the part of a text that keeps a limit."""

import sys
from typing import Annotated

import typer

from ctxtools.cli import options as opt


def truncate(
    path: opt.OnePath = "-",
    model: opt.Model = None,
    encoding: opt.Encoding = None,
    limit: opt.Limit = None,
    reserve: opt.Reserve = None,
    side: Annotated[
        opt.Side, typer.Option(help="What is cut off: the end (right) or the start (left).")
    ] = opt.Side.RIGHT,
    charset: opt.Charset = None,
    output: opt.Output = None,
    quiet: opt.Quiet = False,
) -> None:
    """Print as much of a text as keeps the limit, and no more."""
    from ctxtools.cli.output.console import warn
    from ctxtools.cli.single_input import read_one, write_result
    from ctxtools.cli.targets import resolve_exact
    from ctxtools.errors import UsageError
    from ctxtools.units import format_count

    column = resolve_exact(model, encoding, limit, reserve)
    if column.available is None:
        raise UsageError(f"{column.name} has no limit", hint="give a --limit or a --model")
    whole = read_one(path, charset=charset)
    text = column.encoding.truncate(whole, column.available, side=side.value)
    write_result(text.encode("utf-8", "replace"), output)
    if not quiet and len(text) < len(whole):
        cut, tokens = len(whole) - len(text), column.encoding.count(text)
        if output is None and sys.stdout.isatty() and not text.endswith("\n"):
            warn("")
        warn(
            f"cut {format_count(cut)} of {format_count(len(whole))} characters, "
            f"{format_count(tokens)} tokens are left"
        )
