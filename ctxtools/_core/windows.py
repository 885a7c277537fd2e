"""Look-ahead windows of documents that the kernel cuts, blocks and all."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ctxtools import _core
from ctxtools._core.cut_types import Costs, WindowOptions
from ctxtools._core.types import TokenIndex

if TYPE_CHECKING:
    from ctxtools._core import Blocks, Structure, WindowSpans

_MAX_OFFSET = (1 << 32) - 1


def kernel_structure(blocks: "Blocks | None", text: str, with_titles: bool) -> "Structure | None":
    """The blocks of a document as the kernel cuts by them; None if it cannot.

    Args:
        blocks: None for plain text.
        text: the document.
        with_titles: whether headers contain titles.
    """
    if not _core.kernel or not isinstance(blocks, _core.kernel.Blocks | None):
        return None
    found: Structure | None = _core.kernel.Structure.of(blocks, text, with_titles)
    return found


def cut_window(
    structure: "Structure",
    index: TokenIndex,
    offset: int,
    body_start: int,
    breaks: Sequence[int],
    extra: Costs,
    options: WindowOptions,
) -> "WindowSpans | None":
    """The spans of a look-ahead window; None if the kernel cannot cut it.

    Args:
        structure: that of the document.
        index: the token index of the window.
        offset: where the window starts in the document, in characters.
        body_start: where its first span starts after the overlap.
        breaks: offsets in the window that no span reaches across, in order.
        extra: see `CutRules`.
        options: how to cut.

    Raises:
        ValueError: no cuts keep a limit.
    """
    if not _core.kernel or not isinstance(index, _core.kernel.TokenIndex):
        return None
    # Of plain text, which may be longer, only the start is told from the rest.
    offset = min(offset, _MAX_OFFSET)
    return structure.window(index, offset, body_start, breaks, extra, options)
