"""A plugin of llm: folders as fragments within a limit of tokens, ctx's commands, and a counter.

Hooks: https://llm.datasette.io/en/stable/plugins/plugin-hooks.html
"""

import subprocess
import sys
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import click
import llm

import ctxtools
from ctxtools.errors import UsageError
from ctxtools.units import parse_size

DEFAULT_LIMIT = 100_000
ONCE = ("limit", "reserve", "model", "encoding", "query", "ref", "diff", "secrets")
SEVERAL = ("include", "exclude")


@llm.hookimpl
def register_fragment_loaders(register: Callable[..., None]) -> None:
    """``ctx:PATH?limit=50k``."""
    register("ctx", packed_fragment)


@llm.hookimpl
def register_tools(register: Callable[..., None]) -> None:
    """``llm -T count_tokens``."""
    register(count_tokens)


@llm.hookimpl
def register_commands(cli: click.Group) -> None:
    """``llm ctx count .``"""

    @cli.command(
        name="ctx",
        add_help_option=False,
        context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
    )
    @click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
    def run_ctx(arguments: tuple[str, ...]) -> None:
        """Count, chunk and pack files: the commands of ctxtools"""
        sys.exit(subprocess.run([sys.executable, "-m", "ctxtools", *arguments]).returncode)


def packed_fragment(argument: str) -> llm.Fragment:
    """A file, or the most valuable choice of a folder's files, as one text within a limit.

    Args:
        argument: a path; after a ``?`` options as ``name=value``, joined by ``&``.

    Returns:
        The text, in which each document has its path. Its source says how much it is of what.

    Raises:
        UsageError: an option is unknown; and what `ctxtools.pack` raises.
    """
    path, options = read_argument(argument)
    model = ctxtools.get_model(options["model"]) if "model" in options else None
    encoding = _encoding(options.get("encoding"), model)
    documents = ctxtools.read_documents(
        [path],
        include=options.get("include", ()),
        exclude=options.get("exclude", ()),
        ref=options.get("ref"),
        diff=options.get("diff"),
        strict=False,
    )
    read = list(documents)
    if not read:
        raise UsageError(f"nothing to pack in {path}{_reasons(documents.skipped)}")
    policy = options.get("secrets", "report")
    pack = ctxtools.pack(
        read,
        encoding,
        budget=_budget(options, model),
        query=options.get("query"),
        changes=documents.changes or None,
        roots=documents.folders or None,
        secrets=policy,
    )
    if pack.secrets and policy == "report":
        found = "; ".join(sorted({f"{each.path}: {each.kind}" for each in pack.secrets}))
        raise UsageError(
            f"what goes in holds secrets: {found}",
            hint="exclude these files, or add secrets=redact, or secrets=off",
        )
    counted = f"{pack.token_count:,} of {pack.limit:,} tokens of {pack.encoding}"
    for count, verb in ((len(pack.omitted), "left out"), (len(documents.skipped), "skipped")):
        counted += f", {count} {verb}" if count else ""
    click.echo(f"ctx:{argument}: {len(pack.documents)} documents, {counted}", err=True)
    return llm.Fragment(pack.text, f"ctx:{argument} ({counted})")


def count_tokens(text: str, model: str = "gpt-5") -> int:
    """The number of tokens that a text has for a model."""
    return ctxtools.encoding_for_model(model).count(text)


def read_argument(argument: str) -> tuple[str, dict[str, Any]]:
    """The path and the options of ``PATH?name=value&name=value``.

    Raises:
        UsageError: an option is unknown, has no value, or is there twice.
    """
    path, _, query = argument.partition("?")
    options: dict[str, Any] = {}
    for part in filter(None, query.split("&")):
        name, equals, value = part.partition("=")
        if name not in ONCE + SEVERAL or not equals:
            known = ", ".join(ONCE + SEVERAL)
            raise UsageError(f"unknown option {part!r}", hint=f"there are {known}")
        if name in SEVERAL:
            options.setdefault(name, []).append(unquote(value))
        elif name in options:
            raise UsageError(f"{name} is given twice")
        else:
            options[name] = unquote(value)
    return path or ".", options


def _encoding(name: str | None, model: ctxtools.Model | None) -> ctxtools.Encoding:
    if name is not None:
        return ctxtools.get_encoding(name)
    return model.load_encoding() if model else ctxtools.get_encoding("o200k_base")


def _budget(options: dict[str, Any], model: ctxtools.Model | None) -> int:
    """The tokens that the text may have.

    Raises:
        UsageError: a size cannot be read, or the reserve leaves nothing.
    """
    reserve = parse_size(options.get("reserve", "0"), "reserve")
    if "limit" in options:
        available = parse_size(options["limit"], "limit") - reserve
    elif model and model.context:
        available = model.budget(reserve_output=reserve).available
    else:
        available = DEFAULT_LIMIT - reserve
    if available <= 0:
        raise UsageError(f"the reserve of {reserve:,} tokens leaves nothing for the text")
    return available


def _reasons(skipped: list[Any]) -> str:
    shown = "; ".join(f"{each.path}: {each.reason}" for each in skipped[:3])
    return f" ({shown})" if shown else ""
