"""Writing a packaged encoding for other tools, which then need no network for it.

Into tiktoken's cache, where tiktoken looks before it downloads; as a ``.tiktoken`` file of ranks,
which converters take; or as a ``tokenizer.json``, which `tokenizers` and all that is built on it
read.
"""

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, get_args

from ctxtools.atomic import atomic_write
from ctxtools.checks import check_choice, check_type
from ctxtools.encodings.files.byte_level_json import (
    byte_level_json,
    merges_of,
    spelled,
    splits_of,
    tiktoken_lines,
)
from ctxtools.encodings.files.patterns import SPLIT_PATTERNS, SplitPattern
from ctxtools.encodings.files.specs import SPECS
from ctxtools.encodings.files.tiktoken_cache import CACHED, cache_path
from ctxtools.encodings.files.tokenizer_json import read_byte_level
from ctxtools.errors import UnknownEncodingError, UsageError, VocabularyError

ExportFormat = Literal["tokenizer.json", "tiktoken"]


def export_encoding(
    name: str, path: str | os.PathLike[str] | None = None, *, format: ExportFormat | None = None
) -> Path:
    """Write an encoding as a file that other tools read, completely or not at all.

    What is written is proven to be the same tokenizer: a ``tokenizer.json`` is read again, and what
    goes into tiktoken's cache has the SHA-256 of the file that tiktoken would download.

    Args:
        name: a packaged encoding, or one in tiktoken's cache.
        path: the file to write; None is the file in tiktoken's cache (``TIKTOKEN_CACHE_DIR``), for
            an encoding that tiktoken has.
        format: "tokenizer.json", with the special tokens, or "tiktoken", the ranks alone. By
            default what the path ends in, ``.json`` or ``.tiktoken``.

    Returns:
        The file that was written.

    Raises:
        UnknownEncodingError: the name is unknown here.
        UsageError: the format is neither stated nor known by the path; or no path is given, and
            tiktoken does not have the encoding.
        VocabularyError: the vocabulary cannot be read, or no file of the format says the same.
        OSError: the file cannot be written.
    """
    check_type("name", name, str)
    if format is not None:
        check_choice("format", format, get_args(ExportFormat))
    spec = SPECS.get(name) or CACHED.get(name)
    if spec is None:
        known = ", ".join((*SPECS, *CACHED))
        raise UnknownEncodingError(
            f"unknown encoding {name!r:.200}", hint=f"what can be exported is {known}"
        )
    family = SPLIT_PATTERNS[spec.pattern]
    if path is None:
        if format == "tokenizer.json":
            raise UsageError("a tokenizer.json needs a path", hint="such as tokenizer.json")
        return _into_cache(name, spec.ranks(), family)
    target = Path(path)
    if (format or _format_of(target)) == "tiktoken":
        content = tiktoken_lines(spec.ranks())
    else:
        special = (
            SPECS[name].load_special_tokens() if name in SPECS else CACHED[name].special_tokens
        )
        content = _tokenizer_json(name, spec.ranks(), family, special)
    _write(target, content)
    return target


def _format_of(path: Path) -> ExportFormat:
    if path.suffix == ".json":
        return "tokenizer.json"
    if path.suffix == ".tiktoken":
        return "tiktoken"
    raise UsageError(
        f"{path}: the format is not known by this name",
        hint="end it in .json or .tiktoken, or state the format",
    )


def _into_cache(name: str, ranks: Mapping[bytes, int], family: SplitPattern) -> Path:
    path, content = cache_path(name), tiktoken_lines(ranks)
    if path is None:
        raise UsageError(
            f"{name} is not an encoding of tiktoken, so its cache has no file for it",
            hint="name a file to write: a tokenizer.json, or ranks that end in .tiktoken",
        )
    if hashlib.sha256(content).hexdigest() not in family.ranks:
        raise VocabularyError(f"the ranks of {name} are not those of the file that tiktoken has")
    path.parent.mkdir(parents=True, exist_ok=True)
    _write(path, content)
    return path


def _tokenizer_json(
    name: str, ranks: Mapping[bytes, int], family: SplitPattern, special: Mapping[str, int]
) -> bytes:
    # Of two spellings of an id, a tokenizer.json can have one: that which it is decoded to.
    spelling_of = {i: spelling for spelling, i in special.items()}
    # The library numbers added tokens itself, unless the vocabulary has them.
    vocab = {spelled(token): rank for token, rank in ranks.items()}
    vocab |= {spelling: i for i, spelling in spelling_of.items()}
    merges = [(spelled(left), spelled(right)) for left, right in merges_of(ranks)]
    added = [(spelling, i, True) for i, spelling in spelling_of.items()]
    content = byte_level_json(vocab, merges, splits_of(family), added)
    read = read_byte_level(content)
    if (
        read is None
        or read.pattern != family
        or read.special_tokens.keys() != {*vocab} & {*special}
    ):
        raise VocabularyError(f"no tokenizer.json says the same as {name}")
    return content


def _write(path: Path, content: bytes) -> None:
    with atomic_write(path, "wb") as file:
        file.write(content)
