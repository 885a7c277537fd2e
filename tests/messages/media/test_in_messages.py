"""Videos, recordings and PDFs inside messages are measured and counted, or refused by name."""

import base64
from pathlib import Path
from typing import Any

import pytest

import ctxtools as ctx
from ctxtools.errors import CtxtoolsError
from tests.messages.media.readers.pdfs import pdf

pytest.importorskip("pymediainfo", reason="the extra media is not installed")
pytest.importorskip("tinytag", reason="the extra media is not installed")
pytest.importorskip("pypdfium2", reason="the extra media is not installed")

SAMPLES = Path(__file__).with_name("readers") / "samples"


def base64_of(name: str) -> str:
    return base64.b64encode((SAMPLES / name).read_bytes()).decode()


VIDEO = {"url": f"data:video/mp4;base64,{base64_of('sound.mp4')}"}
SOUND = {"data": base64_of("talk.mp3"), "format": "mp3"}
PAPER = base64.b64encode(pdf((595, 842, "Hello"))).decode()


def counted(kind: str, content: dict[str, Any], model: str) -> ctx.Part:
    found = ctx.count_messages([{"role": "user", "content": [content]}], model=model)
    return next(part for part in found.parts if part.kind == kind)


def test_video() -> None:
    part = counted("video", {"type": "video_url", "video_url": VIDEO}, "qwen3-vl-8b")
    assert part.tokens == ctx.video_tokens("qwen3-vl-8b", 64, 48, 2, fps=10)
    assert part.rule == "Qwen3-VL video"


def test_audio() -> None:
    part = counted("audio", {"type": "input_audio", "input_audio": SOUND}, "gpt-4o-audio-preview")
    assert part.tokens == ctx.audio_tokens("gpt-4o-audio-preview", 0.504)


def test_gemini() -> None:
    parts = [{"inline_data": {"mime_type": "video/mp4", "data": base64_of("sound.mp4")}}]
    found = ctx.count_messages([{"role": "user", "parts": parts}], model="gemini-2.5-pro")
    video = next(part for part in found.parts if part.kind == "video")
    assert video.interval == ctx.video_tokens("gemini-2.5-pro", 64, 48, 2, audio=True).interval


@pytest.mark.parametrize(
    ("content", "model"),
    [
        ({"type": "video_url", "video_url": VIDEO}, "gpt-4o"),
        ({"type": "input_audio", "input_audio": SOUND}, "gpt-4o"),
        ({"type": "input_audio", "input_audio": {**SOUND, "data": PAPER}}, "gpt-4o-audio-preview"),
        ({"type": "input_audio", "input_audio": {**SOUND, "data": "AAAA"}}, "gpt-4o-audio-preview"),
        ({"type": "file", "file": {"file_data": f"data:application/pdf;base64,{PAPER}"}},
         "qwen3-vl-8b"),
        ({"type": "video_url", "video_url": {"url": "https://127.0.0.1/clip.mp4"}}, "qwen3-vl-8b"),
    ],
)  # fmt: skip
def test_refused_by_name(content: dict[str, Any], model: str) -> None:
    with pytest.raises(CtxtoolsError) as caught:
        ctx.count_messages([{"role": "user", "content": [content]}], model=model)
    assert "messages[0].content[0]" in caught.value.message
    assert caught.value.hint
