"""What ``ctx pack --stable-from`` reports: what a provider's prompt cache can have of a pack."""

from typing import TYPE_CHECKING, Any, NamedTuple

from ctxtools.cli.output import console as output
from ctxtools.cli.targets import Target
from ctxtools.packing import Pack
from ctxtools.packing.prompt.result import Stable
from ctxtools.units import format_count

if TYPE_CHECKING:
    from decimal import Decimal

    from ctxtools.models.prompt_caching import CacheRule


class Reuse(NamedTuple):
    """What a cache can have of a pack.

    Attributes:
        tokens: how many of its tokens.
        rule: of the model's vendor.
        price: of the pack without a cache, in dollars; None if it is unknown.
        saved: what the cache saves of it; None if the price of cached tokens is unknown.
    """

    tokens: int
    rule: "CacheRule"
    price: "Decimal | None" = None
    saved: "Decimal | None" = None


def reuse_of(stable: Stable, pack: Pack, target: Target) -> Reuse:
    """What the cache of the target's vendor can have of a pack."""
    from ctxtools.models.prompt_caching import CacheRule, cache_rule  # with all of models

    total, shared = target.tokens(pack.token_count), target.tokens(stable.tokens)
    if target.model is None:
        return Reuse(shared, CacheRule())
    rule = cache_rule(target.model)
    held = rule.held(shared)
    price = target.model.cost(total)
    cached = target.model.cost(total, cached_tokens=held)
    known = target.model.price is not None and target.model.price.cached_input is not None
    saved = price - cached if known and price is not None and cached is not None else None
    return Reuse(held, rule, price, saved)


def stable_facts(pack: Pack, target: Target) -> dict[str, Any]:
    """The object ``stable`` of ``--stats`` and ``--json``; nothing without an earlier pack."""
    if pack.stable is None:
        return {}
    reuse = reuse_of(pack.stable, pack, target)
    source = reuse.rule.source
    return {
        "stable": {
            "documents": pack.stable.documents,
            "tokens": pack.stable.tokens,
            "end": pack.stable.end,
            "cacheable_tokens": reuse.tokens,
            "rule": str(reuse.rule),
            "source": f"{source.title}, {source.date}" if source else None,
            "price": None if reuse.price is None else float(reuse.price),
            "saved": None if reuse.saved is None else float(reuse.saved),
        }
    }


def stable_line(pack: Pack, target: Target) -> str | None:
    """The same for people; None without an earlier pack."""
    if pack.stable is None:
        return None
    stable, reuse = pack.stable, reuse_of(pack.stable, pack, target)
    number = stable.documents
    kept = f"{format_count(number)} {'document' if number == 1 else 'documents'} as before"
    end = f" ({stable.end})" if stable.end else ""
    mark = "" if target.is_exact(pack.token_count) else "~"
    line = (
        f"{kept}{end}; a prompt cache can hold {mark}{format_count(reuse.tokens)} of "
        f"{target.format_tokens(pack.token_count)} tokens ({reuse.rule})"
    )
    if reuse.saved is not None and reuse.price is not None and reuse.tokens:
        saved, price = output.dollars(reuse.saved), output.dollars(reuse.price)
        line += f", which saves {mark}{saved} of {mark}{price}"
    return line
