"""What child processes do with the files: see `ctxtools.isolated`.

This imports nothing else of ctxtools, so that a child starts soon. A job that fails says so in its
answer: ``{"failed": reason, "hint": …}``.
"""

from collections.abc import Generator, Iterator
from io import BytesIO
from itertools import islice
from typing import Any, BinaryIO

Frames = Generator[tuple[dict[str, Any], bytes], Any, None]

_BYTES_OF_KILOBIT = 125
_MP3 = (b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2", b"\xff\xfa")
_BATCH = 32  # pages of an answer
_FIELDS = (
    "track_type", "duration", "width", "height", "frame_rate", "framerate_num", "framerate_den",
    "frame_count", "rotation", "sampling_rate", "istruncated",
)  # fmt: skip


def sound(request: dict[str, Any], file: BinaryIO | None, data: bytes) -> Frames:
    """The duration and the rate of a recording, by tinytag.

    It is ``{"supported", "seconds", "rate", "bytes_a_second"}``, the last 0 where it is no more
    than an average of the file.
    """
    from tinytag import TinyTag, TinyTagException, UnsupportedFormatError

    stream = file or BytesIO(data)
    beginning = stream.read(12)
    stream.seek(0)
    try:
        tag = TinyTag.get(file_obj=stream, tags=False)
    except UnsupportedFormatError:
        yield {"supported": False}, b""
        return
    except (
        TinyTagException,
        OSError,
        ValueError,
        ArithmeticError,
        LookupError,
        TypeError,
    ) as error:
        yield _failed(error)
        return
    # MP3's header has the size of the sound, and that of AIFF follows from its samples.
    sure = beginning.startswith(_MP3) or beginning[8:] == b"AIFF"
    answer = {
        "supported": True,
        "seconds": tag.duration,
        "rate": tag.samplerate,
        "bytes_a_second": (tag.bitrate or 0) * _BYTES_OF_KILOBIT if sure else 0,
    }
    yield answer, b""


def tracks(request: dict[str, Any], file: BinaryIO | None, data: bytes) -> Frames:
    """What MediaInfo says of the tracks of a video or a recording: ``{"tracks"}``.

    It gets bytes, and never a path: of a path it would open what a file refers to.
    """
    from pymediainfo import MediaInfo

    stream = file or BytesIO(data)
    try:
        found = MediaInfo.parse(stream)
        if any(track.frame_rate is None for track in found.video_tracks):
            # Of what a browser recorded the header does not say it: the frames are looked at.
            stream.seek(0)
            found = MediaInfo.parse(stream, parse_speed=1)
    except (OSError, ValueError, RuntimeError, SyntaxError) as error:
        yield _failed(error)
        return
    yield (
        {
            "tracks": [
                {
                    name: value
                    for name in _FIELDS
                    if (value := track.to_data().get(name)) is not None
                }
                for track in found.tracks
            ]
        },
        b"",
    )


def pages(request: dict[str, Any], file: BinaryIO | None, data: bytes) -> Frames:
    """The pages of a PDF, by pdfium, some at a time: ``{"total", "pages"}``.

    A page is its width, its height, and the length of its text in the bytes.

    Args:
        request: ``{"limit", "text"}``: above so many pages, only their number is returned; whether
            to read their text.
        file: the PDF, or None.
        data: the PDF, if there is no file.
    """
    from pypdfium2 import PdfDocument, PdfiumError

    try:
        document = PdfDocument(file or data)
        total = len(document)
        numbers = iter(range(total if total <= request["limit"] else 0))
        while batch := [*islice(numbers, _BATCH)]:
            measured = [*_measured(document, batch, with_text=request["text"])]
            texts = [text for _, _, text in measured]
            sizes = [[width, height, len(text)] for width, height, text in measured]
            yield {"total": total, "pages": sizes}, b"".join(texts)
        yield {"total": total, "pages": []}, b""
    except PdfiumError as error:
        answer = _failed(error)
        reason = str(error).lower()
        if "password" in reason:
            answer[0].update(failed="it is encrypted", hint="remove its password first")
        elif "success" in reason:  # pdfium refuses documents without pages without an error
            answer[0].update(failed="a PDF without pages", hint="send one that has some")
        elif "data format" in reason:
            answer[0].update(failed="a damaged PDF")
        yield answer


def _measured(
    document: Any, numbers: list[int], *, with_text: bool
) -> Iterator[tuple[float, float, bytes]]:
    for number in numbers:
        if not with_text:
            yield *document.get_page_size(number), b""
            continue
        page = document[number]
        width, height = page.get_size()
        text_page = page.get_textpage()
        yield width, height, text_page.get_text_range().encode("utf-8", "replace")
        text_page.close()
        page.close()


def _failed(error: Exception) -> tuple[dict[str, Any], bytes]:
    first, *_ = str(error).strip().splitlines() or [type(error).__name__]
    return {"failed": first[:120]}, b""
