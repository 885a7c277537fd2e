"""An encoding's vocabulary as files that other engines read: ``.tiktoken`` and ``tokenizer.json``.

They are written once into a cache folder. What a ``tokenizer.json`` cannot say, it cannot do: no
special tokens are written, because their spellings in a text are text here.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from ctxtools.bench.engines import Feed
from ctxtools.encodings.files.patterns import get_pattern
from ctxtools.encodings.files.specs import SPECS, EncodingSpec
from ctxtools.errors import UnknownEncodingError

_VERSION: Final = 4  # of what is written, so that an older cache is not used

# DeepSeek's own pre-tokenizer, from its tokenizer.json: three splits, each within what the one
# before it left. The packaged encoding has one pattern instead, so this is a check of that too.
_DEEPSEEK_SPLITS: Final = (  # engines compare the spelling, so line breaks stand as themselves
    r"\p{N}{1,3}",
    "[一-龥\u3040-ゟ゠-ヿ]+",
    r"""[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+"""
    "|[^\r\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+"
    "| ?[\\p{P}\\p{S}]+[\r\n]*|\\s*[\r\n]+"
    r"|\s+(?!\S)|\s+",
)


def make_feed(encoding: str, cache: Path) -> Feed:
    """The feed of a packaged encoding; its files are written below ``cache`` if they are not there.

    Raises:
        UnknownEncodingError: there is no packaged encoding of that name.
    """
    if encoding not in SPECS:
        raise UnknownEncodingError(
            f"there is no packaged encoding named {encoding!r}",
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
        tiktoken_path.write_bytes(lines)
        document = _tokenizer_json(spec, pattern, ranks)
        # Moved into place whole: a run that is stopped here leaves no half a file behind.
        part = json_path.with_suffix(".part")
        part.write_text(json.dumps(document, ensure_ascii=False), "utf-8")
        part.replace(json_path)
    return Feed(encoding, pattern, str(tiktoken_path), str(json_path), spec.nfc)


def _tokenizer_json(spec: EncodingSpec, pattern: str, ranks: Mapping[bytes, int]) -> dict[str, Any]:
    """The content of a ``tokenizer.json`` of a byte-level BPE vocabulary."""
    splits = _DEEPSEEK_SPLITS if spec.pattern == "deepseek" else (_oniguruma(pattern),)
    spelling = _byte_spellings()
    byte_level = {
        "type": "ByteLevel",
        "add_prefix_space": False,
        "trim_offsets": False,
        "use_regex": False,
    }

    def spell(token: bytes) -> str:
        return "".join(spelling[byte] for byte in token)

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
            "ignore_merges": spec.pattern in ("o200k", "cl100k"),
            # fastokens wants no gap in the ids, and DeepSeek's first three are special tokens'.
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
    """A pattern of fancy-regex in Oniguruma's dialect, which `tokenizers` uses.

    There ``{1,3}+`` is a repetition, not a possessive, and ``$`` is the end of a line.
    """
    return pattern.replace("{1,3}+", "{1,3}").replace("$", r"\z")


def _byte_spellings() -> dict[int, str]:
    """GPT-2's printable character for each byte, as every byte-level ``tokenizer.json`` has it."""
    printable = {*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    others = (byte for byte in range(256) if byte not in printable)
    return {byte: chr(byte) for byte in printable} | {
        byte: chr(0x100 + i) for i, byte in enumerate(others)
    }


def _merges(ranks: Mapping[bytes, int]) -> list[tuple[bytes, bytes]]:
    """The merge that makes each token, in order of rank: BPE with the ranks below its own."""
    merges = []
    for token, rank in sorted(ranks.items(), key=lambda item: item[1]):
        if len(token) == 1:
            continue
        parts = _parts(token, ranks, rank)
        if len(parts) == 2:  # else no merge makes it, and only a look-up of the whole finds it
            merges.append((parts[0], parts[1]))
    return merges


def _parts(token: bytes, ranks: Mapping[bytes, int], limit: int) -> list[bytes]:
    """What a token's bytes merge to with the ranks below a limit."""
    parts = [bytes([byte]) for byte in token]
    while len(parts) > 2:
        rank, i = min((ranks.get(parts[i] + parts[i + 1], limit), i) for i in range(len(parts) - 1))
        if rank >= limit:
            break
        parts[i : i + 2] = [parts[i] + parts[i + 1]]
    return parts
