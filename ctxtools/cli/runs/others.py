"""Files whose tokens are not those of a text: conversations, and images, video, audio and PDF."""

from collections.abc import Callable, Sequence
from typing import Any

from ctxtools.cli.output.rows import FileCount
from ctxtools.cli.targets import Target
from ctxtools.documents import Reader
from ctxtools.errors import UsageError
from ctxtools.signatures import binary_type


class OtherFiles:
    """Counts files that are no text, for each target. Most files are, which costs them little.

    Args:
        targets: the models and encodings.
        media: count images, video, audio and PDF.
        messages: see `ConversationCounter`.
        tools: a JSON file of tools that go with each conversation.

    Raises:
        UsageError: there are tools, and no conversations.
        FormatError: the file of tools is no JSON.
    """

    def __init__(
        self,
        targets: Sequence[Target],
        *,
        media: bool,
        messages: bool | None,
        tools: str | None = None,
    ) -> None:
        if tools is not None and not messages:
            raise UsageError(
                "--tools goes with conversations", hint="add --messages to read files as these"
            )
        self._targets = targets
        self._media = media
        self._asked = messages
        self._tools = None if tools is None else read_json(tools)
        self._counters: dict[str, Callable[[Reader], FileCount | None]] = {}

    def __call__(self, reader: Reader) -> FileCount | None:
        """The counts of a file; None if it is to be read as text.

        Raises:
            CtxtoolsError: it was named, and cannot be counted.
        """
        if self._asked or (self._asked is None and reader.file.path.endswith(".json")):
            counter = self._counters.get("conversations") or self._conversations()
            if (found := counter(reader)) is not None:
                return found
        if self._media and binary_type(reader.head()):
            counter = self._counters.get("media") or self._media_files()
            return counter(reader)
        return None

    def _conversations(self) -> Callable[[Reader], FileCount | None]:
        from ctxtools.cli.runs.conversations import ConversationCounter

        counter = ConversationCounter(self._targets, self._asked, self._tools)
        return self._counters.setdefault("conversations", counter)

    def _media_files(self) -> Callable[[Reader], FileCount | None]:
        from ctxtools.cli.runs.media import MediaCounter

        return self._counters.setdefault("media", MediaCounter(self._targets))


def read_json(path: str) -> Any:
    """The value of a JSON file, or of stdin.

    Raises:
        FormatError: it is not JSON.
        CtxtoolsError: it cannot be read.
    """
    from ctxtools.cli.inputs import read_one
    from ctxtools.documents.values import parse_json

    return parse_json(read_one(path), path)
