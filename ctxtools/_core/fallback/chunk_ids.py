"""The ids of chunks: the same in every run for the same content and configuration."""

import hashlib
from collections.abc import Sequence

_KEY, _ID = 8, 16  # bytes of a hash that tell chunks apart, and that are an id


class ChunkIds:
    """The ids of the chunks of one document, in order.

    Args:
        configurations: what the ids of each size are made of.
    """

    def __init__(self, configurations: Sequence[bytes]) -> None:
        self._levels = [_Level(configuration) for configuration in configurations]

    def next(self, depth: int, headings: Sequence[bytes], text: bytes) -> tuple[str, int]:
        """The id of the next chunk of a size, and its number among those of that size.

        The id depends on earlier chunks only if one of them is equal. It has the start of the
        SHA-256 of the configuration, the number of headings (8 bytes, the lowest first), each
        heading, and the text. Each but the text is after its length, as such a number.
        """
        return self._levels[depth].next(headings, text)


class _Level:
    def __init__(self, configuration: bytes) -> None:
        self._configuration = hashlib.sha256(_with_length(configuration))
        self._count = 0
        # Of the chunks so far, the start of each hash, and how often each was repeated.
        self._seen: set[bytes] = set()
        self._repeated: dict[bytes, int] = {}

    def next(self, headings: Sequence[bytes], text: bytes) -> tuple[str, int]:
        digest = self._configuration.copy()
        digest.update(_number(len(headings)))
        for heading in headings:
            digest.update(_with_length(heading))
        digest.update(text)
        alone = digest.digest()
        key = alone[:_KEY]
        if key in self._seen:
            number = self._repeated[key] = self._repeated.get(key, 0) + 1
            # Not a hash of text and number: joined, they may be the text of another chunk.
            alone = hashlib.sha256(b"%s %d" % (alone, number)).digest()
        self._seen.add(key)
        self._count += 1
        return alone[:_ID].hex(), self._count - 1


def _with_length(data: bytes) -> bytes:
    return _number(len(data)) + data


def _number(number: int) -> bytes:
    return number.to_bytes(8, "little")
