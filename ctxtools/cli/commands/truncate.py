"""``ctx truncate``: as much of a text as fits a limit."""

import sys
from typing import Annotated

import typer

from ctxtools.cli import options as opt
from ctxtools.encodings.engines.backend import Side


def truncate(
    path: opt.OnePath = "-",
    model: opt.Model = None,
    encoding: opt.Encoding = None,
    limit: opt.Limit = None,
    reserve: opt.Reserve = None,
    side: Annotated[
        Side, typer.Option(help="Which side is cut off: the end (right) or the start (left).")
    ] = "right",
    charset: opt.Charset = None,
    output: opt.Output = None,
    quiet: opt.Quiet = False,
) -> None:
    """Print as much of a text as fits the limit."""
    from ctxtools.cli.inputs import read_one
    from ctxtools.cli.output.console import warn
    from ctxtools.cli.output.files import write_result
    from ctxtools.cli.targets import resolve_exact
    from ctxtools.units import format_count

    target = resolve_exact(model, encoding, limit, reserve)
    limit_of_tokens = target.require_limit()
    whole = read_one(path, charset=charset)
    text = target.encoding.truncate(whole, limit_of_tokens, side=side)
    write_result(text.encode("utf-8", "replace"), output)
    if not quiet and len(text) < len(whole):
        removed, tokens = len(whole) - len(text), target.encoding.count(text)
        if output is None and sys.stdout.isatty() and not text.endswith("\n"):
            warn("")
        warn(
            f"removed {format_count(removed)} of {format_count(len(whole))} characters, "
            f"{format_count(tokens)} tokens remain"
        )
