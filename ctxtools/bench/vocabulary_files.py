"""The vocabulary of an encoding as files for other engines: ``.tiktoken`` and ``tokenizer.json``.

They are written once into a cache folder, without special tokens, because the spelling of a special
token in a text is text here.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from ctxtools._core.byte_characters import BYTE_OF
from ctxtools.atomic import atomic_write
from ctxtools.bench.engines import Vocabulary
from ctxtools.encodings.files.patterns import SPLIT_PATTERNS, get_pattern
from ctxtools.encodings.files.specs import SPECS, EncodingSpec
from ctxtools.errors import UnknownEncodingError

_VERSION: Final = 4  # of the files, so that an older cache is not used


def write_vocabulary(encoding: str, cache: Path) -> Vocabulary:
    """The vocabulary of a packaged encoding; missing files are written below ``cache``.

    Raises:
        UnknownEncodingError: not a packaged encoding.
    """
    if encoding not in SPECS:
        raise UnknownEncodingError(
            f"unknown packaged encoding {encoding!r}",
            hint=f"the packaged encodings are {', '.join(SPECS)}",
        )
    spec = SPECS[encoding]
    ranks = spec.ranks()
    pattern = get_pattern(spec.pattern).regex
    lines = b"".join(
        base64.b64encode(token) + b" %d\n" % rank
        for token, rank in sorted(ranks.items(), key=lambda item: item[1])
    )
    digest = hashlib.sha256(lines + pattern.encode()).hexdigest()[:16]
    folder = cache / f"{encoding}-{_VERSION}-{digest}"
    tiktoken_path = folder / f"{encoding}.tiktoken"
    json_path = folder / "tokenizer.json"
    if not json_path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        with atomic_write(tiktoken_path, "wb") as file:
            file.write(lines)
        document = _tokenizer_json(spec, pattern, ranks)
        with atomic_write(json_path) as file:
            file.write(json.dumps(document, ensure_ascii=False))
    return Vocabulary(encoding, pattern, str(tiktoken_path), str(json_path), spec.nfc)


def _tokenizer_json(spec: EncodingSpec, pattern: str, ranks: Mapping[bytes, int]) -> dict[str, Any]:
    """The content of a ``tokenizer.json`` of a byte-level BPE vocabulary."""
    splits = get_pattern(spec.pattern).json_splits or (_oniguruma(pattern),)
    character_of = {byte: character for character, byte in BYTE_OF.items()}
    byte_level = {
        "type": "ByteLevel",
        "add_prefix_space": False,
        "trim_offsets": False,
        "use_regex": False,
    }

    def spell(token: bytes) -> str:
        return "".join(character_of[byte] for byte in token)

    return {
        "version": "1.0",
        "added_tokens": [],
        "normalizer": {"type": "NFC"} if spec.nfc else None,
        "pre_tokenizer": {
            "type": "Sequence",
            "pretokenizers": [*map(_split, splits), byte_level],
        },
        "decoder": byte_level,
        "model": {
            "type": "BPE",
            "ignore_merges": SPLIT_PATTERNS[spec.pattern].ignore_merges,
            # fastokens needs ids without gaps; DeepSeek's first three are special tokens.
            "vocab": {f"<unused {i}>": i for i in range(min(ranks.values()))}
            | {spell(token): rank for token, rank in ranks.items()},
            "merges": [[spell(a), spell(b)] for a, b in _merges(ranks)],
        },
    }


def _split(regex: str) -> dict[str, Any]:
    return {
        "type": "Split",
        "pattern": {"Regex": regex},
        "behavior": "Isolated",
        "invert": False,
    }


def _oniguruma(pattern: str) -> str:
    """A pattern of fancy-regex in the syntax of Oniguruma, which `tokenizers` uses.

    There ``{1,3}+`` is not possessive but a nested repetition, and ``$`` is the end of a line.
    """
    return pattern.replace("{1,3}+", "{1,3}").replace("$", r"\z")


def _merges(ranks: Mapping[bytes, int]) -> list[tuple[bytes, bytes]]:
    """The merge that creates each token, in order of rank: by BPE with the lower ranks only."""
    merges = []
    for token, rank in sorted(ranks.items(), key=lambda item: item[1]):
        if len(token) == 1:
            continue
        parts = merge(token, ranks, rank)
        if len(parts) == 2:  # else no merge creates it, only a lookup of the entire pretoken
            merges.append((parts[0], parts[1]))
    return merges


def merge(token: bytes, ranks: Mapping[bytes, int], below: int) -> list[bytes]:
    """The result of merging the bytes of a token with the ranks below a limit."""
    parts = [token[i : i + 1] for i in range(len(token))]
    while len(parts) > 1:
        rank, i = min((ranks.get(parts[i] + parts[i + 1], below), i) for i in range(len(parts) - 1))
        if rank >= below:
            break
        parts[i : i + 2] = [parts[i] + parts[i + 1]]
    return parts
