"""What is known beyond models.toml: the limits of listed models, the tokenizers of families.

The list has the chat and embedding models of two public tables, made by
``scripts/build_models.py``: limits and prices, but no tokenizer. families.toml has tokenizers, but
no limits. Both are read when a name is asked for that models.toml does not have.
"""

import gzip
import re
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from ctxtools.errors import ConfigError, os_reason
from ctxtools.models.model import Model
from ctxtools.models.rows import ModelsFile, read_model, read_sources
from ctxtools.toml_file import Table, read_toml

LISTED = Path(__file__).with_name("listed.json.gz")
FAMILIES = Path(__file__).with_name("families.toml")

# A name that goes on with one of these is of a model made from two ("llama-qwen"): not guessed.
_BASES = r"(?:^|-)(?:qwen|llama|mi[sx]tral|gemma|phi|deepseek|gpt|claude|glm|kimi|distill)(?![a-z])"


class Family(NamedTuple):
    """Models that have one tokenizer.

    Attributes:
        pattern: matches the beginning of their keys, see `ctxtools.models.names.lookup_key`.
        model: their tokenizer and vendor, without a name and without limits.
    """

    pattern: str
    model: Model

    def holds(self, key: str) -> bool:
        """Whether a model of that key is of the family."""
        return holds(self.pattern, key)


def holds(pattern: str, key: str) -> bool:
    """Whether a pattern matches the beginning of a model's key, whose rest names no other model."""
    found = re.match(pattern, key)
    return found is not None and not re.search(_BASES, key[found.end() :])


class Catalog:
    """The list and the families; each is read when it is first needed.

    Args:
        packaged: models.toml, whose sources and estimates the families refer to.
    """

    def __init__(self, packaged: ModelsFile) -> None:
        self._packaged = packaged

    def listed(self, key: str) -> Model | None:
        """The listed model of that key, without a tokenizer.

        Raises:
            ConfigError: the packaged list cannot be read.
        """
        row = self._rows.get(key)
        return read_model(Table(row, str(LISTED)), sources=self._sources) if row else None

    def names(self) -> Mapping[str, str]:
        """The names of all listed models by their keys, in order."""
        return {key: row["name"] for key, row in self._rows.items()}

    def family(self, key: str) -> Model | None:
        """The tokenizer of the first family that has a model of that key.

        Raises:
            ConfigError: the packaged families cannot be read.
        """
        first = self._any_family.match(key)
        if first is None:
            return None
        start = int((first.lastgroup or "").removeprefix("family"))
        families = self._families[start:]
        return next((family.model for family in families if family.holds(key)), None)

    @cached_property
    def _list(self) -> Mapping[str, Any]:
        import json

        try:
            found: dict[str, Any] = json.loads(gzip.decompress(LISTED.read_bytes()))
        except (OSError, EOFError, ValueError) as error:
            reason = os_reason(error) if isinstance(error, OSError) else str(error)
            raise ConfigError(
                f"{LISTED}: {reason}", hint="reinstall ctxtools, which brings this file"
            ) from error
        return found

    @property
    def _rows(self) -> Mapping[str, Mapping[str, Any]]:
        rows: Mapping[str, Mapping[str, Any]] = self._list["models"]
        return rows

    @cached_property
    def _sources(self) -> Mapping[str, Any]:
        return read_sources(Table({"sources": self._list["sources"]}, str(LISTED)))

    @cached_property
    def _families(self) -> tuple[Family, ...]:
        file = Table(read_toml(FAMILIES), str(FAMILIES))
        families = tuple(self._read_family(row) for row in file.tables("families"))
        file.done()
        return families

    @cached_property
    def _any_family(self) -> re.Pattern[str]:
        """All patterns as one, as an imported list asks for thousands of names."""
        patterns = (family.pattern for family in self._families)
        return re.compile(
            "|".join(f"(?P<family{number}>{each})" for number, each in enumerate(patterns))
        )

    def _read_family(self, row: Table) -> Family:
        match = row.text("match") or ""
        values = {key: value for key, value in row.values.items() if key != "match"}
        known = self._packaged
        model = read_model(
            Table({"name": match, **values}, row.file, row.path),
            sources=known.sources,
            estimates=known.estimates,
        )
        return Family(rf"(?:{match})(?=-|$)", model)
