"""Writing the ``tokenizer.json`` of a byte-level BPE tokenizer."""

import base64
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from ctxtools._core.byte_characters import BYTE_OF
from ctxtools.encodings.files.patterns import SplitPattern

_CHARACTER_OF = {byte: character for character, byte in BYTE_OF.items()}


class JsonSplits(NamedTuple):
    """How a byte-level tokenizer.json splits a text.

    Attributes:
        steps: of the pre-tokenizer, in order.
        nfc: whether a text is normalised to NFC first.
        ignore_merges: whether a pretoken that is a token becomes that token, whatever the merges.
    """

    steps: tuple[Mapping[str, Any], ...]
    nfc: bool = False
    ignore_merges: bool = False


def isolated(regex: str) -> dict[str, Any]:
    """A step that splits at the matches of a pattern."""
    pattern = {"Regex": regex}
    return {"type": "Split", "pattern": pattern, "behavior": "Isolated", "invert": False}


def byte_step(*, use_regex: bool) -> dict[str, Any]:
    """The last step, which may split as GPT-2 does."""
    settings = {"add_prefix_space": False, "trim_offsets": False, "use_regex": use_regex}
    return {"type": "ByteLevel", **settings}


def splits_of(family: SplitPattern) -> JsonSplits:
    """The steps of a family."""
    steps = [isolated(regex) for regex in family.json_splits]
    return JsonSplits(
        (*steps, byte_step(use_regex=not steps)), family.nfc, ignore_merges=family.ignore_merges
    )


def byte_level_json(
    vocab: Mapping[str, int],
    merges: Sequence[str] | Sequence[tuple[str, str]],
    splits: JsonSplits,
    added: Iterable[tuple[str, int, bool]] = (),
) -> bytes:
    """The content of a ``tokenizer.json``.

    Args:
        vocab: token -> id, each byte as one character (`spelled`).
        merges: pairs of tokens, or both in one text with a space between.
        splits: how a text is split.
        added: spelling, id, whether it is special, of tokens that are found by their spelling.
    """
    plain = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
    tokens = [
        {"id": i, "content": spelling, "special": special, **plain}
        for spelling, i, special in sorted(added, key=lambda token: token[1])
    ]
    file = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": tokens,
        "normalizer": {"type": "NFC"} if splits.nfc else None,
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": splits.steps},
        "post_processor": None,
        "decoder": byte_step(use_regex=False),
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": None,
            "continuing_subword_prefix": None,
            "end_of_word_suffix": None,
            "fuse_unk": False,
            "byte_fallback": False,
            "ignore_merges": splits.ignore_merges,
            "vocab": vocab,
            "merges": merges,
        },
    }
    return json.dumps(file, ensure_ascii=False).encode()


def spelled(token: bytes) -> str:
    """A token as such a file has it: a character for each byte."""
    return "".join(map(_CHARACTER_OF.__getitem__, token))


def tiktoken_lines(ranks: Mapping[bytes, int]) -> bytes:
    """The content of a ``.tiktoken`` file: a line with each token in base64 and its rank."""
    ordered = sorted(ranks.items(), key=lambda item: item[1])
    return b"".join(base64.b64encode(token) + b" %d\n" % rank for token, rank in ordered)


def merges_of(ranks: Mapping[bytes, int]) -> list[tuple[bytes, bytes]]:
    """The merge that makes each token, in order of rank: the last one of BPE with lower ranks.

    What no merge makes, but only a lookup of the entire pretoken, has none.
    """
    merges = []
    for token, rank in sorted(ranks.items(), key=lambda item: item[1]):
        if len(token) > 1:
            parts = merge(token, ranks, rank)
            if len(parts) == 2:
                merges.append((parts[0], parts[1]))
    return merges


def merge(token: bytes, ranks: Mapping[bytes, int], below: int) -> list[bytes]:
    """The result of merging the bytes of a token with the ranks below a limit."""
    parts = [token[i : i + 1] for i in range(len(token))]
    found = [ranks.get(token[i : i + 2], below) for i in range(len(token) - 1)]
    while found and (rank := min(found)) < below:
        i = found.index(rank)
        parts[i : i + 2] = [parts[i] + parts[i + 1]]
        del found[i]
        for at in (i - 1, i):
            if 0 <= at < len(found):
                found[at] = ranks.get(parts[at] + parts[at + 1], below)
    return parts
