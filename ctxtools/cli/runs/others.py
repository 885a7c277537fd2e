"""Files whose tokens are not those of a text: conversations, and images, video, audio and PDF."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ctxtools.cli.output.rows import FileCount
from ctxtools.cli.targets import Target
from ctxtools.documents import File, Reader
from ctxtools.signatures import binary_type

if TYPE_CHECKING:
    from ctxtools.cli.runs.conversations import ConversationCounter
    from ctxtools.cli.runs.media import MediaCounter


class OtherFiles:
    """Counts files that are no text, for each target. Most files are, which costs them little.

    Args:
        targets: the models and encodings.
        media: count images, video, audio and PDF.
        messages: see `ConversationCounter`.
        counting: further arguments of `count_messages` for each conversation.
    """

    def __init__(
        self,
        targets: Sequence[Target],
        *,
        media: bool,
        messages: bool | None,
        counting: Mapping[str, Any] = MappingProxyType({}),
    ) -> None:
        self._targets = targets
        self._media = media
        self._asked = messages
        self._counting = counting
        # Made when they are needed: most runs have text alone.
        self._conversations: ConversationCounter | None = None
        self._media_files: MediaCounter | None = None

    def __call__(self, reader: Reader) -> FileCount | None:
        """The counts of a file; None if it is to be read as text.

        Raises:
            CtxtoolsError: it was named, and cannot be counted.
        """
        if self._media and (found := binary_type(reader.head())):
            self._media_files = self._media_files or self._make_media_counter()
            if (counted := self._media_files(reader, found)) is not None:
                return counted
        if self._asked or (self._asked is None and reader.file.path.endswith(".json")):
            self._conversations = self._conversations or self._make_conversation_counter()
            return self._conversations(reader)
        return None

    def may_take(self, head: bytes) -> bool:
        """Whether a file that was not named and that starts so may be no text to this."""
        if self._asked:
            return True
        found = binary_type(head) if self._media else None
        if found is None:
            return False
        self._media_files = self._media_files or self._make_media_counter()
        return self._media_files.takes(found, head)

    def is_quick(self, found: File) -> bool:
        """Whether a file is less work than handing it to another thread: an image by its name."""
        from ctxtools.messages.media.headers.formats import SUFFIXES

        return self._media and found.path.rpartition(".")[2].lower() in SUFFIXES

    def notes(self) -> list[str]:
        """What is to be said of the rules by which files were counted."""
        return [*self._media_files.notes] if self._media_files else []

    def _make_conversation_counter(self) -> "ConversationCounter":
        from ctxtools.cli.runs.conversations import ConversationCounter

        return ConversationCounter(self._targets, self._asked, self._counting)

    def _make_media_counter(self) -> "MediaCounter":
        from ctxtools.cli.runs.media import MediaCounter

        return MediaCounter(self._targets)
