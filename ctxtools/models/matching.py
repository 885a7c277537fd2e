"""Rows of packaged tables that are found by the name of a model.

Each row has a regular expression for names. A lookup needs one row of a hundred, so only that one
is parsed, and only expressions that may match are compiled: both would take longer than all else
that a short run does.
"""

import re
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from ctxtools.errors import ConfigError
from ctxtools.regular_file import read_regular
from ctxtools.toml_file import MAX_CONFIG, parse_toml

# A name that goes on with one of these is of a model made from two ("llama-qwen"): not guessed.
_BASES = r"(?:^|-)(?:qwen|llama|mi[sx]tral|gemma|phi|deepseek|gpt|claude|glm|kimi|distill)(?![a-z])"
_MATCH = re.compile(r"""^match = (?:'([^'\n]+)'|"([^"\\\n]+)")$""", re.MULTILINE)
_LITERAL = re.compile(r"[a-z0-9-]*")


class Row(NamedTuple):
    """A row, as it stands in its file.

    Attributes:
        pattern: matches the beginning of the keys of its models, see
            `ctxtools.models.names.lookup_key`.
        text: TOML, with the heading of the row.
    """

    pattern: str
    text: str

    def holds(self, key: str) -> bool:
        """Whether the row is for a model of that key."""
        return key.startswith(beginnings(self.pattern)) and holds(self.pattern, key)


def holds(pattern: str, key: str) -> bool:
    """Whether a pattern matches the beginning of a model's key, whose rest names no other model."""
    found = re.match(pattern, key)
    return found is not None and not re.search(_BASES, key[found.end() :])


class MatchTable:
    """The rows of a packaged file of which each has a ``match``, in its order.

    Args:
        path: the file, in which a ``match`` has a line of its own.
        name: what its rows are called: ``families`` of ``[[families]]``.

    Raises:
        ConfigError: it cannot be read, or a row has no ``match``.
    """

    __slots__ = ("_name", "path", "rows")

    def __init__(self, path: Path, name: str) -> None:
        self.path = path
        self._name = name
        text = read_regular(path, MAX_CONFIG, raises=ConfigError).decode()
        heading = f"[[{name}]]\n"
        _comments, *rows = f"\n{text}".split(f"\n{heading}")
        self.rows = tuple(self._row(heading + each) for each in rows)

    def _row(self, text: str) -> Row:
        found = _MATCH.search(text)
        if found is None:
            raise ConfigError(f"{self.path}: a row of {self._name} has no match")
        return Row(rf"(?:{found[1] or found[2]})(?=-|$)", text)

    def values(self, row: Row) -> dict[str, Any]:
        """What a row says.

        Raises:
            ConfigError: it is not TOML.
        """
        values: dict[str, Any] = parse_toml(row.text.encode(), self.path)[self._name][0]
        return values


@lru_cache(maxsize=1_000)
def beginnings(pattern: str) -> tuple[str, ...]:
    """Literal texts: whatever a pattern matches begins with one of them, which may be empty."""
    found: list[str] = []
    for each in _alternatives(pattern):
        group = _group(each)
        if group is None:
            literal = _LITERAL.match(each)[0]  # type: ignore[index]  # it matches anything
            # What may be repeated may be missing.
            found.append(literal[:-1] if each[len(literal) :][:1] in ("?", "*", "{") else literal)
            continue
        inner, rest = group
        found += beginnings(inner)
        if rest[:1] in ("?", "*", "{"):
            found += beginnings(rest[1:]) if rest[0] != "{" else [""]
    return ("",) if "" in found else tuple(dict.fromkeys(found))


def _alternatives(pattern: str) -> list[str]:
    """A pattern without what is between bars that are in no group."""
    found, depth, start = [], 0, 0
    for token in re.finditer(r"\\.|\[[^\]]*\]|[(|)]", pattern):
        if token[0] == "(":
            depth += 1
        elif token[0] == ")":
            depth -= 1
        elif token[0] == "|" and not depth:
            found.append(pattern[start : token.start()])
            start = token.end()
    return [*found, pattern[start:]]


def _group(pattern: str) -> tuple[str, str] | None:
    """The content of the group that a pattern begins with, and what follows it."""
    if not pattern.startswith("(") or (pattern.startswith("(?") and pattern[2] != ":"):
        return None
    depth = 0
    for token in re.finditer(r"\\.|\[[^\]]*\]|[()]", pattern):
        depth += {"(": 1, ")": -1}.get(token[0], 0)
        if not depth:
            return pattern[1 : token.start()].removeprefix("?:"), pattern[token.end() :]
    return None
