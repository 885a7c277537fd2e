"""The packaged table of models: architectures.toml."""

import re
from functools import cache
from pathlib import Path
from typing import Any

from ctxtools.errors import ConfigError, UnknownModelError
from ctxtools.memory.architecture import BASES, Architecture, Parameters
from ctxtools.memory.layers import KINDS, Layers
from ctxtools.models.matching import holds
from ctxtools.models.names import LONGEST_NAME, lookup_key, readings
from ctxtools.models.registry import Registry
from ctxtools.suggestions import closest_match
from ctxtools.toml_file import Table, read_toml

_FILE = Path(__file__).with_name("architectures.toml")
_FILES = (
    "name the folder or the config.json of the model; `ctx memory --models` lists what is known"
)


def find_architecture(name: str) -> Architecture | None:
    """The architecture of a model by any spelling of its name, or None."""
    for way in readings(name[:LONGEST_NAME]):
        if "/" in way.key:
            continue
        for pattern, architecture in _rows():
            if holds(pattern, way.key):
                return architecture
    return None


def get_architecture(name: str) -> Architecture:
    """The same.

    Raises:
        UnknownModelError: none is known; the hint has the closest names.
    """
    if found := find_architecture(name):
        return found
    if Registry.packaged().find_exact(name):
        raise UnknownModelError(
            f"the layers of {name!r:.200} are not known",
            hint=f"its vendor may not publish them; {_FILES}",
        )
    typed = name[:LONGEST_NAME].rpartition("/")[2]
    known = [lookup_name(each.name) for each in list_architectures()]
    raise UnknownModelError(
        f"the layers of {name!r:.200} are not known",
        hint=closest_match(typed.lower(), known) or _FILES,
    )


def list_architectures() -> tuple[Architecture, ...]:
    """The models whose memory can be planned without their files."""
    return tuple(architecture for _, architecture in _rows())


def lookup_name(name: str) -> str:
    """The name of a row as one types it: "DeepSeek V3, V3.1, R1" as "deepseek-v3"."""
    return name.partition(",")[0].lower().replace(" ", "-")


def format_in_name(name: str) -> str | None:
    """The format of weights that a name says, as ``Qwen3-8B-FP8`` does."""
    found = re.search(
        r"-(fp8|int8|w8a8|int4|awq|gptq|w4a16|nvfp4|mxfp4|bf16)(?=-|$)", lookup_key(name)
    )
    return {"awq": "int4", "gptq": "int4"}.get(found[1], found[1]) if found else None


@cache
def _rows() -> tuple[tuple[str, Architecture], ...]:
    file = Table(read_toml(_FILE), str(_FILE))
    return tuple(
        (rf"(?:{row.values['match']})(?=-|$)", _read(row)) for row in file.tables("models")
    )


def _read(row: Table) -> Architecture:
    values = row.values
    basis = row.choice("basis", BASES)
    parameters = values.get("parameters")
    formats = values["formats"]
    try:
        return Architecture(
            values["name"],
            tuple(_layers(each) for each in values["layers"]),
            Parameters(**parameters) if parameters else None,
            values.get("heads", 0),
            values.get("context"),
            formats["routed"],
            formats["dense"],
            basis=next(each for each in BASES if each == basis),
            source=values["source"],
            notes=tuple(values.get("notes", ())),
        )
    except (KeyError, TypeError) as error:
        raise ConfigError(f"{row.file}: {values.get('name')}: {error}") from error


def _layers(values: dict[str, Any]) -> Layers:
    figures = dict(values)
    return KINDS[figures.pop("kind")](**figures)
