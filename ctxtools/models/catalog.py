"""What is known beyond models.toml: the limits of listed models, the tokenizers of families.

The list has the chat and embedding models of two public tables, made by
``scripts/build_models.py``: limits and prices, but no tokenizer. families.toml has tokenizers, but
no limits. Both are read when a name is asked for that models.toml does not have, and of both only
the rows that it takes.
"""

import zlib
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from ctxtools.errors import ConfigError, os_reason
from ctxtools.models.matching import MatchTable, Row
from ctxtools.models.model import Model
from ctxtools.models.rows import ModelsFile, read_model, read_sources
from ctxtools.toml_file import Table

LISTED = Path(__file__).with_name("listed.json.gz")
FAMILIES = Path(__file__).with_name("families.toml")
_GZIP = 16 + zlib.MAX_WBITS  # the module gzip takes longer to import than the list to read


class Catalog:
    """The list and the families; each is read when it is first needed.

    Args:
        packaged: models.toml, whose sources and estimates the families refer to.
    """

    def __init__(self, packaged: ModelsFile) -> None:
        self._packaged = packaged
        self._read_families: dict[Row, Model] = {}

    def listed(self, key: str) -> Model | None:
        """The listed model of that key, without a tokenizer.

        Raises:
            ConfigError: the packaged list cannot be read.
        """
        import json  # not needed for a name that models.toml has

        start = f"\n{json.dumps(key)}:"
        at = self._text.find(start)
        if at < 0:
            return None
        row = self._text[at + len(start) : self._text.index("\n", at + 1)]
        return read_model(Table(_parsed(row.rstrip(",")), str(LISTED)), sources=self._sources)

    def names(self) -> Mapping[str, str]:
        """The names of all listed models by their keys, in order."""
        rows = _parsed(self._text)["models"].items()
        return {key: row["name"] for key, row in rows}

    def family(self, key: str) -> Model | None:
        """The tokenizer of the first family that has a model of that key.

        Raises:
            ConfigError: the packaged families cannot be read.
        """
        row = next((row for row in self._families.rows if row.holds(key)), None)
        return self._family(row) if row else None

    @cached_property
    def _text(self) -> str:
        """The list: JSON with its sources on the first line, and each model on one of its own."""
        try:
            return zlib.decompress(LISTED.read_bytes(), wbits=_GZIP).decode()
        except (OSError, zlib.error, UnicodeDecodeError) as error:
            raise _damaged(os_reason(error) if isinstance(error, OSError) else error) from error

    @cached_property
    def _sources(self) -> Mapping[str, Any]:
        first = self._text.partition(",\n")[0]
        return read_sources(Table({"sources": _parsed(first + "}")["sources"]}, str(LISTED)))

    @cached_property
    def _families(self) -> MatchTable:
        return MatchTable(FAMILIES, "families")

    def _family(self, row: Row) -> Model:
        if row not in self._read_families:
            values = self._families.values(row)
            match = values.pop("match")
            known = self._packaged
            self._read_families[row] = read_model(
                Table({"name": match, **values}, str(FAMILIES), f'families."{match}"'),
                sources=known.sources,
                estimates=known.estimates,
            )
        return self._read_families[row]


def _parsed(text: str) -> Any:
    import json

    try:
        return json.loads(text)
    except ValueError as error:
        raise _damaged(error) from error


def _damaged(reason: object) -> ConfigError:
    return ConfigError(f"{LISTED}: {reason}", hint="reinstall ctxtools, which brings this file")
