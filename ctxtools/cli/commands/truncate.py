"""``ctx truncate``: as much of a text as fits a limit."""

import sys
from typing import Annotated

from ctxtools.cli import options as opt
from ctxtools.cli.declarations import option
from ctxtools.encodings.engines.backend import Side


def truncate(
    path: opt.OnePath = "-",
    model: opt.Model = None,
    encoding: opt.Encoding = None,
    limit: opt.Limit = None,
    reserve: opt.Reserve = None,
    side: Annotated[
        Side, option(help="Which side is cut off: the end (right) or the start (left).")
    ] = "right",
    fail_over: Annotated[
        bool, opt.target_option("--fail-over", help="Exit with 1 if the text had to be cut.")
    ] = False,
    special: opt.Special = False,
    added_tokens: opt.AddedTokens = False,
    charset: opt.Charset = None,
    as_json: Annotated[
        bool,
        opt.show_option(
            "--json",
            help="Print one JSON object: was_cut, the tokens and characters before and after, and "
            "the text, unless --output has it. Where a pipe was read only as far as it takes, "
            "complete is false, and the figures before are minimums.",
        ),
    ] = False,
    output: opt.Output = None,
    quiet: opt.Quiet = False,
) -> int | None:
    """Print as much of a text as fits the limit.

    It exits with 0 also where the text had to be cut; --fail-over and --json say whether it was.
    """
    from ctxtools.cli.inputs import read_till
    from ctxtools.cli.output.console import print_json, warn
    from ctxtools.cli.output.files import OutputFiles, write_result
    from ctxtools.cli.targets import resolve_exact
    from ctxtools.errors import UsageError
    from ctxtools.units import format_count

    OutputFiles([output]).refuse([path, encoding])
    target = resolve_exact(model, encoding, limit, reserve, quiet=quiet)
    target = target.reading(special=special, added_tokens=added_tokens)
    added, available = target.added_tokens or 0, target.require_limit()
    if added > available:
        raise UsageError(
            f"--limit must be >= {added} with --added-tokens, got {available}",
            hint=f"{target.name} itself adds {added} tokens to each text",
        )
    tokenizer, allowed = target.encoding, target.allowed_special
    counter = tokenizer.counter(allowed_special=allowed)

    def is_over(block: str) -> bool:
        """Whether the limit is exceeded before a safe split, after which nothing changes that."""
        counter.feed(block)
        return side == "right" and counter.count_so_far > available - added

    whole, complete = read_till(path, is_over, charset=charset)
    text = tokenizer.truncate(whole, available - added, side=side, allowed_special=allowed)
    was_cut = len(text) < len(whole)
    data = text.encode("utf-8", "replace")
    tokens = tokenizer.count(text, allowed) + added if as_json or was_cut else 0
    printed = output in (None, "-")
    if not (printed and as_json):
        write_result(data, output)
    if as_json:
        before = tokens
        if was_cut:
            # Where reading stopped may be in the middle of a word, and tokens are fewer with it.
            before = added + (tokenizer.count(whole, allowed) if complete else counter.count_so_far)
        print_json(
            {
                "path": path,
                **target.as_json(),
                "side": side,
                "was_cut": was_cut,
                "complete": complete,
                "tokens_before": before,
                "tokens": tokens,
                "characters_before": len(whole),
                "characters": len(text),
                **({"text": data.decode()} if printed else {"output": output}),
            }
        )
    elif was_cut and not quiet:
        if printed and sys.stdout.isatty() and not text.endswith("\n"):
            warn("")
        remain = "token remains" if tokens == 1 else "tokens remain"
        removed, least = len(whole) - len(text), "" if complete else "at least "
        warn(
            f"removed {least}{format_count(removed)} of {least}{format_count(len(whole))} "
            f"characters, {format_count(tokens)} {remain}"
        )
    return int(fail_over and was_cut)
