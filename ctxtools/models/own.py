"""The models that configuration files define, over the packaged and the imported ones."""

from collections.abc import Sequence
from pathlib import Path

from ctxtools.errors import ConfigError, UsageError
from ctxtools.models.model import Model
from ctxtools.models.registry import Registry
from ctxtools.toml_file import MAX_VALUES, Table


def own_models(
    tables: Sequence[Table], imported: Path | None, project: Path | None
) -> tuple[Model, ...]:
    """The models that tables of configuration files define.

    Args:
        tables: the first is that of the project if there is one; of two models of one name, the
            first counts.
        imported: the file of imported models, if there is one.
        project: the folder of the project.

    Raises:
        ConfigError: a model cannot be used; the message says where it is.
    """
    read = [(number, table, table.tables("models")) for number, table in enumerate(tables)]
    with_models = [each for each in read if each[-1]]
    if not with_models:
        return ()
    from ctxtools.models.rows import read_model

    own = Registry(())
    for number, table, rows in reversed(with_models):
        if len(rows) > MAX_VALUES:
            raise table.error("models", f"are {len(rows):,}, and at most {MAX_VALUES:,} count")
        known = known_models(imported).merged(own)
        try:
            folder = project if number == 0 else None
            models = [read_model(row, find=known.find, project=folder) for row in rows]
            own = own.merged([known.counted(model) for model in models])
        except UsageError as error:
            raise ConfigError(f"{table.origin}: {error.message}", hint=error.hint) from error
    return tuple(own)


def known_models(imported: Path | None) -> Registry:
    """The packaged models, updated by those of the file of imported ones, if there is one.

    Raises:
        ConfigError: that file cannot be used.
    """
    packaged = Registry.packaged()
    if imported is None:
        return packaged
    from ctxtools.models.importers import refreshed
    from ctxtools.models.rows import load_models

    try:
        return refreshed(packaged, load_models(imported))
    except UsageError as error:
        raise ConfigError(f"{imported}: {error.message}", hint=error.hint) from error
