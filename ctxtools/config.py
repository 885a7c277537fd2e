"""Settings from the environment, the project and the user, as one frozen Config.

Each setting is taken from the first of these sources that has it:

1. the environment: ``CTXTOOLS_MODEL``, ``CTXTOOLS_LIMIT`` and so on, lists separated by commas;
2. the project: the closest folder, going up from the current one, that has a ``ctxtools.toml`` or a
   ``pyproject.toml`` with ``[tool.ctxtools]``, the former first. The search ends at the root of a
   repository, and below the home folder, so that a file left in ``~`` or ``/tmp`` does not change
   the counts of a repository;
3. the user: ``config.toml`` in the user's configuration folder, or the file that
   ``CTXTOOLS_CONFIG`` names;
4. the defaults.

``model`` and ``encoding`` together choose what is counted for, so the first source that has either
one decides both. Models are collected from all sources; if several define the same name, the first
one counts. An empty variable counts as unset. Command-line options are not handled here.
"""

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, get_args

from ctxtools.errors import ConfigError, UsageError
from ctxtools.models.model import Model
from ctxtools.models.registry import Registry
from ctxtools.toml_file import Table, read_toml

Color = Literal["auto", "always", "never"]
COLORS: tuple[Color, ...] = get_args(Color)

_READERS: Mapping[str, Callable[[Table, str], Any]] = MappingProxyType(
    {
        "model": Table.texts,
        "encoding": Table.texts,
        "limit": Table.size,
        "reserve": Table.size,
        "threads": lambda table, key: table.integer(key, "0 means one per core"),
        "include": Table.texts,
        "exclude": Table.texts,
        "hidden": Table.flag,
        "ignore": Table.flag,
        "strict": Table.flag,
        "color": lambda table, key: table.choice(key, COLORS),
    }
)
_LISTS = ("model", "encoding", "include", "exclude")
_FLAGS = ("hidden", "ignore", "strict")
_WORDS = {"1": True, "true": True, "yes": True, "on": True} | {
    "0": False, "false": False, "no": False, "off": False
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Config:
    """What applies unless an option of the command line says otherwise.

    Attributes:
        model: the models to count for.
        encoding: the encodings to count with.
        limit: the maximum tokens of an input; None is the limit of the model, if there is one.
        reserve: tokens to keep free for the output.
        threads: how many threads to use; 0 means one per core.
        include: patterns of the files to read; all if empty.
        exclude: patterns of files to exclude.
        hidden: also read hidden files.
        ignore: respect ``.gitignore`` and ``.ignore``.
        strict: treat a skipped file as an error.
        color: ``auto``, ``always`` or ``never``.
        models: the models that configuration files define.
        imported: the file of imported models, if there is one. It is read when needed.
        files: the configuration files that were read, the project's first.
        origins: for each setting, where it comes from, in words.
    """

    model: tuple[str, ...] = ()
    encoding: tuple[str, ...] = ()
    limit: int | None = None
    reserve: int = 0
    threads: int = 0
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    hidden: bool = False
    ignore: bool = True
    strict: bool = False
    color: Color = "auto"
    models: tuple[Model, ...] = ()
    imported: Path | None = None
    files: tuple[Path, ...] = ()
    origins: Mapping[str, str] = field(default_factory=dict, compare=False)

    def registry(self) -> Registry:
        """The packaged, imported and user-defined models; the last one of a name counts.

        Raises:
            ConfigError: the file of imported models cannot be used.
        """
        return _known(self.imported).merged(self.models)


def load_config(start: Path | None = None, environ: Mapping[str, str] | None = None) -> Config:
    """The settings that apply in a folder.

    Args:
        start: where the search for the project's file starts; None is the current folder.
        environ: the environment variables; None is those of the process.

    Raises:
        ConfigError: a file is not TOML, or a setting is unknown or invalid; the message says where.
    """
    environ = os.environ if environ is None else environ
    user = user_config_file(environ)
    imported = user.with_name("models.toml")
    # os.path, because Path raises an error where a folder may not be searched: HOME may be that of
    # another user.
    imported_file = imported if os.path.isfile(imported) else None
    tables = [*_project_table(start, environ), *_user_table(user, environ)]
    layers = [_environment(environ), *map(_settings, tables)]
    values, origins = _decide(layers)
    models = _own_models(tables, imported_file)
    if models:
        origins["models"] = ", ".join(_origin(table) for table in tables if "models" in table)
    for table in tables:
        table.done()
    return Config(
        **values,
        models=models,
        imported=imported_file,
        files=tuple(Path(table.file) for table in tables),
        origins=MappingProxyType(origins),
    )


def user_config_file(environ: Mapping[str, str] | None = None) -> Path:
    """The user's ``config.toml``, whether it exists or not. Imported models are next to it."""
    environ = os.environ if environ is None else environ
    if named := environ.get("CTXTOOLS_CONFIG"):
        return Path(named).expanduser().absolute()
    if sys.platform == "linux":
        # What platformdirs returns on Linux, without the time to import it.
        folder = environ.get("XDG_CONFIG_HOME", "").strip()
        return (Path(folder) if folder else _home(environ) / ".config") / "ctxtools" / "config.toml"
    from platformdirs import user_config_path

    return user_config_path("ctxtools", appauthor=False) / "config.toml"


def imported_models_file(environ: Mapping[str, str] | None = None) -> Path:
    """Where ``ctx models import`` writes: ``models.toml`` next to the user's ``config.toml``."""
    return user_config_file(environ).with_name("models.toml")


# setting -> (its value, where it comes from)
_Layer = dict[str, tuple[Any, str]]


def _decide(layers: list[_Layer]) -> tuple[dict[str, Any], dict[str, str]]:
    values: dict[str, Any] = {}
    origins = {each.name: "default" for each in fields(Config) if each.name in _READERS}
    origins["models"] = "default"
    for layer in reversed(layers):
        if "model" in layer or "encoding" in layer:
            for name in ("model", "encoding"):
                values.pop(name, None)
                origins[name] = "default"
        for name, (value, origin) in layer.items():
            values[name], origins[name] = value, origin
    return values, origins


def _environment(environ: Mapping[str, str]) -> _Layer:
    layer: _Layer = {}
    for name, read in _READERS.items():
        variable = f"CTXTOOLS_{name.upper()}"
        text = environ.get(variable, "").strip()
        if text:
            table = Table({variable: _as_toml(name, text)}, "environment")
            layer[name] = read(table, variable), f"environment {variable}"
    return layer


def _as_toml(name: str, text: str) -> object:
    if name in _LISTS:
        return [each.strip() for each in text.split(",") if each.strip()]
    return _WORDS.get(text.lower(), text) if name in _FLAGS else text


def _settings(table: Table) -> _Layer:
    read = {name: reader(table, name) for name, reader in _READERS.items()}
    return {name: (value, _origin(table)) for name, value in read.items() if value is not None}


def _origin(table: Table) -> str:
    return f"{table.file} [{table.path}]" if table.path else table.file


def _project_table(start: Path | None, environ: Mapping[str, str]) -> Iterator[Table]:
    for folder in _folders(start, environ):
        own = folder / "ctxtools.toml"
        if os.path.isfile(own):
            yield Table(read_toml(own), str(own))
            return
        shared = _tool_table(folder / "pyproject.toml")
        if shared is not None:
            yield shared
            return


def _folders(start: Path | None, environ: Mapping[str, str]) -> Iterator[Path]:
    try:
        first = (start or Path.cwd()).absolute()
    except OSError:
        return  # the current folder was removed
    home = _home(environ)
    for folder in (first, *first.parents):
        if folder == home and folder != first:
            return
        yield folder
        if os.path.exists(folder / ".git"):
            return


def _tool_table(path: Path) -> Table | None:
    try:
        data = path.read_bytes()
    except OSError:
        return None
    if b"ctxtools" not in data.replace(b"\0", b""):
        return None  # most do not mention it, and parsing takes longer than this
    tools = read_toml(path, data).get("tool", {})
    if not isinstance(tools, Mapping) or "ctxtools" not in tools:
        return None
    return Table(
        Table(tools, str(path), "tool").table("ctxtools").values, str(path), "tool.ctxtools"
    )


def _user_table(path: Path, environ: Mapping[str, str]) -> Iterator[Table]:
    if os.path.exists(path):
        yield Table(read_toml(path), str(path))
    elif environ.get("CTXTOOLS_CONFIG"):
        raise ConfigError(
            f"{path}: no such file",
            hint="CTXTOOLS_CONFIG names it; unset it, or create the file",
        )


def _own_models(tables: list[Table], imported: Path | None) -> tuple[Model, ...]:
    own = Registry(())
    for table in reversed(tables):
        rows = table.tables("models")
        if not rows:
            continue
        from ctxtools.models.rows import read_model

        known = _known(imported).merged(own)
        try:
            own = own.merged([known.counted(read_model(row, find=known.find)) for row in rows])
        except UsageError as error:
            raise ConfigError(f"{_origin(table)}: {error.message}", hint=error.hint) from error
    return tuple(own)


def _known(imported: Path | None) -> Registry:
    """The packaged models, updated by the imported ones."""
    packaged = Registry.packaged()
    if imported is None:
        return packaged
    from ctxtools.models.importers import refreshed
    from ctxtools.models.rows import load_models

    try:
        return refreshed(packaged, load_models(imported))
    except UsageError as error:
        raise ConfigError(f"{imported}: {error.message}", hint=error.hint) from error


def _home(environ: Mapping[str, str]) -> Path:
    return Path(environ["HOME"]) if environ.get("HOME") else Path.home()
