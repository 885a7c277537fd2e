"""The vocabulary of an encoding as files for other engines: ``.tiktoken`` and ``tokenizer.json``.

They are written once into a cache folder, without special tokens, because the spelling of a special
token in a text is text here.
"""

import hashlib
from pathlib import Path
from typing import Final

from ctxtools.atomic import atomic_write
from ctxtools.bench.engines import Vocabulary
from ctxtools.encodings.files.byte_level_json import (
    byte_level_json,
    merges_of,
    spelled,
    splits_of,
    tiktoken_lines,
)
from ctxtools.encodings.files.patterns import get_pattern
from ctxtools.encodings.files.specs import SPECS
from ctxtools.errors import UnknownEncodingError

_VERSION: Final = 5  # of the files, so that an older cache is not used


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
    family = get_pattern(spec.pattern)
    pattern = family.regex
    lines = tiktoken_lines(ranks)
    digest = hashlib.sha256(lines + pattern.encode()).hexdigest()[:16]
    folder = cache / f"{encoding}-{_VERSION}-{digest}"
    tiktoken_path = folder / f"{encoding}.tiktoken"
    json_path = folder / "tokenizer.json"
    if not json_path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        with atomic_write(tiktoken_path, "wb") as file:
            file.write(lines)
        # fastokens needs ids without gaps; DeepSeek's first three are special tokens.
        vocab = {f"<unused {i}>": i for i in range(min(ranks.values()))}
        vocab |= {spelled(token): rank for token, rank in ranks.items()}
        merges = [(spelled(left), spelled(right)) for left, right in merges_of(ranks)]
        with atomic_write(json_path, "wb") as file:
            file.write(byte_level_json(vocab, merges, splits_of(family)))
    return Vocabulary(encoding, pattern, str(tiktoken_path), str(json_path), spec.nfc)
