"""What ``ctx pack`` does: from files to documents, and from documents to packs."""

import os
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from ctxtools.cli.targets import Target, check_one_target, resolve_targets
from ctxtools.config import Config
from ctxtools.documents import STDIN, Document, File, Reader, ReadOptions, Skipped, each_document
from ctxtools.documents.each import documents_of, folder_of
from ctxtools.documents.file import display_name
from ctxtools.documents.filetypes import file_type
from ctxtools.documents.history import History
from ctxtools.documents.listing import ListDetector
from ctxtools.documents.readers.plain import read_plain
from ctxtools.documents.text import refuse_more
from ctxtools.encodings import Encoding
from ctxtools.errors import ConflictError, ReadError, UsageError
from ctxtools.models import TextCount
from ctxtools.packing import Pack, pack
from ctxtools.packing.arguments import Order, PathStyle, Secrets
from ctxtools.packing.prompt.paths import shown_paths
from ctxtools.units import parse_size

if TYPE_CHECKING:
    from ctxtools.documents.git.changes import Changes

_NO_LIMIT = sys.maxsize
_MAX_DIGITS = 6  # of --parts
_PER_DOCUMENT = 512  # bytes of memory beside its text
_HISTORIES = 4  # folders whose history is read


def pack_target(
    config: Config,
    model: str | None,
    encoding: str | None,
    limit: str | None,
    reserve: str | None,
    *,
    quiet: bool = False,
) -> Target:
    """The model or encoding to pack for, with its limit; see `resolve_targets`.

    Raises:
        BudgetError: the reserve leaves nothing of the limit.
        CtxtoolsError: see `resolve_targets`.
    """
    check_one_target(model, encoding)
    models, encodings = ([model] if model else []), ([encoding] if encoding else [])
    return resolve_targets(config, models, encodings, limit, reserve, quiet=quiet)[0]


def token_limit(target: Target, part_limit: str | None, parts: str | None) -> int:
    """The maximum tokens of a text, of an estimate the maximum of its upper bound.

    Raises:
        UsageError: there is a limit of parts without parts, parts without a limit, or a model
            whose context window is unknown without a limit.
    """
    if part_limit is not None and parts is None:
        raise UsageError("--part-limit needs --parts", hint="add --parts auto")
    available = target.available
    if part_limit is not None:
        stated = parse_size(part_limit, "--part-limit")
        available = stated if available is None else min(stated, available)
    if parts == "auto" and available is None:
        raise UsageError("--parts auto needs a limit", hint="give a --part-limit")
    if available is None:
        return target.require_limit() if target.model else _NO_LIMIT
    return available


class Input(NamedTuple):
    """What was read: documents, what was skipped, and notes."""

    documents: list[Document]
    skipped: list[Skipped]
    notes: list[str]


def read_input(
    files: Iterable[File | Skipped],
    options: ReadOptions,
    threads: int,
    progress: Callable[[int], object],
) -> Input:
    """Read files on several threads, in order.

    Args:
        files: from `find_files`.
        options: how to read them.
        threads: 0 is one per core.
        progress: called with the bytes that were read since the last call.
    """

    notes: dict[str, tuple[str, ...]] = {}

    def read(reader: Reader) -> tuple[list[Document]]:
        documents, size = [], 0  # all records of a file, or none
        for document in documents_of(reader):
            documents.append(document)
            size += len(document.text) + _PER_DOCUMENT
            if reader.unsized is not None:
                refuse_more(size, reader.file.path, "MiB of records")
        notes[reader.file.path] = reader.notes  # complete now, and there may be no document
        return (documents,)

    found: list[Document | list[Document] | Skipped] = []
    numbers = deque[int]()  # in `found`, of files that are being read

    def others() -> Iterator[File]:
        """What takes more than its bytes; of most files there is the document."""
        for each in read_plain(files, options, threads, progress):
            if isinstance(each, File):
                numbers.append(len(found))
                found.append([])
                yield each
            else:
                found.append(each)

    for result in each_document(others(), read, options, threads=threads, share=4):
        found[numbers.popleft()] = result
        if not isinstance(result, Skipped):
            progress(sum(each.size for each in result))
    read_all = Input([], [], [])
    for each in found:
        if isinstance(each, Skipped):
            read_all.skipped.append(each)
        else:
            read_all.documents.extend([each] if isinstance(each, Document) else each)
    # In the order of the documents; the threads end in any.
    with_notes = (each.path for each in read_all.documents if each.path in notes)
    for path in dict.fromkeys([*with_notes, *sorted(notes)]):
        read_all.notes.extend(f"{display_name(path)}: {note}" for note in notes[path])
    return read_all


def read_earlier(path: str | None, output: str | None) -> str | None:
    """The text of an earlier pack; "" of an output that is not there yet.

    Raises:
        CtxtoolsError: it cannot be read.
    """
    if path is None:
        return None
    if path == output and not os.path.lexists(path):
        return ""
    from ctxtools.cli.inputs import read_one

    return read_one(path)


def refuse_unreadable(skipped: Iterable[Skipped], paths: Iterable[str]) -> None:
    """Raise ReadError if something that was named cannot be read.

    A prompt without it would pass for complete. Files of a folder that cannot be read are reported,
    and the rest is packed.
    """
    named = set(paths)
    failed = [each for each in skipped if each.error and each.path in named]
    if not failed:
        return
    hints = dict.fromkeys(each.hint for each in failed if each.hint)
    it = "it" if len(failed) == 1 else "them"
    raise ReadError(
        "; ".join(f"{display_name(each.path)}: {each.reason}" for each in failed),
        hint="; ".join([*hints, f"nothing was written; leave {it} out to pack the rest"]),
    )


def changed_lines(
    documents: Iterable[Document], changes: "Mapping[str, Changes]"
) -> dict[str, Sequence[tuple[int, int]] | None]:
    """The lines that changed, by path: with ``--diff`` and ``--staged`` they go in.

    None, for all of a document, where its text has other lines than its file, and where git does
    not say which lines these are; () where a file was only renamed.
    """
    found: dict[str, Sequence[tuple[int, int]] | None] = {}
    for each in documents:
        if change := changes.get(each.path):
            is_plain = each.record is None and each.format is None
            is_plain = is_plain and not file_type(each.path).container
            found[each.path] = change.spans if is_plain or not change.spans else None
    return found


def refuse_list_of_files(documents: Sequence[Document]) -> None:
    """Raise UsageError if standard input, which nobody named, holds only names of files."""
    for each in documents:
        if each.path != STDIN or each.record is not None:
            continue
        names = ListDetector()
        names.feed(each.text.encode("utf-8", "surrogatepass"))
        if found := names.finish():
            raise UsageError(
                f"standard input {found.partition(';')[0]}",
                hint=f"{found.partition('; ')[2]}; to pack their names, name stdin: ctx pack -",
            )


def shown_skips(found: Input, roots: Sequence[str], style: PathStyle) -> list[Skipped]:
    """What was skipped, called as the pack calls its documents; errors as they were named."""
    skips = [each for each in found.skipped if not each.error]
    if not skips:
        return found.skipped
    paths = [each.path for each in found.documents] + [each.path for each in skips]
    names = shown_paths(paths, [root for root in roots if root], style)[len(found.documents) :]
    shown = iter(names)
    return [each if each.error else each._replace(path=next(shown)) for each in found.skipped]


def secrets_policy(secrets: Secrets | None, *, redact: bool) -> Secrets:
    """What to do about secrets, by ``--secrets`` and ``--redact-secrets``.

    Raises:
        UsageError: they contradict each other.
    """
    if redact and secrets not in (None, "redact"):
        raise UsageError(f"--redact-secrets and --secrets {secrets} cannot be used together")
    return "redact" if redact else secrets or "report"


def refuse_unanswered(packs: Sequence[Pack]) -> None:
    """Raise an error if no word of the question occurs, as for a pattern that matches nothing.

    What was chosen without it would pass for an answer, and a note of that goes unseen with -q.

    Raises:
        UsageError: none does.
    """
    from ctxtools.packing.relevance.lexical import NOTHING_FOUND

    if NOTHING_FOUND in packs[0].notes:
        raise UsageError(
            "--query: no document has any of its words",
            hint="ask with words that are in the documents, or leave out --query",
        )


def refuse_nothing_left(
    packs: Sequence[Pack], documents: Sequence[Document], target: Target
) -> None:
    """Raise an error if nothing went in: an empty prompt would pass for a real one.

    Raises:
        UsageError: all documents were left out for the secrets in them.
        ConflictError: each is too large.
    """
    # What was left out for another reason was counted.
    screened = [each for each in packs[0].omitted if each.token_count is None]
    if screened and len(screened) == len(documents):
        more = f", and {len(screened) - 1} more" if len(screened) > 1 else ""
        raise UsageError(
            f"there is nothing to pack: {screened[0].path} {screened[0].reason}{more}",
            hint="--redact-secrets replaces secrets",
        )
    if any(pack.documents for pack in packs) or not packs[0].omitted:
        return
    omitted = packs[0].omitted
    sizes = [(each.token_count, each.path) for each in omitted if each.token_count is not None]
    tokens, path = min(sizes, default=(0, omitted[0].path))
    raise ConflictError(
        f"no document fits; the smallest, {path}, takes {target.format_tokens(tokens)} tokens "
        f"of {target.format_available()}",
        conflict=((path, target.tokens(tokens)),),
        available=target.available or 0,
        hint="raise the limit, reserve less, or allow more --forms",
    )


def pack_documents(
    documents: Sequence[Document], target: Target, limit: int, **how: Any
) -> list[Pack]:
    """One pack or, if parts were asked for, one for each; within the limit also by an estimate.

    How many tokens of the encoding that are depends on which documents are packed, of which an
    estimate takes the characters. So the limit in that encoding starts from all documents, and is
    lowered until the packs are within it.

    Args:
        documents: from `read_input`.
        target: the model or encoding to pack for.
        limit: from `token_limit`.
        how: the other arguments of `_pack_documents`.

    Raises:
        ConflictError: what has to go in does not fit.
        UsageError: the options cannot be combined.
    """
    if target.estimate is None or limit == _NO_LIMIT:
        return _pack_documents(documents, target.encoding, limit, **how)
    texts = (target.measure(target.encoding.count(each.text), each.text) for each in documents)
    allowed = target.estimate.highest_count(limit, sum(texts, start=TextCount(0)))
    while True:
        packs = _pack_documents(documents, target.encoding, allowed, **how)
        high = max(target.interval(target.measure(p.token_count, p.text)).high for p in packs)
        if high <= limit:
            return packs
        allowed = min(allowed * limit // high, allowed - 1)


def _pack_documents(
    documents: Sequence[Document],
    encoding: Encoding,
    limit: int,
    *,
    selection: Mapping[str, Any],
    layout: Mapping[str, Any],
    parts: str | None,
    order: Order,
    ages: Mapping[str, float],
    roots: Sequence[str],
) -> list[Pack]:
    """The same for a limit in the tokens of an encoding.

    Args:
        documents: from `read_input`.
        encoding: counts.
        limit: the maximum of tokens.
        selection: what goes in and as what, by the names that `ctxtools.pack` gives the arguments.
        layout: the arguments that `ctxtools.pack` and `pack_parts` share.
        parts: the number of texts to divide the documents into, or "auto"; None for one text.
        order, ages, roots: see `ctxtools.pack`.

    Raises:
        ConflictError: what has to go in does not fit.
        UsageError: the options cannot be combined.
    """
    layout = {**layout, "roots": roots}
    if parts is None:
        more: dict[str, Any] = {"order": order, "ages": ages}
        return [pack(documents, encoding, budget=limit, **selection, **layout, **more)]
    options = {
        "query": "--query",
        "stable_from": "--stable-from",
        "pins": "--pin",
        "priorities": "--priority",
        "tiers": "--tier",
        "requires": "--requires",
    }
    if conflicts := [option for name, option in options.items() if selection[name]]:
        raise UsageError(
            f"--parts packs everything, and takes no {', '.join(conflicts)}",
            hint="pack one text with it, or all parts without it",
        )
    from ctxtools.packing import pack_parts

    part_limit = None if limit == _NO_LIMIT else limit
    number = _read_parts(parts)
    return pack_parts(documents, encoding, part_limit=part_limit, parts=number, **layout)


def _read_parts(parts: str) -> int | None:
    """The number of ``--parts``; None is "auto"."""
    if parts == "auto":
        return None
    number = int(parts) if parts.isdecimal() and len(parts) <= _MAX_DIGITS else 0
    if number < 1:
        raise UsageError(
            f"--parts must be auto or a number from 1 to {10**_MAX_DIGITS - 1:,}, got {parts:.60}",
            hint="auto makes as few as possible",
        )
    return number


def folders_of(paths: Sequence[str]) -> list[str]:
    """The folders and archives among the paths that were named, and the current folder if a file
    was."""
    folders = [folder_of(path) for path in paths if path != STDIN]
    return list(dict.fromkeys(folders))


def start_histories(folders: Iterable[str]) -> list[History]:
    """Ask git when files changed, for the first few folders."""
    on_disk = [folder for folder in folders if not os.path.isfile(folder)]  # and no archive
    return [History(folder) for folder in on_disk[:_HISTORIES]]


def collect_ages(histories: Iterable[History]) -> tuple[dict[str, float], list[str]]:
    """The ages of all files, and notes."""
    ages: dict[str, float] = {}
    notes = []
    for history in histories:
        found, done = history.ages()
        ages.update(found)
        if not done:
            notes.append("git took too long to say when files changed; recency is ignored")
    return ages, notes
