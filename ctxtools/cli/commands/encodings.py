"""``ctx encodings``: which there are, facts about one, and files of them for other tools."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

from ctxtools.cli import options as opt
from ctxtools.cli.declarations import argument
from ctxtools.cli.output_names import named
from ctxtools.encodings.export import ExportFormat

if TYPE_CHECKING:
    from ctxtools.encodings import Encoding

_SHOWN = 8  # special tokens of a description


def encodings(
    names: Annotated[
        list[str] | None,
        argument(
            metavar="[NAME]... | export NAME",
            help="Encodings to describe, or tokenizer files; or 'export' and one to write for "
            "other tools.",
        ),
    ] = None,
    output: Annotated[
        str | None,
        opt.run_option(
            "--output",
            "-o",
            metavar="FILE",
            callback=named,
            help="Export to this file: a tokenizer.json, or ranks (.tiktoken). The default is "
            "tiktoken's cache, where tiktoken looks before it downloads.",
        ),
    ] = None,
    format: Annotated[
        ExportFormat | None,
        opt.run_option("--format", help="What to export, if the file's name does not say it."),
    ] = None,
    as_json: opt.Json = False,
    color: opt.Colors = None,
) -> None:
    """List the encodings that need no network, describe some, or export one for other tools.

    After `ctx encodings export o200k_base`, tiktoken and what is built on it work offline.
    """
    from ctxtools.cli.output.console import print_json, say
    from ctxtools.errors import UsageError

    if names and names[0] == "export":
        _export(names[1:], output, format, as_json=as_json)
        return
    if output is not None or format is not None:
        raise UsageError(
            "--output and --format are for an export", hint="ctx encodings export NAME -o FILE"
        )
    if names == ["list"]:  # verbs that are not needed
        names = None
    elif names and names[0] == "describe":
        names = names[1:]
        if not names:
            raise UsageError("describe takes encodings", hint="ctx encodings describe o200k_base")
    if names:
        described = [_facts(name) for name in names]
        if as_json:
            print_json(described)
            return
        for facts in described:
            say(facts["name"])
            for key, value in _in_words(facts):
                say(f"  {key:14} {value}")
    else:
        _list(as_json=as_json, color=color)


def _export(
    names: list[str], output: str | None, format: ExportFormat | None, *, as_json: bool
) -> None:
    from ctxtools.cli.output.console import print_json, say
    from ctxtools.encodings.export import export_encoding
    from ctxtools.errors import UsageError

    if len(names) != 1:
        raise UsageError("export takes one encoding", hint="ctx encodings export o200k_base")
    if output == "-":
        raise UsageError("an export goes to a file, not to stdout", hint="-o tokenizer.json")
    path = export_encoding(names[0], output, format=format)
    if as_json:
        print_json({"name": names[0], "path": str(path)})
    else:
        say(f"{names[0]} is now in {path}")


def _list(*, as_json: bool, color: str | None) -> None:
    from ctxtools.cli.output import console
    from ctxtools.config import load_config
    from ctxtools.encodings import describe_encodings

    found = dict(describe_encodings())
    if as_json:
        console.print_json([{"name": name, **facts} for name, facts in found.items()])
        return
    rows = [
        [name, facts.get("licence", ""), facts.get("engine", ""), _use(facts)]
        for name, facts in found.items()
    ]
    headings = ["Encoding", "Licence", "Engine", "Models"]
    out = console.row_console(color or load_config().color)
    console.draw_rows(out, headings, rows, left=headings)


def _use(facts: dict[str, str]) -> str:
    if "path" in facts:
        return f"in tiktoken's cache, {facts['path']}"
    return facts.get("serves") or facts["error"]


def _facts(name: str) -> dict[str, Any]:
    """What is known of an encoding by its name, or of the one in a tokenizer file."""
    from ctxtools.cli.option_names import spelled_as_options
    from ctxtools.encodings import describe_encodings, find_encoding
    from ctxtools.encodings.files.patterns import SPLIT_PATTERNS
    from ctxtools.encodings.files.specs import SPECS

    with spelled_as_options(**{"encoding_for_model(name)": "`ctx models NAME`"}):
        encoding = find_encoding(name)
    known = dict(describe_encodings()).get(name, {})
    facts: dict[str, Any] = {
        "name": name,
        "engine": encoding.backend.name,
        "vocabulary_size": encoding.vocabulary_size,
        "special_tokens": dict(encoding.special_tokens),
        "added_tokens": _added(encoding),
    }
    if name in SPECS:
        pattern = SPLIT_PATTERNS[SPECS[name].pattern]
        facts |= {"pattern": pattern.name, "regex": pattern.regex, "nfc": pattern.nfc}
    return facts | {key: value for key, value in known.items() if key != "engine"}


def _added(encoding: "Encoding") -> list[list[int]]:
    """The ids that the tokenizer puts before and after a text."""
    return [list(ids) for ids in encoding.added_ids]


def _in_words(facts: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if serves := facts.get("serves"):
        yield "models", serves
    yield "engine", facts["engine"]
    yield "vocabulary", f"{facts['vocabulary_size']:,} ids"
    special = list(facts["special_tokens"])
    more = f" and {len(special) - _SHOWN:,} more, which --json lists" if special[_SHOWN:] else ""
    yield "special tokens", (", ".join(special[:_SHOWN]) + more) or "none"
    before, after = facts["added_tokens"]
    yield "around a text", f"{before} … {after}" if before or after else "nothing"
    if "pattern" in facts:
        yield "normal form", "NFC" if facts["nfc"] else "none"
        yield "split pattern", f"{facts['pattern']}: {facts['regex']}"
    for key in ("source", "licence", "path"):
        if key in facts:
            yield key, facts[key]
