"""From the options of ``ctx pack`` to what packing takes."""

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from ctxtools.cli.single_input import read_one
from ctxtools.cli.targets import Column, resolve_columns
from ctxtools.config import Config
from ctxtools.documents import Document
from ctxtools.encodings import Encoding
from ctxtools.errors import UsageError
from ctxtools.packing import Pack, pack, pack_parts
from ctxtools.units import parse_size

_NO_LIMIT = sys.maxsize


def read_wishes(
    pins: Sequence[str] | None,
    priorities: Sequence[str] | None,
    tiers: Sequence[str] | None,
    requires: Sequence[str] | None,
    forms: str,
    trim: str,
    format: str,
    template: str | None,
    order: str,
    tree: bool,
) -> dict[str, Any]:
    """The options as `pack` takes them.

    Raises:
        UsageError: one cannot be read.
    """
    return {
        "pins": tuple(pins or ()),
        "priorities": read_priorities(priorities),
        "tiers": tuple(tiers or ()),
        "requires": read_requires(requires),
        "forms": tuple(each.strip() for each in forms.split(",") if each.strip()),
        "trim": str(trim),
        "format": str(format),
        "template": read_one(template) if template is not None else None,
        "order": str(order),
        "tree": tree,
    }


def pack_column(
    config: Config, model: str | None, encoding: str | None, limit: str | None, reserve: str | None
) -> Column:
    """What is packed for: one model or encoding, with its limit.

    Raises:
        BudgetError: the reserve leaves nothing of the limit.
        CtxtoolsError: see `resolve_columns`.
    """
    if model and encoding:
        raise UsageError("--model and --encoding exclude one another here")
    models, encodings = ([model] if model else []), ([encoding] if encoding else [])
    return resolve_columns(config, models, encodings, limit, reserve)[0]


def token_limit(column: Column, part_limit: str | None, parts: str | None) -> int:
    """The most tokens of a text, in the column's encoding.

    Of an estimate it is the most of which even the upper end is available.

    Raises:
        UsageError: there is a limit of parts, and no parts.
    """
    if part_limit is not None and parts is None:
        raise UsageError("--part-limit is for parts", hint="say --parts auto")
    available = column.available
    if part_limit is not None:
        stated = parse_size(part_limit)
        available = stated if available is None else min(stated, available)
    if parts == "auto" and available is None:
        raise UsageError("--parts auto needs a limit", hint="give a --part-limit")
    if available is None:
        return _NO_LIMIT
    if column.estimate is None:
        return available
    most = int(available / column.estimate.high) + 1
    while most and column.interval(most).high > available:
        most -= 1
    return most


def pack_documents(
    documents: Sequence[Document],
    encoding: Encoding,
    limit: int,
    parts: str | None,
    wishes: Mapping[str, Any],
    ages: Mapping[str, float],
    roots: Sequence[str],
    threads: int,
) -> list[Pack]:
    """One pack; or, where parts were asked for, those.

    Raises:
        ConflictError: what has to go in does not fit.
        UsageError: a wish cannot be met, or parts are no number.
    """
    if parts is not None:
        clash = [name for name in ("pins", "priorities", "tiers", "requires") if wishes[name]]
        if clash:
            raise UsageError(f"in parts everything goes in: --parts has no {', '.join(clash)}")
        return pack_parts(
            documents,
            encoding,
            part_limit=None if limit == _NO_LIMIT else limit,
            parts=_read_parts(parts),
            threads=threads,
            **{name: wishes[name] for name in ("format", "template", "tree")},
        )
    return [
        pack(
            documents, encoding, budget=limit, ages=ages, roots=[r for r in roots if r],
            threads=threads, **wishes,
        )
    ]  # fmt: skip


def _read_parts(parts: str) -> int | None:
    """The number of ``--parts``; None is "auto"."""
    if parts == "auto":
        return None
    try:
        return int(parts)
    except ValueError:
        raise UsageError(f"--parts is {parts!r}", hint="it is auto, or a number") from None


def read_pairs(option: str, pairs: Sequence[str] | None, example: str) -> list[tuple[str, str]]:
    """``PATTERN=VALUE`` options as pairs; a pattern may hold a ``=`` itself.

    Raises:
        UsageError: one has no value.
    """
    found = []
    for pair in pairs or ():
        pattern, sign, value = pair.rpartition("=")
        if not sign or not pattern or not value:
            raise UsageError(f"{option} {pair!r} is no pair", hint=f"write it as '{example}'")
        found.append((pattern, value))
    return found


def read_priorities(pairs: Sequence[str] | None) -> dict[str, float]:
    """``--priority`` options: pattern -> weight, in their order.

    Raises:
        UsageError: a weight is no number.
    """
    weights: dict[str, float] = {}
    for pattern, value in read_pairs("--priority", pairs, "src/**=10"):
        weights.pop(pattern, None)
        try:
            weights[pattern] = float(value)
        except ValueError:
            raise UsageError(
                f"--priority: {value!r} is no number", hint="write it as 'src/**=10'"
            ) from None
    return weights


def read_requires(pairs: Sequence[str] | None) -> dict[str, list[str]]:
    """``--requires`` options: pattern -> the patterns that it requires."""
    requires: dict[str, list[str]] = {}
    for pattern, target in read_pairs("--requires", pairs, "src/**=README.md"):
        requires.setdefault(pattern, []).append(target)
    return requires
