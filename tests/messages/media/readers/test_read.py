"""Measures of recordings, videos and PDFs: what libraries find in real files, and damaged ones.

scripts/media/clips.py made the samples.
"""

import io
import os
import random
import struct
import wave
from pathlib import Path
from typing import Any

import pytest

import ctxtools as ctx
from ctxtools.errors import CtxtoolsError, FormatError, MissingExtraError, ReadError, UsageError
from ctxtools.messages import (
    Audio,
    Document,
    Page,
    Video,
    media_kind_of,
    read_audio,
    read_document,
    read_media,
    read_video,
)
from ctxtools.messages.media.readers import read as readers
from tests.hanging import no_hang
from tests.messages.media.readers.pdfs import branching, pdf

SAMPLES = Path(__file__).with_name("samples")
pytest.importorskip("tinytag", reason="the extra media is not installed")
pytest.importorskip("pymediainfo", reason="the extra media is not installed")
pytest.importorskip("pypdfium2", reason="the extra media is not installed")


def wav(seconds: float, rate: int = 16_000, channels: int = 1, width: int = 2) -> bytes:
    stream = io.BytesIO()
    with wave.open(stream, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(bytes(int(seconds * rate) * channels * width))
    return stream.getvalue()


@pytest.mark.parametrize(
    ("name", "seconds", "rate", "within"),
    [
        ("talk.mp3", 0.4, 16_000, 0.15),
        ("talk.flac", 0.5, 16_000, 0),
        ("talk.opus", 1.5, 48_000, 0.01),
        ("talk.m4a", 2.0, 16_000, 0.1),
        ("talk.mka", 1.0, 16_000, 0.1),
        ("sound.mp4", 2.0, 16_000, 0.1),
    ],
)
def test_recordings(name: str, seconds: float, rate: int, within: float) -> None:
    for source in (SAMPLES / name, str(SAMPLES / name), (SAMPLES / name).read_bytes()):
        found = read_audio(source, name="it")
        assert found.seconds == pytest.approx(seconds, abs=within or 1e-9)
        assert found.rate == rate
        assert found.name == "it"


@pytest.mark.parametrize(
    ("name", "seconds", "fps", "frames", "audio"),
    [
        ("sound.mp4", 2.0, 10, 20, True),
        ("silent.webm", 1.0, 25, 25, False),
        ("silent.mkv", 0.5, 10, 5, False),
    ],
)
def test_videos(name: str, seconds: float, fps: float, frames: int, audio: bool) -> None:
    for source in (SAMPLES / name, (SAMPLES / name).read_bytes()):
        found = read_video(source)
        assert (found.width, found.height) == (64, 48)
        assert found.seconds == pytest.approx(seconds, abs=0.01)
        assert found.fps == pytest.approx(fps)
        assert (found.frames, found.audio) == (frames, audio)


@pytest.mark.parametrize("rate", [8_000, 44_100])
@pytest.mark.parametrize(("channels", "width"), [(1, 2), (2, 2), (1, 1), (2, 3)])
def test_wav(rate: int, channels: int, width: int) -> None:
    found = read_audio(wav(2.5, rate, channels, width))
    assert (found.seconds, found.rate) == (2.5, rate)


def test_pages() -> None:
    found = read_document(pdf((595, 842, "Hello world"), (842, 595, "Second")), name="it")
    assert found == Document(
        "it", pages=(Page(595.0, 842.0, "Hello world"), Page(842.0, 595.0, "Second"))
    )
    many = read_document(pdf(*[(100, 100 + number, f"page {number}") for number in range(70)]))
    assert [page.height for page in many.pages] == [100 + number for number in range(70)]
    assert many.pages[69].text == "page 69"


def test_any_kind(tmp_path: Path) -> None:
    (path := tmp_path / "odd.name").write_bytes(pdf((595, 842, "text")))
    assert isinstance(read_media(path), Document)
    assert isinstance(read_media(wav(1)), Audio)
    assert isinstance(read_media(SAMPLES / "sound.mp4"), Video)
    assert isinstance(read_media(SAMPLES / "talk.mka"), Audio)


def test_kinds() -> None:
    kinds = {path.name: media_kind_of(path.read_bytes()) for path in SAMPLES.iterdir()}
    assert kinds == {
        "sound.mp4": "video",
        "silent.webm": "video",
        "silent.mkv": "video",
        "talk.mka": "video",
        "talk.mp3": "audio",
        "talk.flac": "audio",
        "talk.opus": "audio",
        "talk.m4a": "audio",
    }
    assert media_kind_of(b"\x89PNG\r\n\x1a\n") == "image"
    assert media_kind_of(pdf((9, 9, ""))) == "document"
    assert media_kind_of(b"PK\3\4word/document.xml") is None
    assert media_kind_of(b"some text") is None
    assert media_kind_of(b"") is None


def claims(size: int, data: bytes) -> bytes:
    """A WAV file whose data is said to have so many bytes."""
    whole = wav(0)
    at = whole.index(b"data")
    return whole[: at + 4] + struct.pack("<I", size) + data


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (b"", "it is empty"),
        (b"just text", "no known format"),
        (pdf((9, 9, "")), "it is a PDF"),
        (wav(0), "0 seconds"),
        (wav(2)[:5_000], "truncated"),
        (wav(2)[:30], "ends before its data"),
        (claims(10**6, bytes(100)), "truncated"),
        (b"RIFF\0\0\0\0WAVEdata\4\0\0\0\0\0\0\0", "how fast"),
        ((SAMPLES / "talk.mp3").read_bytes()[:20], ""),
        ((SAMPLES / "talk.m4a").read_bytes()[:200], ""),
        ((SAMPLES / "silent.webm").read_bytes()[:60], ""),
    ],
)
def test_no_recording(source: bytes, message: str) -> None:
    with pytest.raises(FormatError, match=f"^talk: .*{message}"):
        read_audio(source, name="talk")


def test_a_recording_of_unknown_length_ends_with_its_file() -> None:
    for size in (0, 2**32 - 1):
        found = read_audio(claims(size, bytes(32_000)))
        assert found.seconds == 1.0
        assert "does not say" in found.notes[0]


@pytest.mark.parametrize(
    "source",
    [
        (SAMPLES / "sound.mp4").read_bytes()[:300],  # without its index, which is at the end
        (SAMPLES / "talk.m4a").read_bytes(),
        (SAMPLES / "talk.mka").read_bytes(),
        b"\0\0\0\x1cftypisom" + bytes(1_000),
        b"\x1aE\xdf\xa3" + b"\xff" * 1_000,
        wav(1),
        b"#EXTM3U\nhttp://127.0.0.1/x.ts\n",
    ],
)
def test_no_video(source: bytes) -> None:
    with pytest.raises(FormatError, match=r"^clip: .") as caught:
        read_video(source, name="clip")
    assert "traceback" not in str(caught.value).lower()


def test_truncated_video() -> None:
    data = (SAMPLES / "silent.mkv").read_bytes()
    try:
        found = read_video(data[: len(data) // 2])
    except FormatError:
        return
    assert found.seconds > 0


ENCRYPTED = (
    b"/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <" + b"41" * 32 + b"> /U <" + b"42" * 32
    + b"> >> /ID [<00> <00>] "
)  # fmt: skip


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (pdf(), "a PDF without pages|a damaged PDF"),
        (pdf((9, 9, ""))[:60], "a damaged PDF|without pages"),
        (b"%PDF-1.4\n1 0 obj\n" + bytes(500), ""),
        (pdf((9, 9, ""), trailer=ENCRYPTED), "encrypted"),
        (wav(1), "it is a WAV audio"),
        (b"plain text", "no known format"),
        (branching(40), ""),
    ],
)
def test_no_document(source: bytes, message: str) -> None:
    with no_hang(), pytest.raises(FormatError, match=f"^paper: .*(?:{message})"):
        read_document(source, name="paper")


def test_files_that_are_none(tmp_path: Path) -> None:
    for read in (read_audio, read_video, read_document, read_media):
        with pytest.raises(ReadError):
            read(tmp_path / "missing")
        with pytest.raises(ReadError):
            read(tmp_path)
        with pytest.raises(UsageError, match="not fetched"):
            read("https://127.0.0.1/talk.mp3")
        if hasattr(os, "mkfifo"):
            if not (pipe := tmp_path / "pipe").exists():
                os.mkfifo(pipe)
            with no_hang(), pytest.raises(ReadError):
                read(pipe)


def test_only_inside_a_folder(tmp_path: Path) -> None:
    (folder := tmp_path / "allowed").mkdir()
    (tmp_path / "talk.wav").write_bytes(wav(1))
    (folder / "talk.wav").write_bytes(wav(2))
    assert read_audio(folder / "talk.wav", within=folder).seconds == 2
    with pytest.raises(ReadError):
        read_audio(folder / ".." / "talk.wav", within=folder)


def test_without_the_libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readers, "find_spec", lambda module: None)
    monkeypatch.setattr(readers, "find_program", lambda name: None)
    assert read_audio(wav(1)).seconds == 1  # which needs none
    for read, name in ((read_audio, "talk.mp3"), (read_video, "sound.mp4")):
        with pytest.raises(MissingExtraError, match="media"):
            read(SAMPLES / name)
    with pytest.raises(MissingExtraError, match="pypdfium2"):
        read_document(pdf((9, 9, "")))


def test_damaged_files_are_errors() -> None:
    random.seed(22)
    files = [path.read_bytes() for path in sorted(SAMPLES.iterdir())]
    files += [pdf((595, 842, "Hello"), (595, 842, "world")), wav(0.1)]
    for _ in range(150):
        data = bytearray(random.choice(files))
        for _ in range(random.randrange(1, 8)):
            data[random.randrange(len(data))] = random.randrange(256)
        with no_hang():
            try:
                found = read_media(
                    bytes(data[: random.choice([None, random.randrange(len(data))])])
                )
            except CtxtoolsError:
                continue
        assert getattr(found, "seconds", 1) > 0


def test_a_file_is_counted_as_its_measures() -> None:
    video, talk = SAMPLES / "silent.webm", SAMPLES / "talk.mp3"
    found = read_video(video)
    by_measures = ctx.video_tokens(
        "qwen3-vl-8b",
        found.width,
        found.height,
        found.seconds,
        fps=found.fps,
        frames=found.frames,
        sampling="qwen-vl-utils",
    )
    for source in (video, str(video), video.read_bytes(), found):
        counted = ctx.video_tokens("qwen3-vl-8b", video=source, sampling="qwen-vl-utils")
        assert counted == by_measures
    heard = ctx.audio_tokens("qwen3-omni", seconds=read_audio(talk).seconds)
    for sound in (talk, str(talk), talk.read_bytes(), read_audio(talk)):
        assert ctx.audio_tokens("qwen3-omni", audio=sound) == heard
    paper = pdf((595, 842, "Hello"))
    for pages in (paper, read_document(paper)):
        assert ctx.document_tokens("claude-sonnet-4-5", pages).interval.low > 500


@pytest.mark.parametrize(
    "arguments", [{}, {"width": 9, "height": 9}, {"video": b"", "seconds": 1}, {"seconds": 1}]
)
def test_a_video_or_its_measures(arguments: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="by its width, height and seconds, or by itself"):
        ctx.video_tokens("qwen3-vl-8b", **arguments)


@pytest.mark.parametrize("arguments", [{}, {"audio": b"", "seconds": 1}])
def test_a_recording_or_its_seconds(arguments: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="by its seconds, or by itself"):
        ctx.audio_tokens("qwen3-omni", **arguments)


def test_a_video_whose_header_names_no_rate() -> None:
    """Browsers record such ones: their frames come as they come."""
    data = (SAMPLES / "silent.webm").read_bytes()
    at = data.index(b"\x23\xe3\x83\x84")  # the duration of each frame
    found = read_video(data[:at] + b"\xec\x86" + data[at + 2 :])
    assert found.frames == read_video(data).frames
    assert found.fps == pytest.approx(read_video(data).fps, rel=0.1)
