"""Counting files that are no text: images, video, audio and PDF, by the rules of each model."""

from collections.abc import Sequence
from functools import cache

from ctxtools.cli.output.rows import FileCount
from ctxtools.cli.targets import Target
from ctxtools.documents import Reader
from ctxtools.errors import CtxtoolsError, FormatError, Skipped, UnreadableError, UsageError
from ctxtools.messages.media.files import read_image, read_open_image
from ctxtools.messages.media.items import Media, MediaKind
from ctxtools.messages.media.readers.kinds import media_kind_of
from ctxtools.messages.media.rules import find_rule
from ctxtools.messages.meter import Meter
from ctxtools.models import TextCount


class MediaCounter:
    """Counts images, video, audio and PDF as the models that were asked for do.

    A file that was named has to be of a kind that every model takes. One that was found in a folder
    is passed over where that is not so, as any file that is no text.

    Args:
        targets: the models and encodings; an encoding counts text alone.
    """

    def __init__(self, targets: Sequence[Target]) -> None:
        self._targets = targets
        self._meters = [
            Meter(each.encoding, each.model.name if each.model else None, each.estimate)
            for each in targets
        ]
        self._refusal = cache(self._find_refusal)

    def __call__(self, reader: Reader) -> FileCount | None:
        """The counts of a file for each target; None if it is text, or not counted.

        Raises:
            FormatError: the user named it, and a model does not take it.
            UnreadableError: it is damaged.
        """
        kind = media_kind_of(reader.head())
        if kind is None:
            return None
        if refusal := self._refusal(kind):
            # Without a model it is refused where it is read as text, with how to get at that.
            if not reader.file.has_to_be_text or not any(each.model for each in self._targets):
                return None
            raise FormatError(f"{reader.file.path}: {refusal.message}", hint=refusal.hint)
        try:
            item = _read(kind, reader)
            found = tuple(meter.media(item) for meter in self._meters)
        except CtxtoolsError as error:
            named, path = reader.file.has_to_be_text, reader.file.path
            reason = error.message.removeprefix(f"{path}: ")
            skipped = Skipped(path, reason, named, error.hint if named else None)
            raise UnreadableError(skipped, hint=error.hint) from error
        notes = dict.fromkeys((*item.notes, *(note for each in found for note in each.notes)))
        counts = tuple(TextCount(0, (), each.interval) for each in found)
        how = tuple(
            {"rule": each.rule, "basis": each.basis, "source": each.source} for each in found
        )
        size = reader.file_size or reader.size
        return FileCount(reader.file.path, size, counts, kind, notes=tuple(notes), how=how)

    def _find_refusal(self, kind: MediaKind) -> UsageError | None:
        """Why files of a kind are not counted, if they are not."""
        for target in self._targets:
            if target.model is None:
                return UsageError(
                    f"{_named(kind)}, and {target.name} is an encoding, which counts text alone",
                    hint="leave it out, or count the file alone with -m",
                )
            try:
                find_rule(kind, target.model.name)
            except UsageError as error:
                return UsageError(f"{_named(kind)}: {error.message}", hint=error.hint)
        return None


def _read(kind: MediaKind, reader: Reader) -> Media:
    if kind == "image":
        if reader.descriptor is None:
            return read_image(reader.held(), name=reader.file.path)
        return read_open_image(reader.descriptor, reader.file_size, name=reader.file.path)
    from ctxtools.messages.media.readers.read import read_media

    source = reader.held() if reader.descriptor is None else reader.file.path
    return read_media(source, name=reader.file.path)


def _named(kind: MediaKind) -> str:
    return {"image": "an image", "video": "a video", "audio": "audio", "document": "a PDF"}[kind]
