"""A baseline: a file with the tokens that files had, to be kept in a repository.

It is JSON with sorted keys, so the same counts give the same bytes. Beside the version of its
format it has a fingerprint of each tokenizer, since counts of another one say nothing.
"""

import json
import os
from collections.abc import Mapping, Sequence
from typing import Any

from ctxtools.atomic import atomic_write
from ctxtools.errors import FormatError, ReadError
from ctxtools.escape import one_line, visible_json
from ctxtools.limits.tokenizers import Tokenizer
from ctxtools.regular_file import read_regular
from ctxtools.units import MAX_SIZE

VERSION = 1
"""Of the format."""

_KEY = "ctxtools_baseline"
_MAX_FILE = 256 << 20  # bytes, of some millions of files
_START = 1 << 16  # bytes, in which the key comes first or after a mark of a merge
_UPDATE = "--update-baseline writes it"
_OTHER = "name another file: --update-baseline replaces nothing but a baseline"

Counts = Sequence[Mapping[str, int]]
"""For each tokenizer the tokens of files, by their path from the folder of the rules."""


def read_baseline(path: str, tokenizers: Sequence[Tokenizer]) -> list[dict[str, int]]:
    """The counts in a baseline.

    Args:
        path: the file.
        tokenizers: whose counts are needed.

    Returns:
        For each of them, path -> tokens.

    Raises:
        FormatError: it is no baseline, of another version, or of other tokenizers.
        ReadError: it cannot be read.
    """
    name = one_line(path)
    try:
        data = read_regular(path, _MAX_FILE, pipes=True)
    except ReadError as error:
        is_missing = isinstance(error.__cause__, FileNotFoundError)
        raise ReadError(error.message, hint=_UPDATE if is_missing else error.hint) from error
    try:
        found = json.loads(data)
    except (ValueError, RecursionError) as error:
        reason = "not JSON" if isinstance(error, ValueError) else "nested too deeply"
        hint = _UPDATE if _may_be_replaced(path) else _OTHER
        raise FormatError(f"{name}: {reason}, so no baseline", hint=hint) from None
    if not isinstance(found, dict) or type(version := found.get(_KEY)) is not int:
        hint = _UPDATE if _may_be_replaced(path) else _OTHER
        raise FormatError(f"{name}: it is no baseline of ctx check", hint=hint)
    if version != VERSION:
        raise FormatError(
            f"{name}: a baseline of version {version:.0f}, and this ctxtools reads {VERSION}"
            if abs(version) < MAX_SIZE
            else f"{name}: a baseline of another version",
            hint=f"use the ctxtools that wrote it, or {_UPDATE}",
        )
    kept = found.get("tokenizers")
    return [_read_counts(name, kept, each) for each in tokenizers]


def _read_counts(name: str, kept: Any, tokenizer: Tokenizer) -> dict[str, int]:
    """The counts of one tokenizer."""
    if not isinstance(kept, dict) or not all(isinstance(each, dict) for each in kept.values()):
        raise FormatError(f"{name}: a damaged baseline: it lists no tokenizers", hint=_UPDATE)
    own = kept.get(tokenizer.name)
    if own is None:
        others = ", ".join(one_line(f"{each:.50}") for each in [*kept][:3]) or "nothing"
        raise FormatError(
            f"{name}: it has counts of {others}, and {tokenizer.name} is what counts here",
            hint=f"{_UPDATE}; -e and -m say what counts",
        )
    if own.get("fingerprint") != tokenizer.fingerprint():
        raise FormatError(
            f"{name}: its counts are of another tokenizer that is called {tokenizer.name} too",
            hint=_UPDATE,
        )
    files = own.get("files")
    if not isinstance(files, dict):
        raise FormatError(f"{name}: a damaged baseline: it lists no files", hint=_UPDATE)
    for path, tokens in files.items():
        if type(tokens) is not int or not 0 <= tokens <= MAX_SIZE:
            raise FormatError(
                f"{name}: a damaged baseline: {one_line(f'{path:.100}')} has no number of tokens",
                hint=_UPDATE,
            )
    return files


def write_baseline(path: str, tokenizers: Sequence[Tokenizer], counts: Counts) -> None:
    """Write a baseline, completely or not at all.

    Raises:
        FormatError: something else than a baseline is there.
        OSError: it cannot be written.
    """
    if not _may_be_replaced(path):
        raise FormatError(f"{one_line(path)}: it is no baseline of ctx check", hint=_OTHER)
    content = {
        _KEY: VERSION,
        "tokenizers": {
            tokenizer.name: {"fingerprint": tokenizer.fingerprint(), "files": dict(files)}
            for tokenizer, files in zip(tokenizers, counts, strict=True)
        },
    }
    text = json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True)
    try:
        data = visible_json(text).encode()
    except UnicodeEncodeError:  # a file's name has bytes that are not UTF-8
        data = json.dumps(content, indent=1, sort_keys=True).encode()
    with atomic_write(path, "wb") as file:
        file.write(data + b"\n")


def _may_be_replaced(path: str) -> bool:
    """Whether nothing but a baseline, be it damaged as by a merge, is lost by writing there."""
    if not os.path.isfile(path):
        return True
    with open(path, "rb") as file:
        start = file.read(_START)
    return not start or f'"{_KEY}"'.encode() in start


def is_baseline(path: str, baseline: str) -> bool:
    """Whether a file is the baseline itself, by whatever name."""
    if os.path.basename(path) != os.path.basename(baseline) and not os.path.islink(baseline):
        return False
    return os.path.realpath(path) == os.path.realpath(baseline)
