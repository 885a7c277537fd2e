"""The measures of recordings, videos and documents, from paths and bytes."""

import os
from collections.abc import Iterator, Sequence
from contextlib import closing
from importlib.util import find_spec
from typing import Any

from ctxtools import isolated
from ctxtools.errors import FormatError, missing_extra
from ctxtools.messages.media.files import read_image
from ctxtools.messages.media.items import Audio, Document, Media, Page, Video
from ctxtools.messages.media.readers import jobs
from ctxtools.messages.media.readers.adts import adts_start, read_adts
from ctxtools.messages.media.readers.kinds import media_kind_of
from ctxtools.messages.media.readers.source import Source, opened
from ctxtools.messages.media.readers.wav import read_wav
from ctxtools.programs import find_program

_EXTRA = "media"
_MEMORY = 2 << 30  # bytes of the child's address space
_SECONDS = 10.0  # of CPU time for a recording or a video
_SECONDS_PER_BATCH = 2.0  # of pages
_SLACK = 20.0  # that all pages together may take above that
_MAX_PAGES = 20_000
_MAX_TEXT = 1 << 28  # bytes
_MAX_DURATION = 10**9  # seconds: what claims more is damaged
_ALMOST_ALL = 0.9  # of the bytes that a recording should have
_TRUNCATED = "the file is truncated: it ends before the duration that it names"
_GIVE = "it may be damaged; record or download it again, or give its measures"


def read_audio(
    source: str | os.PathLike[str] | bytes,
    *,
    name: str = "",
    within: str | os.PathLike[str] | None = None,
) -> Audio:
    """The measures of a recording: WAV and AAC by their headers, others by tinytag or MediaInfo.

    Of a truncated one the notes say so, as far as its header shows it.

    Args:
        source: the path of a regular file, or the bytes of one.
        name: for messages; by default the path.
        within: the folder that the file must be in, links followed: for a path that a stranger
            gives. None if it may be anywhere.

    Raises:
        ReadError: the file cannot be read.
        FormatError: it is no recording, or damaged.
        MissingExtraError: the extra ``media`` is not installed.
        UsageError: ``source`` is a URL.
    """
    with opened(source, name, within) as file:
        file.check_kind("a recording", "audio", "video")
        if file.head[8:12] == b"WAVE":
            return read_wav(file.stream, file.size, file.where, file.name)
        start = adts_start(file.stream)
        if start is not None:
            return read_adts(file.stream, file.size, start, file.where, file.name)
        return _audio(file)


def read_video(
    source: str | os.PathLike[str] | bytes,
    *,
    name: str = "",
    within: str | os.PathLike[str] | None = None,
) -> Video:
    """The measures of a video, by MediaInfo or, where that is not installed, the user's ffprobe.

    Arguments and errors are those of `read_audio`.
    """
    with opened(source, name, within) as file:
        file.check_kind("a video", "video")
        return _video(file, _tracks(file))


def read_media(
    source: str | os.PathLike[str] | bytes,
    *,
    name: str = "",
    within: str | os.PathLike[str] | None = None,
) -> Media:
    """The measures of a medium of any kind, which is found by its content.

    A container of videos that holds sound alone is a recording. Arguments are of `read_audio`.

    Raises:
        ReadError: the file cannot be read.
        FormatError: it is no medium, or damaged.
        MissingExtraError: the extra ``media`` is not installed.
        UsageError: ``source`` is a URL.
    """
    with opened(source, name, within) as file:
        file.check_kind("a medium", "image", "audio", "video", "document")
        kind = media_kind_of(file.head)
        if kind == "video":
            tracks = _tracks(file)
            if _first(tracks, "Video"):
                return _video(file, tracks)
            if _first(tracks, "Audio"):
                return _heard(file, tracks)
            raise FormatError(f"{file.where}no picture and no sound is found in it", hint=_GIVE)
    if kind == "image":
        return read_image(source, name=name, within=within)
    if kind == "audio":
        return read_audio(source, name=name, within=within)
    return read_document(source, name=name, within=within)


def read_document(
    source: str | os.PathLike[str] | bytes,
    *,
    name: str = "",
    within: str | os.PathLike[str] | None = None,
    text: bool = True,
) -> Document:
    """The pages of a PDF with their text, by pdfium.

    Args:
        source, name, within: as of `read_audio`.
        text: False leaves the text out, which is many times faster.

    Raises:
        ReadError: the file cannot be read.
        FormatError: it is no PDF, damaged, encrypted, or has no page, or too many.
        MissingExtraError: the extra ``media`` is not installed.
        UsageError: ``source`` is a URL.
    """
    with opened(source, name, within) as file:
        file.check_kind("a PDF", "document")
        _need("pypdfium2", "reading PDF")
        pages = list[Page]()
        size = 0
        request = {"limit": _MAX_PAGES, "text": text}
        for header, data in _run(file, "pages", _SECONDS_PER_BATCH, _SLACK, request):
            if header["total"] > _MAX_PAGES:
                raise FormatError(
                    f"{file.where}{header['total']:,} pages are too many to read",
                    hint="split the document",
                )
            size += len(data)
            if size > _MAX_TEXT:
                raise FormatError(
                    f"{file.where}more than {_MAX_TEXT >> 20} MB of text", hint="split the document"
                )
            start = 0
            for width, height, length in header["pages"]:
                found = data[start : start + length].decode("utf-8", "replace")
                pages.append(Page(width, height, found.replace("\r\n", "\n") if text else None))
                start += length
        if not pages:
            raise FormatError(f"{file.where}a PDF without pages", hint=_GIVE)
        return Document(file.name, pages=tuple(pages))


def _video(file: Source, tracks: Sequence[dict[str, Any]]) -> Video:
    of_type = {kind: _first(tracks, kind) for kind in ("General", "Video", "Audio")}
    picture = of_type["Video"]
    if picture is None:
        raise FormatError(f"{file.where}no video is found in it", hint=_GIVE)
    width, height = (_number(picture, side) for side in ("width", "height"))
    if not width or not height:
        raise FormatError(f"{file.where}no size of its frames is found in it", hint=_GIVE)
    seconds = _seconds(file, picture, of_type["General"] or {})
    frames = round(_number(picture, "frame_count")) or None
    fps = _rate_of_frames(picture) or (frames or 0) / seconds
    if not fps:
        raise FormatError(f"{file.where}no rate of frames is found in it", hint=_GIVE)
    if _is_turned(picture):
        width, height = height, width
    return Video(
        file.name,
        _remarks(tracks),
        width=round(width),
        height=round(height),
        seconds=seconds,
        fps=fps,
        frames=frames,
        audio=of_type["Audio"] is not None,
    )


def _audio(file: Source) -> Audio:
    """A recording that is neither WAV nor AAC. What tinytag cannot read is left to MediaInfo."""
    has_tinytag = _has("tinytag")
    can_be_tracked = _has("pymediainfo") or find_program("ffprobe") is not None
    if not has_tinytag and not can_be_tracked:
        raise missing_extra("reading recordings", "tinytag", _EXTRA)
    if has_tinytag:
        try:
            header = _answer(file, "sound")
            if seconds := _number(header, "seconds"):
                expected = seconds * _number(header, "bytes_a_second")
                notes = (_TRUNCATED,) if file.size < _ALMOST_ALL * expected else ()
                return _recording(file, seconds, _number(header, "rate"), notes)
            if header["supported"] and not can_be_tracked:
                raise FormatError(f"{file.where}no duration is found in it", hint=_GIVE)
        except FormatError:
            if not can_be_tracked:
                raise
    return _heard(file, _tracks(file))


def _heard(file: Source, tracks: Sequence[dict[str, Any]]) -> Audio:
    """The sound of a container."""
    track = _first(tracks, "Audio")
    if track is None:
        raise FormatError(f"{file.where}no sound is found in it", hint=_GIVE)
    seconds = _seconds(file, track, _first(tracks, "General") or {})
    return _recording(file, seconds, _number(track, "sampling_rate"), _remarks(tracks))


def _recording(file: Source, seconds: float, rate: float, notes: tuple[str, ...]) -> Audio:
    return Audio(file.name, notes, seconds=_plausible(file, seconds), rate=round(rate) or None)


def _remarks(tracks: Sequence[dict[str, Any]]) -> tuple[str, ...]:
    general = _first(tracks, "General") or {}
    return (_TRUNCATED,) if general.get("istruncated") == "Yes" else ()


def _rate_of_frames(track: dict[str, Any]) -> float:
    """Frames a second: as a fraction where there is one, since 29.97 is rounded."""
    above, below = _number(track, "framerate_num"), _number(track, "framerate_den")
    return above / below if above and below else _number(track, "frame_rate")


def _tracks(file: Source) -> Sequence[dict[str, Any]]:
    """The tracks of a file, as MediaInfo has them."""
    if not _has("pymediainfo"):
        program = find_program("ffprobe")
        if program is None:
            raise missing_extra(
                "reading this format", "pymediainfo", _EXTRA, alternative="install ffmpeg"
            )
        return _probed(file, program)
    found: list[dict[str, Any]] = _answer(file, "tracks")["tracks"]
    return found


def _probed(file: Source, program: str) -> Sequence[dict[str, Any]]:
    from tempfile import NamedTemporaryFile

    from ctxtools.messages.media.readers.ffprobe import probe

    if file.path:
        return probe(program, file.stream.fileno(), file.path, file.where)
    with NamedTemporaryFile() as copy:
        copy.write(file.data)
        copy.flush()
        return probe(program, copy.fileno(), copy.name, file.where)


def _answer(file: Source, job: str) -> dict[str, Any]:
    """The only answer of a job. It is taken to its end, so that the child lives on for the next."""
    answers = [*_run(file, job, _SECONDS, 0.0)]
    return answers[0][0]


def _run(
    file: Source,
    job: str,
    seconds: float,
    slack: float,
    request: dict[str, Any] | None = None,
) -> Iterator[isolated.Frame]:
    """The answers of a job, in a child.

    Raises:
        FormatError: the library cannot read the file, or it ended the child.
    """
    file.stream.seek(0)
    run = isolated.Run(
        f"{jobs.__name__}:{job}",
        request or {},
        file=file.stream if file.path else None,
        path=file.path,
        data=file.data,
        memory=_MEMORY,
        seconds=seconds,
        slack=slack,
        alone=True,
    )
    with closing(run):
        try:
            for header, data in run:
                if "failed" in header:
                    reason = header["failed"]
                    raise FormatError(f"{file.where}{reason}", hint=header.get("hint", _GIVE))
                yield header, data
        except isolated.Ended as error:
            raise FormatError(f"{file.where}it cannot be read: {error}", hint=_GIVE) from error


def _seconds(file: Source, track: dict[str, Any], whole: dict[str, Any]) -> float:
    return _plausible(file, (_number(track, "duration") or _number(whole, "duration")) / 1000)


def _plausible(file: Source, seconds: float) -> float:
    if not 0 < seconds <= _MAX_DURATION:
        found = (
            "no duration is found in it" if not seconds > 0 else f"it claims {seconds:g} seconds"
        )
        raise FormatError(f"{file.where}{found}", hint=_GIVE)
    return seconds


def _first(tracks: Sequence[dict[str, Any]], kind: str) -> dict[str, Any] | None:
    return next((track for track in tracks if track.get("track_type") == kind), None)


def _is_turned(track: dict[str, Any]) -> bool:
    try:
        return round(float(track.get("rotation") or 0)) % 180 == 90
    except (TypeError, ValueError, OverflowError):
        return False


def _number(track: dict[str, Any], name: str) -> float:
    """A number above 0 that a library found; 0 if it found none."""
    try:
        value = float(track.get(name) or 0)
    except (TypeError, ValueError):
        return 0.0
    return value if 0 < value < float("inf") else 0.0


def _has(module: str) -> bool:
    return find_spec(module) is not None


def _need(module: str, purpose: str) -> None:
    if not _has(module):
        raise missing_extra(purpose, module, _EXTRA)
