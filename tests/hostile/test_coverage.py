"""A command, a reader or a format that is added is run on hostile inputs, too."""

from pkgutil import iter_modules

from ctxtools.cli import quick
from ctxtools.documents import readers
from ctxtools.documents.filetypes import FORMATS
from tests.chunking.formats.samples import RULED
from tests.hostile import damages
from tests.hostile.commands import COMMANDS


def test_every_command_is_run() -> None:
    """Add a new one to `tests.hostile.commands.COMMANDS`."""
    assert {*COMMANDS} == {*quick.COMMANDS}
    assert all(each.on_file or each.on_folder for each in COMMANDS.values())


def test_every_reader_has_a_sample() -> None:
    """Add one to `tests.hostile.damages.READERS`; files of its own to `tests.hostile.files`."""
    modules = {module.name for module in iter_modules(readers.__path__)}
    # "bad" counts what the others pass over; "plain" is how any file of text is read in a folder;
    # "values" are of records and notebooks, "fields" of records.
    others = {"bad", "fields", "options", "parquet_values", "plain", "values"}
    assert {*damages.READERS} == modules - others


def test_every_format_has_a_sample() -> None:
    """Add one to `tests.hostile.damages.FORMATS`; some stand for the languages of one rule."""
    assert {*damages.FORMATS} - RULED == {*FORMATS} - RULED
    assert {*damages.FORMATS} & RULED
