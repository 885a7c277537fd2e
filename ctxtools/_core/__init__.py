"""The seam between ctxtools and its compiled kernel: the one importer of ``ctxtools._kernel``.

Each function here is the kernel's where that was compiled, else the one of the same name in
``_core/fallback``: the same arguments, results and errors, only slower. Nothing else asks whether
there is a kernel, but for the choice of an engine (``encodings/engines``).

The environment variable ``CTXTOOLS_KERNEL`` is read once: ``0`` switches the kernel off,
``require`` makes its absence an error.
"""

import os
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from ctxtools.errors import KernelError

if TYPE_CHECKING:
    from ctxtools._kernel import (
        Blocks,
        ChunkIds,
        Placement,
        TextMap,
        TokenizerJson,
        code_blocks,
        count_terms,
        find_literals,
        greedy_cuts,
        html_blocks,
        json_blocks,
        markdown_blocks,
        markdown_html,
        markdown_inline,
        optimal_cuts,
        pack_sequences,
        rank,
        texts_with,
    )
    from ctxtools._kernel import Structure as Structure
    from ctxtools._kernel import Vocabulary as Vocabulary
    from ctxtools._kernel import WindowSpans as WindowSpans

__all__ = [
    "Blocks",
    "ChunkIds",
    "Placement",
    "TextMap",
    "TokenizerJson",
    "code_blocks",
    "count_terms",
    "find_literals",
    "greedy_cuts",
    "html_blocks",
    "json_blocks",
    "kernel",
    "markdown_blocks",
    "markdown_html",
    "markdown_inline",
    "missing_reason",
    "optimal_cuts",
    "pack_sequences",
    "rank",
    "texts_with",
]

# Raised with each change of what `_kernel.pyi` declares, here and in kernel/src/python/mod.rs.
INTERFACE = 11

RUST = "1.89"  # as kernel/Cargo.toml has it
_BUILD = "pip install . (pip install -e . in a development checkout)"
_ADVICE = "https://rustup.rs has it, then install ctxtools again"
_RECORDED = os.path.join(os.path.dirname(__file__), "not_built.txt")

_FALLBACKS = {
    "Blocks": "blocks",
    "ChunkIds": "chunk_ids",
    "Placement": "placement",
    "TextMap": "text_map",
    "TokenizerJson": "tokenizer_json",
    "code_blocks": "code",
    "count_terms": "search.terms",
    "find_literals": "search.literals",
    "greedy_cuts": "chunk.greedy_cuts",
    "html_blocks": "html",
    "json_blocks": "chunk.json",
    "markdown_blocks": "markdown",
    "markdown_html": "markdown",
    "markdown_inline": "markdown",
    "optimal_cuts": "chunk.optimal_cuts",
    "pack_sequences": "windows",
    "rank": "rank",
    "texts_with": "search.literals",
}


def _load() -> tuple[ModuleType | None, str]:
    """The kernel, or None and why there is none.

    Raises:
        KernelError: it is of another version, or required and absent.
    """
    wanted = os.environ.get("CTXTOOLS_KERNEL", "")
    if wanted not in ("", "0", "1", "require"):
        raise KernelError(
            f"CTXTOOLS_KERNEL is {wanted!r}", hint="set it to 0 or require, or leave it unset"
        )
    if wanted == "0":
        return None, "switched off by CTXTOOLS_KERNEL=0"
    try:
        kernel = import_module("ctxtools._kernel")
    except ImportError as error:
        absent = isinstance(error, ModuleNotFoundError)
        reason = _not_built() if absent else f"cannot be loaded: {error}"
        if wanted == "require":
            raise KernelError(
                f"the compiled kernel is required (CTXTOOLS_KERNEL=require), but {reason}",
                state=f"required by CTXTOOLS_KERNEL=require, but {reason}",
                hint=f"install Rust {RUST} or later, then {_BUILD}",
            ) from error
        return None, f"{reason}; {_ADVICE}" if absent else reason
    found = getattr(kernel, "INTERFACE", 0)
    if found != INTERFACE:
        raise KernelError(
            f"{kernel.__file__} does not belong to this version of ctxtools "
            f"(interface {found}, expected {INTERFACE})",
            state=f"stale (interface {found}, expected {INTERFACE})",
            hint=f"build it again: {_BUILD}",
        )
    return kernel, ""


def _not_built() -> str:
    """What is needed to build the kernel, and what setup.py recorded if it tried."""
    needs = f"not built, needs Rust {RUST} or later"
    try:
        with open(_RECORDED, encoding="utf-8") as file:
            return f"{needs} ({file.read().strip()})"
    except OSError:
        return needs


kernel, missing_reason = _load()


if not TYPE_CHECKING:  # to which every name would be there, the misspelt ones too

    def __getattr__(name: str) -> Any:
        if name not in _FALLBACKS:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        home = kernel or import_module(f"ctxtools._core.fallback.{_FALLBACKS[name]}")
        value = globals()[name] = getattr(home, name)
        return value
