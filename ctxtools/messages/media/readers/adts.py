"""The measures of a raw AAC file: frame after frame, each with a header of its own.

No library has them: tinytag takes the frames for MP3's, and MediaInfo does not add them up.
ADTS is in ISO/IEC 13818-7, section 6.2; ID3, which may come first, in https://id3.org/id3v2.4.0-structure.
"""

from typing import BinaryIO

from ctxtools.errors import FormatError
from ctxtools.messages.media.items import Audio

_RATES = (96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025,
          8_000, 7_350)  # fmt: skip
_HEADER = 7  # bytes
_SAMPLES = 1_024  # of a block, of which a frame has up to four
_MAX_FRAMES = 2_000_000  # twelve hours at 44,100 samples a second
_ID3 = 10  # bytes of its header


def adts_start(stream: BinaryIO) -> int | None:
    """At which byte the first frame begins; None if the file has none there."""
    stream.seek(0)
    head = stream.read(_ID3)
    start = 0
    if head[:3] == b"ID3" and len(head) == _ID3:
        size = 0
        for byte in head[6:]:
            size = size << 7 | byte & 0x7F
        start = _ID3 + size + (_ID3 if head[5] & 0x10 else 0)  # with a footer
    stream.seek(start)
    return start if _frame(stream.read(_HEADER)) else None


def read_adts(stream: BinaryIO, size: int, start: int, where: str, name: str) -> Audio:
    """The measures of a raw AAC file.

    Args:
        stream: of its bytes.
        size: how many there are.
        start: of its first frame.
        where: the start of messages.
        name: of the recording.

    Raises:
        FormatError: it has no whole frame, or too many.
    """
    samples, rate, offset = 0, 0, start
    for _ in range(_MAX_FRAMES):
        stream.seek(offset)
        frame = _frame(stream.read(_HEADER))
        if frame is None or offset + frame[0] > size:
            break
        rate = rate or frame[2]
        samples += frame[1]
        offset += frame[0]
    else:
        raise FormatError(f"{where}too long to be measured", hint="give its duration in seconds")
    if not samples:
        raise FormatError(f"{where}no sound is found in it", hint="record or download it again")
    stream.seek(offset)
    whole = offset == size or stream.read(3) == b"TAG"
    notes = () if whole else (f"truncated or damaged: no sound is found from byte {offset:,} on",)
    return Audio(name, notes, seconds=samples / rate, rate=rate, samples=samples)


def _frame(header: bytes) -> tuple[int, int, int] | None:
    """Bytes and samples of a frame, and samples a second; None if this is no frame's header."""
    if len(header) < _HEADER or header[0] != 0xFF or header[1] & 0xF6 != 0xF0:
        return None
    rate = header[2] >> 2 & 15
    length = (header[3] & 3) << 11 | header[4] << 3 | header[5] >> 5
    if rate >= len(_RATES) or length < _HEADER:
        return None
    return length, _SAMPLES * (1 + (header[6] & 3)), _RATES[rate]
