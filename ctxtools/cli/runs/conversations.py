"""Counting files that hold conversations: JSON, JSONL, a column of Parquet."""

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ctxtools.cli.output.rows import FileCount
from ctxtools.cli.targets import Target
from ctxtools.documents import STDIN, File, Reader
from ctxtools.documents.filetypes import file_type
from ctxtools.documents.readers.values import read_values
from ctxtools.errors import CtxtoolsError, FormatError, ReadError, UsageError
from ctxtools.messages.parts import CountedMessages, Part
from ctxtools.models import TextCount
from ctxtools.units import format_count

if TYPE_CHECKING:
    from ctxtools.messages.count import Prepared

_MAX_GUESSED = 1 << 24  # bytes of a file that is looked into
_LOOKED_AT = 100  # messages
_ROLES = frozenset(("user", "assistant", "system", "developer", "tool", "function", "model"))


class ConversationCounter:
    """Counts conversations as each target's model sees them: framing, tools and media included.

    Args:
        targets: the models and encodings.
        asked: every file holds conversations; None if only a JSON file that is named, and that
            looks like one, is read so for models.
        counting: further arguments of `count_messages` for each.
    """

    def __init__(
        self, targets: Sequence[Target], asked: bool | None, counting: Mapping[str, Any]
    ) -> None:
        self._targets = targets
        self._asked = asked
        self._counting = counting

    def __call__(self, reader: Reader) -> FileCount | None:
        """The counts of a file for each target; None if it is to be read as text.

        Raises:
            FormatError: it holds no conversation, or something in one cannot be counted.
        """
        if self._asked:
            return self._count(reader, read_values(reader))
        if self._asked is None and (found := self._guess(reader)) is not None:
            note = "read as a conversation; --no-messages counts its text"
            return self._count(reader, [(None, found)], note)
        return None

    def _guess(self, reader: Reader) -> Any:
        """The conversation that a file evidently holds, or None."""
        path, descriptor = reader.file.path, reader.descriptor
        if not reader.file.has_to_be_text or descriptor is None or reader.container:
            return None
        if file_type(path).format != "json" or reader.file_size > _MAX_GUESSED:
            return None
        if not any(each.model for each in self._targets) or any(map(is_for_texts, self._targets)):
            return None
        before = os.lseek(descriptor, 0, os.SEEK_CUR)
        with open(descriptor, "rb", closefd=False) as file:
            file.seek(0)
            data = file.read()
        os.lseek(descriptor, before, os.SEEK_SET)  # it may be read as text from here on
        charset = reader.options.charset
        return guess_conversation(data if charset is None else data.decode(charset, "replace"))

    def _count(
        self, reader: Reader, found: Iterable[tuple[int | None, Any]], *notes: str
    ) -> FileCount:
        path, records = reader.file.path, 0
        counts = [TextCount(0)] * len(self._targets)
        formats: list[dict[str, None]] = [{} for _ in counts]
        first: list[CountedMessages] = []
        remarks = dict.fromkeys(notes)
        for number, value in found:
            try:
                counted = [self._of(value, each, reader.file, number) for each in self._targets]
            except FormatError as error:
                if number is None:
                    raise
                reader.bad.take(error)
                continue
            for i, each in enumerate(counted):
                counts[i] += TextCount(0, (), each.interval)
                formats[i][each.format] = None
                remarks |= dict.fromkeys(each.notes)
            first = first or counted
            records += 1
        reader.bad.finish(any_good=records > 0)
        how = [{"format": ", ".join(each)} for each in formats]
        if records == 1:
            how = [described | parts_as_json(c) for described, c in zip(how, first, strict=True)]
        size = reader.size or reader.file_size
        return FileCount(
            path, size, tuple(counts), "conversation", records, (*remarks, *reader.notes), (*how,)
        )

    def _of(self, value: Any, target: Target, file: File, number: int | None) -> CountedMessages:
        path = file.path
        folder = path if file.content is None else STDIN  # no folder that is on the disk
        try:
            return prepare_for(value, target, folder, self._counting).count()
        except CtxtoolsError as error:
            where = path if number is None else f"{path}: record {format_count(number)}"
            raise located(error, where) from error


def prepare_for(value: Any, target: Target, path: str, counting: Mapping[str, Any]) -> "Prepared":
    """A conversation, read and ready to be counted or rendered for a target.

    Args:
        value: the JSON value.
        target: a model, or an encoding.
        path: of the file; media that the conversation names are read in its folder, and of what
            comes through a pipe nowhere.
        counting: further arguments of `count_messages`.

    Raises:
        CtxtoolsError: it is none, or something in it cannot be counted.
    """
    from ctxtools.messages.count import prepare

    of = {"model": target.model} if target.model else {"encoding": target.encoding}
    files = None if path == STDIN else os.path.dirname(path) or "."
    prepared = prepare(value, **of, **counting, files=files)
    if not prepared.request.messages:
        raise UsageError("a conversation without messages", hint="leave it out")
    return prepared


def located(error: CtxtoolsError, where: str) -> CtxtoolsError:
    """An error about a conversation that says in which file it is, and what a command can do."""
    if not isinstance(error, UsageError | FormatError | ReadError):
        return error
    hint = error.hint
    if hint and "media_sizes" in hint:  # an argument that no command has
        hint = "save it in the folder of the conversation's file, and name it by its path there"
    return FormatError(f"{where}: {error.message}", hint=hint)


def is_for_texts(target: Target) -> bool:
    """Whether an option was given that says how the tokenizer reads a text."""
    return bool(target.allowed_special) or target.added_tokens is not None


def guess_conversation(text: str | bytes) -> Any:
    """The conversation that a JSON text evidently is, or None."""
    named = '"role"' in text if isinstance(text, str) else b'"role"' in text
    if not named:
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if looks_like_conversation(value) else None


def looks_like_conversation(value: Any) -> bool:
    """Whether a JSON value is a list of messages, or the body of a request that has one."""
    if isinstance(value, dict):
        found = (value.get(key) for key in ("messages", "contents", "input"))
        value = next((each for each in found if isinstance(each, list)), None)
    return isinstance(value, list) and bool(value) and all(map(_is_message, value[:_LOOKED_AT]))


def _is_message(value: Any) -> bool:
    if not isinstance(value, dict) or value.get("role") not in _ROLES:
        return False
    return not value.keys().isdisjoint(("content", "parts", "tool_calls"))


def parts_as_json(counted: CountedMessages) -> dict[str, Any]:
    """The parts of a conversation, with how each is known."""
    return {"parts": [_part_as_json(part) for part in counted.parts]}


def _part_as_json(part: Part) -> dict[str, Any]:
    described = {
        "message": part.message,
        "role": part.role,
        "kind": part.kind,
        "tokens": part.tokens,
        "interval": None if part.exact else [part.interval.low, part.interval.high],
        "basis": part.basis,
        "rule": part.rule,
        "source": part.source or None,
        "label": part.label or None,
    }
    return {key: value for key, value in described.items() if value is not None}
