"""Offsets in characters, of offsets in the bytes of a text."""

_CONTINUATION = bytes(range(0x80, 0xC0))
_STEP = 8  # of 256 bytes


class Characters:
    """Converts offsets.

    Args:
        data: the text in UTF-8.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._sums = None if data.isascii() else _sums(data)

    def before(self, byte: int) -> int:
        """The number of characters before an offset in bytes."""
        if self._sums is None:
            return byte
        step = byte >> _STEP
        part = self._data[step << _STEP : byte]
        return self._sums[step] + len(part.translate(None, _CONTINUATION))


def _sums(data: bytes) -> list[int]:
    """The number of characters before each step."""
    sums = [0]
    for start in range(0, len(data), 1 << _STEP):
        part = data[start : start + (1 << _STEP)]
        sums.append(sums[-1] + len(part.translate(None, _CONTINUATION)))
    return sums
