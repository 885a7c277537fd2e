"""What commands declare, as a shell sees it: words, and what may follow them."""

import inspect
from typing import Any, Literal, NamedTuple, get_args, get_origin

from ctxtools.cli.declarations import Command, Parameter, parameters_of
from ctxtools.cli.quick import COMMANDS, GROUPS, find_command, is_list, plain_type


class Word(NamedTuple):
    """An option, or an argument.

    Attributes:
        spellings: of an option, those that switch a flag off included; of an argument none.
        help: all that the help says of it.
        value: what its value is called; None for a flag.
        choices: its values, where these are few.
        is_repeated: it can be given several times.
        is_required: it has to be given.
        panel: the title that it is under in the help, "" without one.
        default: as it is shown, "" where it is not.
    """

    spellings: tuple[str, ...]
    help: str
    value: str | None = None
    choices: tuple[str, ...] = ()
    is_repeated: bool = False
    is_required: bool = False
    panel: str = ""
    default: str = ""

    @property
    def summary(self) -> str:
        """The first sentence of the help, without its full stop."""
        return self.help.partition(". ")[0].removesuffix(".")


class Words(NamedTuple):
    """A command: its name, such as ``corpus count``, its description, options and arguments."""

    name: str
    description: str
    options: list[Word]
    arguments: list[Word]

    @property
    def summary(self) -> str:
        """The first line of the description, without its full stop."""
        return self.description.partition("\n")[0].removesuffix(".")


HELP = Word(("--help", "-h"), "Show what the command does and its options.")
ROOT = Words(
    "",
    "Count, chunk and pack text for the context windows of language models: exactly, offline.",
    [
        Word(("--version", "-V"), "Print the version."),
        Word(("--install-completion",), "Install completion for the current shell."),
        Word(("--show-completion",), "Show completion for the current shell, to copy it."),
        HELP,
    ],
    [],
)
"""``ctx`` itself; these options are typer's."""


def all_commands() -> list[Words]:
    """All commands, in the order of the help."""
    return [words_of(name, find_command(name)) for name in COMMANDS]


def words_of(name: str, command: Command) -> Words:
    """A command as a shell sees it."""
    parameters = parameters_of(command)
    return Words(
        name,
        inspect.cleandoc(command.__doc__ or ""),
        [*(_word(each) for each in parameters if not each.option.is_argument), HELP],
        [_word(each) for each in parameters if each.option.is_argument],
    )


def first_words(commands: list[Words]) -> dict[str, str]:
    """What may follow ``ctx``: commands and groups, with what they do."""
    firsts = (each.name.partition(" ")[0] for each in commands)
    summaries = {each.name: each.summary for each in commands}
    return {name: summaries.get(name, "") or _group_summary(name) for name in firsts}


def second_words(group: str, commands: list[Words]) -> dict[str, str]:
    """What may follow the name of a group."""
    parts = [(each.name.partition(" "), each.summary) for each in commands]
    return {second: summary for (first, _, second), summary in parts if first == group and second}


def groups(commands: list[Words]) -> list[str]:
    """The first words that are no commands by themselves."""
    return [name for name in first_words(commands) if name in GROUPS]


def _group_summary(name: str) -> str:
    return GROUPS[name].removesuffix(".")


def _word(parameter: Parameter) -> Word:
    option = parameter.option
    kind = plain_type(parameter.type)
    choices = tuple(map(str, get_args(kind))) if get_origin(kind) is Literal else ()
    dashed = parameter.name.replace("_", "-")
    spellings: tuple[str, ...] = ()
    if not option.is_argument:
        given = option.spellings or (f"--{dashed}",)
        spellings = tuple(part for each in given for part in each.split("/"))
    value = None if kind is bool else option.metavar or _called(dashed, choices, kind)
    return Word(
        spellings,
        option.help,
        value,
        choices,
        is_repeated=is_list(parameter.type),
        is_required=parameter.default is ...,
        panel=option.panel or "",
        default=_shown(parameter.default) if option.show_default else "",
    )


def _called(name: str, choices: tuple[str, ...], kind: Any) -> str:
    if choices:
        return "|".join(choices)
    return {int: "N", float: "NUMBER"}.get(kind) or name.rpartition("-")[2].upper()


def _shown(default: Any) -> str:
    return "" if default in (None, ..., False, True) else str(default)
