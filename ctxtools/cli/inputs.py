"""From the options on files to what is read: the files of a command, or its one document."""

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ctxtools.cli.labels import Labels
from ctxtools.cli.options import FileOptions
from ctxtools.cli.output.console import warn
from ctxtools.cli.output.notices import print_notices
from ctxtools.config import Config
from ctxtools.documents import (
    STDIN,
    File,
    FoundFiles,
    ReadOptions,
    Skipped,
    Unmatched,
    find_files,
    open_document,
    read_file_list,
    read_files0,
)
from ctxtools.documents.file import display_name
from ctxtools.documents.filetypes import may_be_archive
from ctxtools.documents.search.found import TAKES_BACK, Reason
from ctxtools.documents.source import open_source, standard_input
from ctxtools.documents.text import refuse_more
from ctxtools.errors import ReadError, UsageError, os_reason
from ctxtools.regular_file import is_inside
from ctxtools.units import format_count

if TYPE_CHECKING:
    from ctxtools.cli.output.files import OutputFiles
    from ctxtools.documents.git.changes import Changes


def input_paths(options: FileOptions) -> list[str]:
    """The paths that were named, those of lists of files, or stdin if it is a pipe.

    Raises:
        UsageError: there are none, and stdin is a terminal; or stdin would be read twice.
    """
    named = list(options.paths or ())
    lists = ((options.files_from, read_file_list), (options.files0_from, read_files0))
    listings = [(listing, read) for listing, read in lists if listing is not None]
    if not listings:
        if not named and _asks_for_version(options):
            return ["."]
        if not named:
            refuse_terminal()
        return named or [STDIN]
    if sum(listing == STDIN for listing, _ in listings) > 1:
        raise UsageError("stdin cannot be two lists of files")
    paths = list(named)
    for listing, read in listings:
        if listing == STDIN:
            refuse_terminal()
            if STDIN in named:
                raise UsageError("stdin cannot be both the list of files and a document")
            paths += read(sys.stdin.buffer)
            continue
        try:
            with Path(listing).open("rb") as stream:
                paths += read(stream)
        except OSError as error:
            raise ReadError(f"{listing}: {os_reason(error)}") from error
    return paths


def _asks_for_version(options: FileOptions) -> bool:
    """Whether some version of a repository is to be read."""
    version = options.version
    return any(version.get(name) for name in ("ref", "diff", "staged", "log"))


def refuse_terminal() -> None:
    """Raise UsageError if stdin is closed, or a terminal rather than a document."""
    if sys.stdin is None or sys.stdin.isatty():
        raise UsageError("there is nothing to read", hint="name a file, or pipe text in")


class InputFiles(Iterator[File | Skipped]):
    """The files that the options select, and what to say of patterns and of an empty result.

    Args:
        found: from `find_files`.
        outputs: what the command will write, which is skipped.
        labels: what messages call patterns.
        paths: what was named, and what lists of files name.
        links: symbolic links that lists of files name.
    """

    def __init__(
        self,
        found: FoundFiles,
        outputs: "OutputFiles | None",
        labels: "Labels",
        paths: Sequence[str],
        links: Sequence[str],
    ) -> None:
        self._found = found
        self._paths = paths
        self._named = frozenset(labels.options.paths or (STDIN,))
        files = found if outputs is None else outputs.skip_in(found)
        # What made the list, such as `git ls-files`, has found them; nobody asked to follow them.
        self._files = chain(files, (Skipped(path, _LISTED_LINK) for path in links))
        self._labels = labels

        self._listed = 0

    def __next__(self) -> File | Skipped:
        found = next(self._files)
        if isinstance(found, File):
            self._listed += 1
            if found.explicit and found.path not in self._named:
                return found._replace(listed=True)
        return found

    @property
    def changes(self) -> "Mapping[str, Changes]":
        """What changed, by path; see `FoundFiles`."""
        return self._found.changes

    def notes(self) -> list[str]:
        """Notes on patterns that matched no file, and on names in the current folder that lead out
        of it, and on the version of a repository; complete when all files were found."""
        notes = [f"{display_name(path)} {what}" for path, what in _leading_out(self._named)]
        notes += [*self._found.notes, *filter(None, [self._found.unchanged])]
        return notes + [
            each.message(self._labels(each.option, each.pattern)) for each in self._unmatched()
        ]

    def refuse_nothing(self, read: int, skipped: Sequence[Skipped], *, quiet: bool) -> None:
        """Raise UsageError if there was no input at all: an empty answer would pass for a real one.

        Where something could not be read, the command reports that instead.

        Args:
            read: how many files, or documents in them, were read.
            skipped: those that were not.
            quiet: do not list them.
        """
        is_log = read and self._labels.options.version.get("log")
        if self._found.unchanged and not is_log and not any(each.error for each in skipped):
            print_notices(skipped, self._found.notes, quiet=quiet)
            raise UsageError(f"there is no input: {self._found.unchanged}")
        if read or any(each.error for each in skipped):
            return
        print_notices(skipped, quiet=quiet)
        left_out = self._found.left_out
        included = [each for each in self._unmatched() if each.option == "include"]
        labels = [self._labels(each.option, each.pattern) for each in included]
        reasons = [f"no file matches {' or '.join(labels)}"] if labels else []
        for reason, (nouns, words) in _LEFT_OUT.items():
            if number := left_out.get(reason, 0):
                one, many = nouns
                noun = f"{one} is" if number == 1 else f"{many} are"
                by = self._exclusions() if reason == "excluded" else ""
                reasons.append(f"{format_count(number)} {noun} {words}{by}")
        if not reasons:
            reasons.append(self._emptiness(skipped))
        hints = list(dict.fromkeys(each.hint for each in included if each.hint))
        if left_out.get("not included") and self._labels.only_takes_back():
            hints = [TAKES_BACK]
        hints += [hint for reason, hint in _REMEDIES.items() if left_out.get(reason)]
        raise UsageError(
            f"there is no input: {', '.join(reasons)}",
            hint="; ".join(hints) or "name a file, or a folder that has some",
        )

    def _exclusions(self) -> str:
        """By which patterns files were excluded."""
        patterns = [each for each in self._found.exclusions if not each.startswith("!")]
        labels = [self._labels("exclude", each) for each in patterns[:_NAMED]]
        return f" by {' or '.join(labels)}" if labels else ""

    def _emptiness(self, skipped: Sequence[Skipped]) -> str:
        if any("maximum file size" in each.reason for each in skipped):
            return "everything that was found is too large, or no text"
        if skipped:
            return "nothing that was found is text"
        if self._listed:
            return f"no record in {format_count(self._listed)} file{'s' * (self._listed != 1)}"
        named = [os.path.join(path, "") for path in self._paths[:_NAMED] if os.path.isdir(path)]
        return f"no file in {', '.join(named)}" if named else "no file"

    def _unmatched(self) -> list[Unmatched]:
        # A pattern of the configuration is for a whole project. That it matches nothing is news
        # where a folder was searched, unless it names what the project has elsewhere.
        return [
            each
            for each in self._found.unmatched
            if self._labels.is_own(each.option, each.pattern)
            or (self._found.searched_folders and not self._labels.is_elsewhere(each.pattern))
        ]


def _leading_out(named: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Names in the current folder, as a shell makes of a ``*``, of what is elsewhere; and where."""
    for path in sorted(named):
        below = not os.path.isabs(path) and not os.path.normpath(path).startswith("..")
        if below and path != STDIN and os.path.exists(path) and not is_inside(path, "."):
            yield path, f"is a link, and leads to {display_name(os.path.realpath(path))}"


_LISTED_LINK = "symbolic link in a list, not followed"
_NAMED = 3  # folders or patterns that a message names
_FILES, _NAMES = ("file", "files"), ("file or folder", "files or folders")
_LEFT_OUT: Mapping[Reason, tuple[tuple[str, str], str]] = {
    "not included": (_FILES, "not included"),
    "excluded": (_NAMES, "excluded"),
    "ignored": (_NAMES, "ignored by .gitignore or .ignore"),
    "hidden": (_NAMES, "hidden"),
}
_REMEDIES: Mapping[Reason, str] = {
    "excluded": "exclude less",
    "ignored": "--no-ignore includes what .gitignore and .ignore exclude",
    "hidden": "--hidden includes names that start with a dot",
}


def find_input(
    paths: Sequence[str],
    options: FileOptions,
    config: Config,
    outputs: "OutputFiles | None" = None,
    *,
    unchanged: bool = False,
) -> InputFiles:
    """The files that the options select; an option that is not given is the configuration's.

    Args:
        paths: from `input_paths`.
        options: which files.
        config: applies if an option is not given.
        outputs: what the command will write, which is skipped.
        unchanged: with ``--diff`` or ``--staged``, the files that did not change too.

    Raises:
        UsageError: an invalid pattern, or an output was named as an input; or a list of files is
            empty.
    """
    if not paths:
        raise UsageError(
            "there is no input: the list of files is empty",
            hint="what wrote the list has found no file",
        )
    if outputs is not None:
        outputs.refuse([*paths, options.files_from, options.files0_from])
    labels = Labels(options, config)
    base = labels.base()
    named = frozenset(options.paths or (STDIN,))
    listed = {path for path in paths if path not in named and os.path.islink(path.rstrip("/"))}
    links = [path for path in dict.fromkeys(paths) if path in listed]
    found = find_files(
        [path for path in paths if path not in listed],
        include=options.include or config.include,
        exclude=(*config.exclude, *(options.exclude or ())),
        hidden=options.hidden or config.hidden,
        ignore=config.ignore and not options.no_ignore,
        archives=options.archives,
        label=labels,
        base=base,
        based=labels.written_for(base),
        **options.version,
        unchanged=unchanged,
    )
    return InputFiles(found, outputs, labels, paths, links)


def is_one_input(options: FileOptions, paths: Sequence[str]) -> bool:
    """Whether this is a single file, or stdin, rather than many or what may be many."""
    path = the_one_named(options, paths)
    return path is not None and (path == STDIN or _is_no_folder(path))


def the_one_named(options: FileOptions, paths: Sequence[str]) -> str | None:
    """The one path that was named; None if there are several, or what changed was asked for."""
    if options.files_from is not None or options.files0_from is not None:
        return None
    version = options.version
    if version.get("diff") is not None or version.get("staged") or version.get("log"):
        return None
    return paths[0] if len(paths) == 1 else None


def _is_no_folder(path: str) -> bool:
    """Whether this is a file, or a pipe such as ``<(command)`` in a shell; an archive is none."""
    if not os.path.exists(path) or os.path.isdir(path):
        return False
    if not may_be_archive(path):
        return True
    from ctxtools.documents.archives.kinds import is_archive_file

    return not is_archive_file(path)


class OneText(NamedTuple):
    """A text, and whether it was read to its end."""

    text: str
    complete: bool


def read_one(path: str, *, charset: str | None = None) -> str:
    """The whole text of a file, or of stdin; notes on how it was read go to stderr.

    Raises:
        UsageError: stdin is a terminal.
        CtxtoolsError: the file cannot be read.
    """
    return read_till(path, lambda block: False, charset=charset).text


def read_till(path: str, enough: Callable[[str], bool], *, charset: str | None = None) -> OneText:
    """The text of a file, or of stdin, of which a pipe is read no further than it takes.

    Args:
        path: the file.
        enough: called with each block of a pipe; whether what follows does not matter.
        charset: of the file.

    Raises:
        UsageError: stdin is a terminal.
        CtxtoolsError: the file cannot be read.
    """
    if path == STDIN:
        refuse_terminal()
    parts, complete = [], True
    with open_document(path, ReadOptions(charset)) as reader:
        for text in reader.texts():
            for block in text.held():
                parts.append(block)
                if text.unsized is not None and enough(block) and not reader.at_end:
                    complete = False
                    break
            if not complete:
                break
    for note in reader.notes if reader.size else ():
        warn(f"note: {display_name(path)}: {note}")
    return OneText("".join(parts), complete)


def read_bytes(path: str) -> bytes:
    """The content of a file, or of stdin.

    Raises:
        UsageError: stdin is a terminal.
        ReadError: it cannot be read, or is a pipe with more than memory should hold.
    """
    if path == STDIN:
        refuse_terminal()
    try:
        source = standard_input() if path == STDIN else open_source(File(path))
        try:
            blocks, final = [], False
            while not final:
                block, final = source.block()
                blocks.append(block)
                if source.descriptor is None:
                    refuse_more(source.position, path)
            return b"".join(blocks)
        finally:
            source.close()
    except OSError as error:
        if isinstance(error, ReadError):
            raise
        raise ReadError(f"{path}: {os_reason(error)}") from error
