"""Engines of one encoding with the kernel and without it."""

from functools import cache

from ctxtools.encodings.engines.backend import Backend
from ctxtools.encodings.engines.tiktoken import TiktokenBackend
from ctxtools.encodings.files.patterns import SPLIT_PATTERNS, get_pattern
from ctxtools.encodings.files.specs import SPECS

NAMES = sorted({*SPECS, *SPLIT_PATTERNS})

# A token is short, so that many runs of one thing are longer than a limit can reach.
_SMALL = {token: i for i, token in enumerate([*(bytes([b]) for b in range(256)), b"aa", b" t"])}


@cache
def tiktoken(name: str) -> TiktokenBackend:
    """A packaged encoding without the kernel, or few ranks with a family's pattern."""
    spec = SPECS.get(name)
    if spec is None:
        return TiktokenBackend(_SMALL, get_pattern(name), nfc=False)
    return TiktokenBackend(spec.ranks(), get_pattern(spec.pattern), nfc=spec.nfc)


@cache
def compiled(name: str) -> Backend:
    """The same with the kernel."""
    from ctxtools.encodings.engines.kernel import KernelBackend

    spec = SPECS.get(name)
    if spec is None:
        return KernelBackend(_SMALL, get_pattern(name), nfc=False)
    return KernelBackend(spec.vocabulary(), get_pattern(spec.pattern), nfc=spec.nfc)
