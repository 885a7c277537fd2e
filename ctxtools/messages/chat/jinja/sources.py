"""Where chat templates are from: the package, a model's folder, a file, the hub when asked."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from ctxtools.errors import FormatError, ReadError, UsageError
from ctxtools.messages.chat.jinja.cutting import Token
from ctxtools.regular_file import read_regular
from ctxtools.toml_file import Table, read_toml

PACKAGED = Path(__file__).parents[1] / "templates"

_MAX_TEMPLATE = 1 << 20  # bytes; the longest of a public model has 50 kB
_MAX_CONFIG = 1 << 26
_MAX_TOKENIZER = 1 << 28
_NAMED = (
    "bos_token",
    "eos_token",
    "unk_token",
    "sep_token",
    "pad_token",
    "cls_token",
    "mask_token",
)
_IN_FOLDER = ("chat_template.jinja", "chat_template.json", "tokenizer_config.json")


@dataclass(frozen=True, slots=True)
class Template:
    """A chat template, with what of the tokenizer belongs to it.

    Attributes:
        name: for messages.
        source: in Jinja's language.
        with_tools: another template for requests with tools, if the model has one.
        tokens: that the tokenizer adds to its vocabulary; empty if that is not known.
        named_tokens: ``bos_token`` and others, as the template reads them.
        placeholders: kind of media -> spellings that may stand where an item comes.
        trusted: it came with ctxtools.
    """

    name: str
    source: str
    with_tools: str | None = None
    tokens: tuple[Token, ...] = ()
    named_tokens: Mapping[str, str] = field(default_factory=dict)
    placeholders: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    trusted: bool = False


# Packaged templates


@cache
def packaged_template(name: str) -> Template:
    """A template of the package, by its name in ``templates/templates.toml``."""
    file = _table()
    row = next(row for row in file.tables("templates") if row.values["name"] == name)
    tokens = _packaged_tokens(str(row.values["tokens"]))
    return Template(
        name,
        (PACKAGED / f"{name}.jinja").read_text("utf-8"),
        tokens=tokens,
        named_tokens=row.values.get("named", {}),
        placeholders={
            kind: (str(row.values[kind]),)
            for kind in ("image", "video", "audio")
            if kind in row.values
        },
        trusted=True,
    )


def packaged_names() -> list[str]:
    """The names of the templates of the package."""
    return [str(row.values["name"]) for row in _table().tables("templates")]


@cache
def _table() -> Table:
    return Table(read_toml(path := PACKAGED / "templates.toml"), str(path))


def _packaged_tokens(name: str) -> tuple[Token, ...]:
    row = next(row for row in _table().tables("tokens") if row.values["name"] == name)
    special = (Token(spelling) for spelling in row.values["special"])
    return (*special, *(Token(spelling, special=False) for spelling in row.values["added"]))


@cache
def usual_placeholders() -> Mapping[str, tuple[str, ...]]:
    """Kind of media -> spellings in use, for templates of which nothing else is known."""
    rows = _table().values["placeholders"]
    return {kind: tuple(spellings) for kind, spellings in rows.items()}


# Others


def template_in_text(source: str, name: str = "the chat template") -> Template:
    """A template that is given as a text."""
    if len(source.encode("utf-8", "replace")) > _MAX_TEMPLATE:
        raise FormatError(f"{name}: longer than {_MAX_TEMPLATE:,} bytes")
    return Template(name, source, placeholders=usual_placeholders())


def template_at(path: str | os.PathLike[str]) -> Template:
    """The template in a model's folder, or in a file of one.

    Args:
        path: a folder; ``chat_template.jinja`` or another file of that ending;
            ``tokenizer_config.json`` or ``chat_template.json``. Beside a file, the tokenizer's
            configuration is looked for.

    Raises:
        ReadError: it cannot be read.
        FormatError: it is no template.
        UsageError: there is none.
    """
    path = Path(path)
    folder = path if path.is_dir() else path.parent
    files = _IN_FOLDER if path.is_dir() else (path.name,)
    config = _config(folder / "tokenizer_config.json", path)
    found: dict[str, str] = {}
    for name in files:
        if path.is_dir() and not (folder / name).is_file():
            continue
        if found := _templates(folder / name):
            break
    if path.is_dir():
        found |= _additional(folder)
    if not found:
        raise UsageError(
            f"{path}: no chat template",
            hint=f"one of {', '.join(_IN_FOLDER)} has it, if the model is for conversations",
        )
    source = found.get("default") or next(iter(found.values()))
    return Template(
        str(path),
        source,
        found.get("tool_use"),
        _tokens(config, folder),
        _named_tokens(config),
        usual_placeholders(),
    )


def _templates(path: Path) -> dict[str, str]:
    """Name -> source, of the templates in a file."""
    if path.suffix != ".json":
        return {"default": _text(read_regular(path, _MAX_TEMPLATE, pipes=True), path)}
    given = _json(path, _MAX_CONFIG).get("chat_template")
    if isinstance(given, str):
        return {"default": given}
    found = {}
    if isinstance(given, Mapping):
        given = [{"name": name, "template": source} for name, source in given.items()]
    for each in given if isinstance(given, list) else ():
        if not isinstance(each, Mapping) or not isinstance(each.get("template"), str):
            raise FormatError(f"{path}: chat_template is neither a template nor a list of them")
        found[str(each.get("name"))] = each["template"]
    return found


def _additional(folder: Path) -> dict[str, str]:
    others = folder / "additional_chat_templates"
    if not others.is_dir():
        return {}
    return {
        path.stem: _text(read_regular(path, _MAX_TEMPLATE, within=others), path)
        for path in sorted(others.glob("*.jinja"))[:16]
    }


def _config(path: Path, asked: Path) -> Mapping[str, Any]:
    """The tokenizer's configuration; empty if there is none."""
    if path != asked and not path.is_file():
        return {}
    return _json(path, _MAX_CONFIG)


def _text(data: bytes, path: Path) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise FormatError(f"{path}: not UTF-8 text") from None


def _json(path: Path, limit: int) -> Mapping[str, Any]:
    try:
        value = json.loads(read_regular(path, limit, raises=ReadError))
    except (ValueError, RecursionError) as error:
        if isinstance(error, ReadError):
            raise
        raise FormatError(f"{path}: not JSON") from None
    if not isinstance(value, dict):
        raise FormatError(f"{path}: not a JSON object")
    return value


def _named_tokens(config: Mapping[str, Any]) -> dict[str, str]:
    named = {}
    for name in _NAMED:
        value = config.get(name)
        if isinstance(value, Mapping):
            value = value.get("content")
        if isinstance(value, str):
            named[name] = value
    return named


def _tokens(config: Mapping[str, Any], folder: Path) -> tuple[Token, ...]:
    rows = config.get("added_tokens_decoder")
    rows = [*rows.values()] if isinstance(rows, Mapping) else []
    tokenizer = folder / "tokenizer.json"
    if not rows and tokenizer.is_file():
        rows = _json(tokenizer, _MAX_TOKENIZER).get("added_tokens")
    return tuple(_token(row) for row in rows or () if _is_token(row))


def _is_token(row: Any) -> bool:
    return isinstance(row, Mapping) and isinstance(row.get("content"), str)


def _token(row: Mapping[str, Any]) -> Token:
    flags = (bool(row.get(name)) for name in ("special", "lstrip", "rstrip"))
    return Token(row["content"], *flags)
