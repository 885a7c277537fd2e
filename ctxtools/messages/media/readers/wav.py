"""The measures of a WAV file, by its header alone.

Sources: RIFF as in Microsoft's and IBM's "Multimedia Programming Interface and Data Specifications
1.0"; RF64, for more than 4 GB, in EBU Tech 3306.
"""

import struct
from typing import BinaryIO

from ctxtools.errors import FormatError
from ctxtools.messages.media.items import Audio

_MAX_CHUNKS = 1000
_UNKNOWN = 2**32 - 1  # bytes of data, by a program that could not go back to say how many
_RATES = struct.Struct("<HHII")  # format, channels, samples a second, bytes a second


def read_wav(stream: BinaryIO, size: int, where: str) -> Audio:
    """The measures of a WAV file.

    Args:
        stream: of its bytes.
        size: how many there are.
        where: the start of messages: its name.

    Raises:
        FormatError: the header is damaged, or the file is shorter than it says.
    """
    rate = byte_rate = 0
    long_data: int | None = None
    position = 12
    for _ in range(_MAX_CHUNKS):
        stream.seek(position)
        header = stream.read(8)
        if len(header) < 8:
            break
        name, length = header[:4], int.from_bytes(header[4:], "little")
        position += 8
        if name == b"data":
            claimed = long_data if length == _UNKNOWN and long_data is not None else length
            return _audio(rate, byte_rate, claimed, size - position, where)
        if name == b"ds64":
            long_data = int.from_bytes(stream.read(16)[8:], "little")
        elif name == b"fmt ":
            fields = stream.read(_RATES.size)
            if len(fields) == _RATES.size:
                _, _, rate, byte_rate = _RATES.unpack(fields)
        position += length + length % 2
    raise FormatError(
        f"{where}a WAV file without sound: it ends before its data",
        hint="it may be truncated; record or download it again",
    )


def _audio(rate: int, byte_rate: int, claimed: int, there: int, where: str) -> Audio:
    if not rate or not byte_rate:
        raise FormatError(
            f"{where}a WAV file that does not say how fast it is played",
            hint="record it again, or give its duration in seconds",
        )
    notes: tuple[str, ...] = ()
    if claimed in (0, _UNKNOWN) and there:
        notes = ("its header does not say how long it is: all of the file is taken for sound",)
        claimed = there
    if claimed > there:
        raise FormatError(
            f"{where}truncated: its header says {claimed:,} bytes of sound, there are {there:,}",
            hint="record or download it again, or give its duration in seconds",
        )
    if not claimed:
        raise FormatError(f"{where}a recording of 0 seconds", hint="leave it out")
    return Audio(seconds=claimed / byte_rate, rate=rate, notes=notes)
