"""Rules: which files may have how many tokens, each or all together, and how much they may grow.

In a project's file they are the table ``[check]``::

    [check]
    "AGENTS.md" = "4k"
    "docs/**" = { each = "25k", all = "400k", max_growth = "10%" }
    encoding = "o200k_base"

A key is a pattern of files, written for the folder of that file; or, without a slash or a
wildcard, one of the settings that the rules share: ``model``, ``encoding``, ``max_growth``.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ctxtools.checks import check_type
from ctxtools.config import Config, load_config
from ctxtools.errors import ConfigError, UsageError
from ctxtools.suggestions import closest_match
from ctxtools.toml_file import MAX_VALUES, Table
from ctxtools.units import MAX_SIZE, parse_size

if TYPE_CHECKING:
    from ctxtools.encodings import Encoding
    from ctxtools.models import Model

WRITE_ONE = (
    'write rules into ctxtools.toml, below [check]: "AGENTS.md" = "4k"; or give --limit '
    "'AGENTS.md=4k'"
)
"""How to state a limit, for a person who has none."""

_SETTINGS = ("encoding", "max_growth", "model")
_PARTS = ("each", "all")
_EVERYTHING = "**"
_PERCENT = re.compile(r"(\d{1,9})(?:\.(\d{1,3}))?\s*%", re.ASCII)
_LONGEST = 4096  # characters of a pattern


class Growth(NamedTuple):
    """How much a number of tokens may grow.

    Attributes:
        text: as it was written: ``"10%"``, ``"2k"``.
        tokens: that may be added.
        thousandths: of a percent that may be added, of what was there before.
    """

    text: str
    tokens: int = 0
    thousandths: int = 0

    @classmethod
    def parse(cls, text: str | int, name: str = "") -> "Growth":
        """What a size or a percentage means, of which at most three decimals count.

        Args:
            text: ``"10%"``, ``"2k"``, 500.
            name: what errors call it.

        Raises:
            UsageError: it is neither.
        """
        if isinstance(text, str) and (found := _PERCENT.fullmatch(text.strip())):
            return cls(text.strip(), 0, int(found[1]) * 1000 + int(f"{found[2] or '':<03}"))
        try:
            return cls(str(text), parse_size(text))
        except UsageError as error:
            raise UsageError(
                f"{name or 'growth'}: {text!r:.50} is no percentage and no size",
                hint="write 10% of what it was, or a number of tokens such as 500 or 2k",
            ) from error

    def highest(self, before: int) -> int:
        """The most tokens that there may be, where there were so many."""
        return before + self.tokens + before * self.thousandths // 100_000


class LimitRule(NamedTuple):
    """What the files that match a pattern may have.

    Attributes:
        pattern: as in `.gitignore`, for the folder that the rules are for; it matches hidden names
            only where it names one: ``.github/*.md``.
        each: the most tokens of one file. Of several rules that match a file, the last one counts.
        all: the most tokens of all these files together. Each rule counts.
        each_growth: by how much one file may grow; the last rule counts.
        all_growth: by how much all these files together may grow, new and removed ones included.
        model: what to count for; None if ``encoding`` says it, or what is counted for by default.
        encoding: what to count with.
        within: the folder of the project whose file names the encoding, which may not be elsewhere;
            None if the user does.
        origin: where it was written, for messages: a file, or an option.
    """

    pattern: str
    each: int | None = None
    all: int | None = None
    each_growth: Growth | None = None
    all_growth: Growth | None = None
    model: "str | Model | None" = None
    encoding: "str | Encoding | None" = None
    within: Path | None = None
    origin: str = "limits"


class LimitRules(NamedTuple):
    """Rules, and what they are for.

    Attributes:
        rules: in order.
        folder: that the patterns are written for; None is the current one.
        model, encoding: what to count for, or with, where a rule does not say.
        within: as of a rule, of that encoding.
        config: whose models count; None for those that come with ctxtools.
    """

    rules: tuple[LimitRule, ...]
    folder: Path | None = None
    model: "str | Model | None" = None
    encoding: "str | Encoding | None" = None
    within: Path | None = None
    config: Config | None = None

    @classmethod
    def of(cls, limits: Mapping[str, Any], origin: str = "limits") -> "LimitRules":
        """Rules from patterns and what their files may have.

        Args:
            limits: pattern -> a number of tokens for each file, 4000 or ``"4k"``; or ``"each:25k,
                all:400k"``; or a mapping with ``each``, ``all``, ``max_growth``, ``model``,
                ``encoding``.
            origin: what messages call them.

        Raises:
            ConfigError: a value is none of these.
            UsageError: it is no mapping.
        """
        check_type(origin, limits, Mapping)
        for pattern in limits:
            check_type(f"each pattern of {origin}", pattern, str)
        table = Table(limits, origin)
        return cls(tuple(_read_rule(table, pattern, {}) for pattern in limits))


def load_limits(config: Config | None = None) -> LimitRules:
    """The rules of the project that the current folder is in, which may be none.

    Args:
        config: the settings; None for those of the current folder.

    Raises:
        ConfigError: a rule, or a setting, is invalid; the message says where.
    """
    if config is not None:
        check_type("config", config, Config)
    config = load_config() if config is None else config
    first = LimitRules((), config=config, within=config.encoding_folder)
    first = first._replace(
        model=next(iter(config.model), None),
        encoding=None if config.model else next(iter(config.encoding), None),
    )
    table = config.check
    if table is None:
        return first
    folder = Path(table.file).parent
    if len(table.values) > MAX_VALUES:
        raise ConfigError(
            f"{table.file}: {table.path} has {len(table.values):,} rules, and at most "
            f"{MAX_VALUES:,} count"
        )
    model, encoding = _read_target(table)
    growth = _read_growth(table)
    rules = tuple(
        _read_rule(table, pattern, growth)._replace(within=folder)
        for pattern in table.values
        if pattern not in _SETTINGS
    )
    if model or encoding:
        first = first._replace(model=model, encoding=encoding, within=folder)
    return first._replace(rules=rules, folder=folder)


def parse_limit(text: str, name: str = "--limit") -> LimitRule:
    """The rule that an option states: ``AGENTS.md=4k``, ``docs/**=each:25k,all:400k``.

    Raises:
        UsageError: it states none.
    """
    pattern, equals, value = text.rpartition("=")
    if not equals or not pattern.strip():
        raise UsageError(
            f"{name} {text!r:.100} is not a pattern and a size with = between them",
            hint=f"write {name} 'AGENTS.md=4k', or 'docs/**=each:25k,all:400k'; '**=4k' is for "
            "every file",
        )
    return _read_rule(Table({pattern: value}, name), pattern, {})


_Growths = Mapping[str, Growth]


def _read_rule(table: Table, pattern: str, growth: _Growths) -> LimitRule:
    """One rule.

    Args:
        table: in which the pattern is a key.
        pattern: of files.
        growth: that is allowed where the rule does not say.
    """
    _check_pattern(table, pattern)
    value = table.values[pattern]
    if isinstance(value, str) and ":" in value:
        value = _read_parts(table, pattern, value)
    if isinstance(value, Mapping):
        for key in value:
            check_type(f"{table.file}: each key of {pattern!r:.100}", key, str)
        own = Table({pattern: value}, table.file, table.path).table(pattern)
        model, encoding = _read_target(own)
        growth = {**growth, **_read_growth(own)}
        rule = LimitRule(pattern, own.size("each"), own.size("all"), model=model, encoding=encoding)
        own.done()
        if not (growth or rule.each is not None or rule.all is not None):
            raise table.error(
                f'"{pattern}"',
                "states no limit",
                'write { each = "25k", all = "400k" }, or one of them',
            )
    else:
        rule = LimitRule(pattern, _read_size(table, pattern))
    return rule._replace(
        each_growth=growth.get("each"), all_growth=growth.get("all"), origin=table.origin
    )


def _read_size(table: Table, pattern: str) -> int | None:
    try:
        size = table.size(pattern)
    except ConfigError as error:
        # Of a word that is no pattern, another one was meant.
        is_word = re.fullmatch(r"[a-z_-]{3,30}", pattern) is not None
        meant = closest_match(pattern, _SETTINGS) if is_word and table.path else None
        raise ConfigError(
            error.message,
            hint=meant or 'write a size such as "4k", or { each = "25k", all = "400k" }',
        ) from error
    if size is None:
        raise table.error(pattern, "must be a size or a table, not None")
    return size


def _read_parts(table: Table, pattern: str, text: str) -> dict[str, str]:
    """``each:25k,all:400k`` as a table."""
    parts: dict[str, str] = {}
    # A comma may also stand between thousands.
    for part in re.split(r",(?=\s*[A-Za-z_]+\s*:)", text):
        name, _, size = (each.strip() for each in part.partition(":"))
        if name not in _PARTS or name in parts:
            what = "is there twice" if name in parts else f"is none of {' and '.join(_PARTS)}"
            meant = closest_match(name[:50], {*_PARTS} - {*parts})
            raise table.error(
                pattern,
                f"has a limit {name!r:.50}, which {what}",
                meant or "write each:25k, all:400k or both",
            )
        parts[name] = size
    return parts


def _counts(value: object) -> bool:
    """Whether it is a model or an encoding itself, as the Python API may pass."""
    from ctxtools.encodings import Encoding
    from ctxtools.models import Model

    return isinstance(value, Encoding | Model)


def _read_target(table: Table) -> "tuple[str | Model | None, str | Encoding | None]":
    """What to count for, or with."""
    model = table.value("model")
    encoding = table.value("encoding")
    for name, value in (("model", model), ("encoding", encoding)):
        if value is not None and not (value.strip() if isinstance(value, str) else _counts(value)):
            raise table.error(name, f"must be a name, not {value!r:.50}")
    if model is not None and encoding is not None:
        raise table.error("model", "and encoding were both given", "keep one")
    return model, encoding


def _read_growth(table: Table) -> dict[str, Growth]:
    value = table.value("max_growth")
    if value is None:
        return {}
    try:
        return read_growth(value, "max_growth")
    except ConfigError as error:
        raise table.error("max_growth", error.message, error.hint) from error
    except UsageError as error:
        message = error.message.removeprefix("max_growth: ")
        raise table.error("max_growth", f"is invalid: {message}", error.hint) from error


def read_growth(value: Any, name: str = "max_growth") -> dict[str, Growth]:
    """How much files may grow, each and all together, as far as that is limited.

    Args:
        value: ``"10%"`` or ``"2k"`` or 2000, of each file; ``"each:10%,all:2k"``; or a mapping with
            ``each`` and ``all``.
        name: what errors call it.

    Raises:
        UsageError, ConfigError: it is none of these.
    """
    if isinstance(value, str) and ":" in value:
        value = _read_parts(Table({}, name), name, value)
    if not isinstance(value, Mapping):
        value = {"each": value}
    found = {}
    table = Table(value, name)
    for part in _PARTS:
        if (growth := table.value(part)) is None:
            continue
        if isinstance(growth, bool) or not isinstance(growth, int | str):
            raise UsageError(
                f"{name}: {growth!r:.50} is no percentage and no size",
                hint="write 10% of what it was, or a number of tokens such as 500 or 2k",
            )
        found[part] = Growth.parse(growth, name)
        if found[part].tokens > MAX_SIZE:
            raise UsageError(f"{name} must be <= {MAX_SIZE}")
    table.done()
    if not found:
        raise UsageError(f"{name} states no growth", hint="write 10%, or each:10%,all:2k")
    return found


def with_growth(rules: tuple[LimitRule, ...], max_growth: Any) -> tuple[LimitRule, ...]:
    """The rules with a growth where they state none; without any, one for every file."""
    if max_growth is None:
        return rules
    growth = read_growth(max_growth)
    rules = rules or (LimitRule(_EVERYTHING, origin="max_growth"),)
    return tuple(
        each._replace(
            each_growth=each.each_growth or growth.get("each"),
            all_growth=each.all_growth or growth.get("all"),
        )
        for each in rules
    )


def _check_pattern(table: Table, pattern: str) -> None:
    """Refuse a pattern that can match no file of the folder, or that is too long."""
    shown = f'"{pattern}"'
    if not pattern.strip():
        raise table.error(shown, "is an empty pattern", "name what to match: docs/**")
    if len(pattern) > _LONGEST:
        raise table.error(shown, f"has more than {_LONGEST:,} characters")
    if pattern.startswith("!"):
        raise table.error(
            shown, "takes back, and a limit cannot", "leave files out with exclude, or --exclude"
        )
    if ".." in pattern.split("/") or pattern.startswith("~/"):
        raise table.error(
            shown,
            "leads out of the folder that it is for",
            "patterns are for files below the folder of the configuration, or the current one",
        )
