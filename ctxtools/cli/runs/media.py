"""Counting files that are no text: images, video, audio and PDF, by the rules of each model."""

from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

from ctxtools.cli.output.rows import FileCount
from ctxtools.cli.targets import Target
from ctxtools.documents import Reader
from ctxtools.errors import (
    CtxtoolsError,
    FormatError,
    MissingExtraError,
    NotTextError,
    Skipped,
    UnreadableError,
    UsageError,
    needed,
)
from ctxtools.messages.media.files import read_image, read_open_image
from ctxtools.messages.media.items import Image, Media, MediaKind
from ctxtools.messages.media.readers.kinds import media_kind_of_type
from ctxtools.messages.media.rules import MediaRule, MediaTokens, find_rule
from ctxtools.messages.meter import Meter
from ctxtools.models import TextCount
from ctxtools.signatures import BinaryType


class MediaCounter:
    """Counts images, video, audio and PDF as the models that were asked for do.

    A file that was named has to be of a kind that every model takes. One that was found in a folder
    is passed over where that is not so, as any file that is no text.

    Args:
        targets: the models and encodings; an encoding counts text alone.

    Attributes:
        notes: on the rules by which files were counted.
    """

    def __init__(self, targets: Sequence[Target]) -> None:
        self.notes: dict[str, None] = {}
        self._images: dict[tuple[object, ...], _Counted] = {}
        self._targets = targets
        self._meters = [
            Meter(each.encoding, each.model.name if each.model else None, each.estimate)
            for each in targets
        ]
        self._rules = cache(self._find_rules)

    def __call__(self, reader: Reader, found: BinaryType) -> FileCount | None:
        """The counts of a file for each target; None if it is no medium, or not counted.

        Args:
            reader: the open file.
            found: its type, by its first bytes.

        Raises:
            FormatError: the user named it, and a model does not take it, or there is none.
            UnreadableError: it is damaged.
        """
        kind = media_kind_of_type(found, reader.head())
        if kind is None:
            return None
        rules = self._rules(kind)
        if isinstance(rules, UsageError):
            # It may still be read as text, and is passed over there if it was not named.
            if reader.options.charset is not None:
                return None
            has_model = any(each.model for each in self._targets)
            if kind == "document":
                return self._pages(reader) if has_model else None
            if not reader.file.has_to_be_text:
                return None
            if not has_model:
                hint = f"{found.hint}; {_BY_MODEL}" if found.hint else _BY_MODEL
                raise reader.refused(NotTextError(f"{found.name}, not text", hint=hint))
            raise FormatError(f"{reader.file.path}: {rules.message}", hint=rules.hint)
        try:
            item = _read(kind, reader)
            counted = self._count(item, rules)
        except CtxtoolsError as error:
            named, path = reader.file.has_to_be_text, reader.file.path
            reason = error.message.removeprefix(f"{path}: ")
            is_hinted = named
            if isinstance(error, MissingExtraError):
                reason, is_hinted = needed(error), True
            skipped = Skipped(path, reason, named, error.hint if is_hinted else None)
            raise UnreadableError(skipped, hint=error.hint) from error
        size = reader.file_size or reader.size
        notes = item.notes + counted.notes if item.notes else counted.notes
        return FileCount(reader.file.path, size, counted.counts, kind, 1, notes, counted.how)

    def _pages(self, reader: Reader) -> FileCount:
        """The counts of a PDF for models that take none."""
        from ctxtools.cli.runs.pages import count_pages

        return count_pages(reader, self._targets)

    def takes(self, found: BinaryType, head: bytes) -> bool:
        """Whether every model takes a file of this type that was not named."""
        kind = media_kind_of_type(found, head)
        return kind is not None and not isinstance(self._rules(kind), UsageError)

    def _count(self, item: Media, rules: Sequence[MediaRule]) -> "_Counted":
        """The counts of an item for each target; photos of one camera are counted once."""
        key = None
        if isinstance(item, Image):
            # All that a rule may ask of an image in a file.
            key = (item.width, item.height, item.rotated, item.frames, item.format)
            if known := self._images.get(key):
                return known
        found = [
            rule.count(item, text=meter.text)
            for rule, meter in zip(rules, self._meters, strict=True)
        ]
        of_rules = dict.fromkeys(note for rule in rules for note in rule.notes)
        self.notes |= of_rules
        notes = dict.fromkeys(note for each in found for note in each.notes)
        counted = _Counted(
            tuple([TextCount(0, (), each.interval) for each in found]),
            tuple([each for each in notes if each not in of_rules]),
            tuple(map(_how, found)),
        )
        if key is not None:
            self._images[key] = counted
        return counted

    def _find_rules(self, kind: MediaKind) -> list[MediaRule] | UsageError:
        """The rule of each target for files of a kind, or why they are not counted."""
        rules = []
        for target in self._targets:
            if target.model is None:
                return UsageError(
                    f"{_NAMES[kind]}, and {target.name} is an encoding, which counts text alone",
                    hint="leave it out, or count the file alone with -m",
                )
            try:
                rules.append(find_rule(kind, target.model.name))
            except UsageError as error:
                return UsageError(f"{_NAMES[kind]}: {error.message}", hint=error.hint)
        return rules


class _Counted(NamedTuple):
    """What is said of one file: for each target, but for the notes."""

    counts: tuple[TextCount, ...]
    notes: tuple[str, ...]
    how: tuple[dict[str, Any], ...]


_BY_MODEL = "-m MODEL counts it as that model does"
_NAMES = {"image": "an image", "video": "a video", "audio": "audio", "document": "a PDF"}


def _read(kind: MediaKind, reader: Reader) -> Media:
    if kind == "image":
        if reader.descriptor is None:
            return read_image(reader.held(), name=reader.file.path)
        size, head = reader.file_size, reader.head()
        return read_open_image(reader.descriptor, size, name=reader.file.path, head=head)
    from ctxtools.messages.media.readers.read import read_media

    source = reader.held() if reader.descriptor is None else reader.file.path
    return read_media(source, name=reader.file.path)


def _how(found: MediaTokens) -> dict[str, Any]:
    described: dict[str, Any] = {"rule": found.rule, "basis": found.basis, "source": found.source}
    return described | ({"wrapper": found.wrapper} if found.wrapper else {})
