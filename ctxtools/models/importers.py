"""Models from the two public tables, litellm's and models.dev's, read from a file on this machine.

It downloads nothing. It keeps text and embedding models whose context window is known, one row for
each model: the vendor's where the table has it, otherwise the one with the smallest context window.
Every other entry is reported with the reason. See tables.py for the tables.
"""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from ctxtools.atomic import atomic_write
from ctxtools.errors import FormatError, UsageError
from ctxtools.escape import one_line
from ctxtools.models.model import Model
from ctxtools.models.names import lookup_key
from ctxtools.models.registry import Registry, edition_of, with_tokenizer_of
from ctxtools.models.rows import MAX_MODELS, to_document
from ctxtools.models.tables import Format, LeftOut, Row, one_of_each, read_rows, table_format
from ctxtools.regular_file import read_regular
from ctxtools.units import format_bytes

_MAX_JSON = 1 << 26  # bytes of a table; the public ones have 2 MB


class Imported(NamedTuple):
    """What a file holds.

    Attributes:
        models: by name.
        left_out: the entries that are not among them, in the order of the file.
    """

    models: list[Model]
    left_out: list[LeftOut]


def import_models(path: str | Path, format: Format | None = None) -> list[Model]:
    """The models in a file of one of the two tables; `read_table` also says what was left out.

    Args:
        path: the JSON file.
        format: which of the two it is; seen from its shape if None.

    Raises:
        ReadError: the file cannot be read.
        FormatError: it is not JSON, or has neither shape.
    """
    return read_table(path, format).models


def read_table(path: str | Path, format: Format | None = None) -> Imported:
    """The models in a file of one of the two tables, and each entry that is left out.

    Their tokenizers are those of their families, where one is packaged.

    Args:
        path: see `import_models`.
        format: see `import_models`.

    Raises:
        ReadError: the file cannot be read.
        FormatError: it is not JSON, or has neither shape.
    """
    import json
    from datetime import UTC, datetime

    path = Path(path)
    content = read_regular(path, _MAX_JSON, pipes=True)
    try:
        data = json.loads(content)
    except RecursionError:
        raise FormatError(f"{one_line(str(path))}: its values are nested too deeply") from None
    except ValueError as error:
        raise FormatError(f"{one_line(str(path))} is not JSON ({error})") from error
    modified = datetime.now(UTC).date()
    with suppress(OSError, ValueError, OverflowError):  # it may be of any year
        stated = datetime.fromtimestamp(path.stat().st_mtime, UTC).date()
        if stated.year >= 2020:  # others are older than any such table: from an archive
            modified = min(stated, modified)
    found = table_format(data) and (format or table_format(data))
    if found not in ("litellm", "models.dev"):
        raise FormatError(
            f"{one_line(str(path))} is neither litellm's table nor models.dev's",
            hint="give model_prices_and_context_window.json or api.json",
        )
    entries = [*read_rows(data, found)]
    rows, others = one_of_each(each for each in entries if isinstance(each, Row))
    models = [
        replace(
            row.model,
            encoding=guess_encoding(row.model.name),
            source=f"{one_line(path.name)}, in {found}'s format",
            date=modified.isoformat(),
        )
        for row in rows
    ]
    left_out = {each.entry: each for each in entries if isinstance(each, LeftOut)}
    left_out |= {each.entry: each for each in others}
    return Imported(models, [left_out[each.entry] for each in entries if each.entry in left_out])


def guess_encoding(name: str) -> str | None:
    """The packaged encoding of a model of that name where its family has one, else None."""
    family = Registry.packaged().family(name)
    return family.encoding if family else None


def write_models(models: Iterable[Model], path: str | Path) -> None:
    """Write models as TOML, atomically, making the folder if need be.

    Raises:
        OSError: it cannot be written; a file that was there is unchanged.
        UsageError: they would make a file that is too large to be read.
    """
    import tomli_w

    path = Path(path)
    text = tomli_w.dumps(to_document(models))
    if len(text.encode()) > MAX_MODELS:
        raise UsageError(
            f"these models would take more than {format_bytes(MAX_MODELS)}",
            hint="the public tables take 1 MB: import one that has fewer models",
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_write(path) as file:
        file.write("# Written by `ctx models import`, which keeps no comments.\n\n" + text)


def refreshed(known: Registry, imported: Iterable[Model]) -> Registry:
    """The known models brought up to date by imported ones, and the other imported ones.

    An imported model that is known, or an edition of one that is, keeps the known one's tokenizer
    and estimate, of which the tables know nothing; another has those of its family.

    Raises:
        UsageError: two of the imported models have one name.
    """
    imported = tuple(imported)
    own_names = {lookup_key(model.name) for model in imported}
    return known.merged(_refresh(known, model, own_names) for model in imported)


def _refresh(known: Registry, new: Model, own_names: set[str]) -> Model:
    base = known.find(new.name)
    if base is None or base.context is None:  # at most its family is known
        return known.counted(new)
    edition = edition_of(base, new)
    if not (base.encoding or base.load or base.closed):
        edition = with_tokenizer_of(new, edition)
    if lookup_key(new.name) != lookup_key(base.name) or base.name not in known:
        return edition
    aliases = tuple(each for each in base.aliases if lookup_key(each) not in own_names)
    return replace(edition, name=base.name, aliases=aliases)
