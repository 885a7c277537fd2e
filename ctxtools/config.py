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

A project may be a stranger's. So its file sets what `_IN_PROJECT` lists and nothing else. A
tokenizer that it names is packaged or a file in its folder, never one of the hub or elsewhere. A
file above the current folder that belongs to another user is passed over. What does not count is in
``Config.notes``.
"""

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, get_args

from ctxtools.checks import check_type
from ctxtools.errors import ConfigError
from ctxtools.regular_file import NO_FILE, read_regular
from ctxtools.toml_file import MAX_CONFIG, Table, parse_toml, read_toml
from ctxtools.toml_file import may_have_tool_table as may_have_table

if TYPE_CHECKING:
    from ctxtools.models import Model, Registry

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
# The settings that a project may state, and the values that it may not. The rest is for the user.
_IN_PROJECT: Mapping[str, tuple[object, ...]] = MappingProxyType(
    dict.fromkeys(("model", "encoding", "limit", "reserve", "threads"), ())
    | dict.fromkeys(("include", "exclude", "hidden", "ignore", "strict"), ())
    | {"color": ("always",)}  # escapes for terminals, in files and pipes
)
# What reads files that the user may not expect to be read, such as a `.env`, and so is said.
_WIDENS: Mapping[str, bool] = MappingProxyType({"hidden": True, "ignore": False})
_LISTS = ("model", "encoding", "include", "exclude")
_FLAGS = ("hidden", "ignore", "strict")
_WORDS = {"1": True, "true": True, "yes": True, "on": True} | {
    "0": False, "false": False, "no": False, "off": False
}  # fmt: skip


class Config(NamedTuple):
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
        check: the limits of the project's files, as `ctxtools.limits` reads them; None if its file
            has none. A user's file has none: their patterns are for the folder that they are in.
        encoding_folder: the folder of the project that names ``encoding``, which looks for it there
            alone; None if the user does.
        origins: for each setting, where it comes from, in words.
        notes: what in a project's files does not count, and why; and what reads more files.

    The last three do not matter to whether two are equal.
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
    models: "tuple[Model, ...]" = ()
    imported: Path | None = None
    files: tuple[Path, ...] = ()
    check: Table | None = None
    encoding_folder: Path | None = None
    origins: Mapping[str, str] = MappingProxyType({})
    notes: tuple[str, ...] = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Config) and self[:-3] == other[:-3]

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self[:-4])

    def folder(self) -> Path | None:
        """The folder that the patterns of the project's file are written for; None without one."""
        try:
            current = Path.cwd()
        except OSError:  # it was removed
            return None
        return next((f.parent for f in self.files if current.is_relative_to(f.parent)), None)

    def registry(self, *, project: bool = True) -> "Registry":
        """The packaged, imported and user-defined models; the last one of a name counts.

        Args:
            project: with the models that the project defines.

        Raises:
            ConfigError: the file of imported models cannot be used.
        """
        from ctxtools.models.own import known_models

        models = (model for model in self.models if project or model.project is None)
        return known_models(self.imported).merged(models)


def load_config(start: Path | None = None, environ: Mapping[str, str] | None = None) -> Config:
    """The settings that apply in a folder.

    Args:
        start: where the search for the project's file starts; None is the current folder.
        environ: the environment variables; None is those of the process.

    Raises:
        ConfigError: a file is not TOML, or a setting is unknown or invalid; the message says where.
    """
    if start is not None:
        check_type("start", start, Path)
    environ = os.environ if environ is None else environ
    check_type("environ", environ, Mapping)
    user = user_config_file(environ)
    imported = user.with_name("models.toml")
    # os.path, because Path raises an error where a folder may not be searched: HOME may be that of
    # another user.
    imported_file = imported if os.path.isfile(imported) else None
    notes: list[str] = []
    project = _project_table(start, environ, notes)
    own = _user_table(user, environ)
    tables = [table for table in (project, own) if table is not None]
    layers = [_environment(environ)]
    layers += [_settings(table, notes if table is project else None) for table in tables]
    values, origins = _decide(layers)
    folder = Path(project.file).parent if project else None
    models: tuple[Model, ...] = ()
    rows = [table.tables("models") for table in tables]
    if any(rows):
        from ctxtools.models.own import own_models

        models = own_models(tables, imported_file, folder)
    if models:
        origins["models"] = ", ".join(table.origin for table in tables if "models" in table)
    check = project.table("check") if project else None
    if own and "check" in own:
        hint = "its patterns are for the folder that the file is in"
        raise own.error("check", "is for the file of a project", hint)
    for table in tables:
        table.done()
    is_projects = project is not None and origins["encoding"] == project.origin
    return Config(
        **values,
        encoding_folder=folder if is_projects else None,
        models=models,
        imported=imported_file,
        files=tuple(Path(table.file) for table in tables),
        check=check if check and check.values else None,
        origins=MappingProxyType(origins),
        notes=tuple(notes),
    )


def user_config_file(environ: Mapping[str, str] | None = None) -> Path:
    """The user's ``config.toml``, whether it exists or not. Imported models are next to it."""
    environ = os.environ if environ is None else environ
    if named := environ.get("CTXTOOLS_CONFIG"):
        return Path(os.path.expanduser(named)).absolute()
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
    origins = dict.fromkeys((*_READERS, "models"), "default")
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


def _settings(table: Table, notes: list[str] | None) -> _Layer:
    """The settings in a table; what does not count in a project's is added to ``notes``.

    Args:
        table: of a configuration file.
        notes: None if the file is the user's.
    """
    layer: _Layer = {}
    for name, reader in _READERS.items():
        value = reader(table, name)
        if value is None:
            continue
        if notes is not None and (name not in _IN_PROJECT or value in _IN_PROJECT[name]):
            notes.append(
                f"{table.file}: {name} = {value!r} does not count in a project's file, only in "
                "your own"
            )
            continue
        if notes is not None and _WIDENS.get(name) is value:
            notes.append(f"{table.file}: {name} = {str(value).lower()}, so more files are read")
        layer[name] = value, table.origin
    return layer


def _project_table(
    start: Path | None, environ: Mapping[str, str], notes: list[str]
) -> Table | None:
    """The settings of the project around a folder; files that are passed over go to ``notes``.

    Raises:
        ConfigError: its file cannot be used.
    """
    try:
        first = (start or Path.cwd()).absolute()
    except OSError:
        return None  # the current folder was removed
    for folder in _folders(first, environ):
        for path, read in (
            (folder / "ctxtools.toml", _own_file),
            (folder / "pyproject.toml", _tool_table),
        ):
            if not os.path.lexists(path):
                continue
            if folder != first and _is_others(path, first):
                notes.append(f"{path} does not count: it belongs to another user")
                continue
            table = read(path, notes)
            if table is not None:
                return table
    return None


def _folders(first: Path, environ: Mapping[str, str]) -> Iterator[Path]:
    home = _home(environ)
    for folder in (first, *first.parents):
        if folder == home and folder != first:
            return
        yield folder
        if os.path.exists(folder / ".git"):
            return


def _is_others(path: Path, folder: Path) -> bool:
    """Whether a file that is above a folder belongs to somebody who has no say there.

    Those who do are the current user, root, and the owner of the folder. A ``/tmp/ctxtools.toml``
    does not count in the folders that others have in ``/tmp``.
    """
    if not hasattr(os, "geteuid"):
        return False
    try:
        owners = {os.lstat(path).st_uid, os.stat(path).st_uid}  # of a link, and of the file
        return not owners <= {os.geteuid(), 0, os.stat(folder).st_uid}
    except OSError:
        return False  # reading it says what is wrong


def _own_file(path: Path, notes: list[str]) -> Table | None:
    try:
        return Table(read_toml(path, within=path.parent), str(path))
    except ConfigError as error:
        if isinstance(error.__cause__, NO_FILE):
            return None
        raise


def _tool_table(path: Path, notes: list[str]) -> Table | None:
    try:
        data = read_regular(path, MAX_CONFIG, within=path.parent, raises=ConfigError)
    except ConfigError as error:
        if not isinstance(error.__cause__, NO_FILE):
            notes.append(f"{error.message}; what it says of ctxtools does not count")
        return None
    # Most have no such table, and parsing takes milliseconds.
    tools = parse_toml(data, path).get("tool", {}) if may_have_table(data, b"ctxtools") else {}
    if not isinstance(tools, Mapping) or "ctxtools" not in tools:
        return None
    return Table(
        Table(tools, str(path), "tool").table("ctxtools").values, str(path), "tool.ctxtools"
    )


def _user_table(path: Path, environ: Mapping[str, str]) -> Table | None:
    named = bool(environ.get("CTXTOOLS_CONFIG"))
    if os.path.exists(path):
        # One that the user named may be /dev/null.
        return Table(read_toml(path, pipes=named), str(path))
    if named:
        raise ConfigError(
            f"{path}: no such file",
            hint="CTXTOOLS_CONFIG names it; unset it, or create the file",
        )
    return None


def _home(environ: Mapping[str, str]) -> Path:
    # Not Path.home(), which raises an error for a user whom the system does not know.
    return Path(environ.get("HOME") or os.path.expanduser("~"))
