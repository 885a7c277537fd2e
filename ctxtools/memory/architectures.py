"""The packaged table of models: architectures.toml."""

import re
from functools import cache
from pathlib import Path
from typing import Any

from ctxtools.errors import ConfigError, UnknownModelError
from ctxtools.memory.architecture import BASES, Architecture, Parameters
from ctxtools.memory.formats import weight_format
from ctxtools.memory.layers import KINDS, Layers
from ctxtools.models.matching import holds
from ctxtools.models.names import LONGEST_NAME, lookup_key, readings
from ctxtools.models.registry import Registry
from ctxtools.suggestions import closest_match, did_you_mean
from ctxtools.toml_file import Table, read_toml

_FILE = Path(__file__).with_name("architectures.toml")
_MAX_SIZES = 5  # of a model, to choose from
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
    typed = name[:LONGEST_NAME].rpartition("/")[2].lower()
    known = [lookup_name(each.name) for each in list_architectures()]
    if Registry.packaged().find_exact(name):  # spelled correctly: only its sizes may be meant
        sizes = [each for each in known if each.startswith(f"{typed}-")][:_MAX_SIZES]
        hint = did_you_mean(sizes) or f"no configuration of it is packaged; {_FILES}"
    else:
        hint = closest_match(typed, known) or _FILES
    raise UnknownModelError(f"the layers of {name!r:.200} are not known", hint=hint)


def list_architectures() -> tuple[Architecture, ...]:
    """The models whose memory can be planned without their files."""
    return tuple(architecture for _, architecture in _rows())


def lookup_name(name: str) -> str:
    """The name of a row as one types it: "DeepSeek V3, V3.1, R1" as "deepseek-v3"."""
    return name.partition(",")[0].lower().replace(" ", "-")


def format_in_name(name: str) -> str | None:
    """The format of weights that a name says, as ``Qwen3-8B-FP8`` does; FP4 is Nvidia's."""
    found = re.search(
        r"-(fp8|int8|w8a8|8bit|int4|awq|gptq|w4a16|4bit|nvfp4|fp4|mxfp4|bf16|fp16"
        r"|q[456]-k(?:-[sml])?|q[48]-0)(?=-|$)",
        lookup_key(name),
    )
    if not found:
        return None
    said = {"8bit": "int8", "4bit": "int4", "fp4": "nvfp4"}.get(found[1], found[1])
    return weight_format(said.replace("-", "_"))


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
