"""Documents of several formats: each part is parsed, and its blocks are moved to where it is."""

from collections.abc import Iterable

from ctxtools.chunking.block import MAX_DEPTH, Block, Parsed
from ctxtools.chunking.formats import parse
from ctxtools.errors import FormatError, MissingExtraError


def parse_part(text: str, format: str, start: int, depth: int) -> Parsed:
    """What is found in a part of a document, with offsets in the whole.

    Args:
        text: the part.
        format: of it.
        start: its offset in the document, in characters.
        depth: how many blocks are around it.

    Returns:
        No blocks if it cannot be parsed, and a note that says why.
    """
    try:
        found = parse(text, format)
    except FormatError as error:
        return Parsed(notes=(f"{format} in it is cut as plain text: {error.message}",))
    except MissingExtraError as error:
        return Parsed(notes=(f"{format} is cut as plain text: {error.message} ({error.hint})",))
    inline = [(first + start, last + start) for first, last in found.inline]
    return Parsed(_moved(found.blocks, start, MAX_DEPTH - depth), inline, found.notes)


def starting_at(block: Block, start: int) -> Block:
    """A block extended to an earlier start, with the blocks inside it that start where it does."""
    first, children = block.start, block.children
    if children and children[0].start == first:
        children = (starting_at(children[0], start), *children[1:])
    return block._replace(start=start, children=children)


def ending_at(block: Block, end: int) -> Block:
    """A block extended to a later end, with the blocks inside it that end where it does."""
    last, children = block.end, block.children
    if children and children[-1].end == last:
        children = (*children[:-1], ending_at(children[-1], end))
    return block._replace(end=end, children=children)


def _moved(blocks: Iterable[Block], distance: int, depth: int) -> tuple[Block, ...]:
    if depth <= 0:
        return ()
    return tuple(
        block._replace(
            start=block.start + distance,
            end=block.end + distance,
            children=_moved(block.children, distance, depth - 1),
            repeat_from=block.repeat_from and block.repeat_from + distance,
        )
        for block in blocks
    )
