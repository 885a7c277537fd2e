"""A rendered conversation as ids and as a text, for comparison with a reference."""

from collections.abc import Iterable, Mapping
from itertools import groupby

from ctxtools.encodings import Encoding
from ctxtools.messages.chat.pieces import Break, Piece, Plain, Special


def piece_ids(pieces: Iterable[Piece], encoding: Encoding, special: Mapping[str, int]) -> list[int]:
    """The ids of texts and special tokens: texts that follow each other are encoded as one."""
    ids: list[int] = []
    for is_text, group in groupby(pieces, lambda piece: isinstance(piece, Plain)):
        run = list(group)
        if is_text and isinstance(run[0], Plain) and run[0].bare:
            ids += encoding.bare.encode(run[0].text)
        elif is_text:
            ids += encoding.encode("".join(each.text for each in run if isinstance(each, Plain)))
        else:
            ids += [special[each.spelling] for each in run if isinstance(each, Special)]
    return ids


def segments(pieces: Iterable[Piece]) -> list[tuple[str, str]]:
    """What an encoder is given: ("text", …), ("special", …) and ("media", name), in order."""
    found: list[tuple[str, str]] = []
    for is_text, group in groupby(pieces, lambda piece: isinstance(piece, Plain)):
        run = list(group)
        if is_text:
            text = "".join(each.text for each in run if isinstance(each, Plain))
            found += [("text", text)] if text else []
            continue
        for each in run:
            if isinstance(each, Special):
                found.append(("special", each.spelling))
            elif not isinstance(each, Break | Plain):
                found.append(("media", each.item.name))
    return found
