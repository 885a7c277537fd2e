"""The measures of a WAV file, by its header alone.

Sources: RIFF as in Microsoft's and IBM's "Multimedia Programming Interface and Data Specifications
1.0"; RF64, for more than 4 GB, in EBU Tech 3306.
"""

import struct
from typing import BinaryIO

from ctxtools.errors import FormatError
from ctxtools.messages.media.items import Audio

_MAX_CHUNKS = 1000
_UNKNOWN = 2**32 - 1  # bytes of data; in RF64 another chunk says how many
# Bytes of data by programs that write to a pipe, and so could not go back to say how many: sox,
# arecord and ffmpeg among them.
_STREAMED = (range(1), range(2**31 - 2**13, 2**31 + 1), range(2**32 - 2**13, 2**32))
_PCM = (0x0001, 0x0003, 0xFFFE)  # integers, floats, and either by an extension
_FORMAT = struct.Struct("<HHIIH")  # format, channels, rate, bytes a second, bytes of a sample


def read_wav(stream: BinaryIO, size: int, where: str, name: str = "") -> Audio:
    """The measures of a WAV file.

    Args:
        stream: of its bytes.
        size: how many there are.
        where: the start of messages.
        name: of the recording.

    Raises:
        FormatError: the header is damaged, or the file is shorter than it says.
    """
    fields = b""
    long_data: int | None = None
    position = 12
    for _ in range(_MAX_CHUNKS):
        stream.seek(position)
        header = stream.read(8)
        if len(header) < 8:
            break
        chunk, length = header[:4], int.from_bytes(header[4:], "little")
        position += 8
        if chunk == b"data":
            claimed = long_data if length == _UNKNOWN and long_data is not None else length
            return _audio(fields, claimed, size - position, where, name)
        if chunk == b"ds64":
            long_data = int.from_bytes(stream.read(16)[8:], "little")
        elif chunk == b"fmt ":
            fields = stream.read(_FORMAT.size)
        position += length + length % 2
    raise FormatError(
        f"{where}a WAV file without sound: it ends before its data",
        hint="it may be truncated; record or download it again",
    )


def _audio(fields: bytes, claimed: int, there: int, where: str, name: str) -> Audio:
    format_, _, rate, byte_rate, sample = _FORMAT.unpack(fields.ljust(_FORMAT.size, b"\0"))
    is_pcm = format_ in _PCM and sample > 0
    if is_pcm:  # decoders ignore the bytes a second, which may be wrong
        byte_rate = rate * sample
    if not rate or not byte_rate:
        raise FormatError(
            f"{where}a WAV file that does not say how fast it is played",
            hint="record it again, or give its duration in seconds",
        )
    notes: tuple[str, ...] = ()
    if there and claimed != there and any(claimed in sizes for sizes in _STREAMED):
        notes = ("its header does not say how long it is: all of the file is taken for sound",)
        claimed = there
    if claimed > there:
        raise FormatError(
            f"{where}truncated: its header says {claimed:,} bytes of sound, there are {there:,}",
            hint="record or download it again, or give its duration in seconds",
        )
    samples = claimed // sample if is_pcm else None
    if not claimed or samples == 0:
        raise FormatError(f"{where}a recording of 0 seconds", hint="leave it out")
    seconds = claimed / byte_rate if samples is None else samples / rate
    return Audio(name, notes, seconds=seconds, rate=rate, samples=samples)
