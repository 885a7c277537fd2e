"""``ctx encode`` and ``ctx decode``: text to token ids and back."""

import json
from typing import Annotated, Literal

from ctxtools.cli import options as opt
from ctxtools.cli.declarations import option

Format = Literal["lines", "json", "raw"]


def encode(
    path: opt.OnePath = "-",
    model: opt.Model = None,
    encoding: opt.Encoding = None,
    format: Annotated[
        Format,
        option(help="Write ids as lines, as a JSON list, or as 32-bit little-endian integers."),
    ] = "lines",
    special: opt.Special = False,
    added_tokens: opt.AddedTokens = False,
    charset: opt.Charset = None,
    output: opt.Output = None,
) -> None:
    """Print the token ids of a text."""
    from ctxtools.cli.inputs import read_one
    from ctxtools.cli.output.files import OutputFiles, write_result
    from ctxtools.cli.targets import allowed_special, resolve_exact

    OutputFiles([output]).refuse([path, encoding])
    tokenizer = resolve_exact(model, encoding).encoding
    text = read_one(path, charset=charset)
    allowed = allowed_special(tokenizer, special=special)
    ids = tokenizer.encode(text, allowed_special=allowed, add_special_tokens=added_tokens)
    write_result(_write_ids(ids, format), output)


def decode(
    path: opt.OnePath = "-",
    model: opt.Model = None,
    encoding: opt.Encoding = None,
    format: Annotated[
        Format | None, option(help="How the ids are written; lines and JSON are detected.")
    ] = None,
    output: opt.Output = None,
) -> None:
    """Print the text of token ids, byte for byte."""
    from ctxtools.cli.inputs import read_bytes
    from ctxtools.cli.output.files import OutputFiles, write_result
    from ctxtools.cli.targets import resolve_exact

    OutputFiles([output]).refuse([path, encoding])
    tokenizer = resolve_exact(model, encoding).encoding
    ids = _read_ids(read_bytes(path), format, path)
    write_result(tokenizer.decode_bytes(ids), output)


def _write_ids(ids: list[int], format: Format) -> bytes:
    if format == "raw":
        return b"".join(i.to_bytes(4, "little") for i in ids)
    if format == "json":
        return json.dumps(ids).encode() + b"\n"
    return "".join(f"{i}\n" for i in ids).encode()


def _read_ids(data: bytes, format: Format | None, path: str) -> list[int]:
    from ctxtools.errors import FormatError

    if format == "raw":
        if len(data) % 4:
            raise FormatError(f"{path}: {len(data):,} bytes are not a list of 32-bit ids")
        return [int.from_bytes(data[i : i + 4], "little") for i in range(0, len(data), 4)]
    hint = "ids are integers, one per line or in a JSON list; or use --format raw"
    try:
        if format == "json" or (format is None and data.lstrip()[:1] == b"["):
            ids = json.loads(data)
        else:
            ids = [int(word) for word in data.split()]
    except (ValueError, RecursionError):
        raise FormatError(f"{path}: these are not token ids", hint=hint) from None
    if not isinstance(ids, list) or not all(type(i) is int for i in ids):
        raise FormatError(f"{path}: the JSON is not a list of integers", hint=hint)
    return ids
