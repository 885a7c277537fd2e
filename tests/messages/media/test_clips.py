"""Videos and recordings: worked examples, the choice between programs, and bad measures."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ctxtools as ctx
from ctxtools.errors import UsageError
from ctxtools.messages.media.items import Video
from ctxtools.messages.media.rules import find_rule
from ctxtools.messages.media.video.stamps import stamp

VIDEOS = ["qwen3-vl-8b", "qwen3.5-27b", "qwen2.5-vl-7b", "qwen2.5-omni-7b", "glm-4.6v",
          "glm-4.5v", "kimi-k2.5", "ernie-4.5-vl-28b-a3b", "gemma-4-31b-it", "minimax-m3",
          "hy-v4-vl", "internvl3-8b", "gemini-2.5-pro", "gemini-3-pro-preview",
          "gemini-3.8-flash"]  # fmt: skip
AUDIO = ["qwen2-audio-7b", "qwen2.5-omni-7b", "qwen3-omni-30b-a3b", "qwen3-asr-1.7b", "gemma-4-e4b",
         "voxtral-mini-3b", "gpt-4o-audio-preview", "gpt-realtime", "gemini-2.5-pro",
         "gemini-3-flash"]  # fmt: skip


# Grid tokens and, for Qwen3-VL, two special tokens and a time for each pair of frames.
@pytest.mark.parametrize(
    ("model", "width", "height", "seconds", "sampling", "expected"),
    [
        ("qwen3-vl-8b", 1280, 720, 4, None, 3_520 + 4 * (2 + 6)),
        ("qwen3-vl-8b", 1280, 720, 4, "transformers-capped", 2_880 + 4 * (2 + 6)),
        ("qwen3-vl-8b", 640, 360, 10, None, 2_200 + 10 * (2 + 6)),
        ("qwen3-vl-8b", 640, 360, 60, None, 11_400 + 120 + 410),
        ("qwen3-vl-8b", 1920, 1080, 1, None, 4_080 + 12 + 4),
        ("qwen3-vl-8b", 1920, 1080, 10, None, 12_040),
        ("qwen3-vl-8b", 1920, 1080, 10, "transformers-capped", 7_280),
        ("qwen3-vl-8b", 1920, 1080, 60, None, 11_930),
        ("qwen3-vl-8b", 1920, 1080, 60, "qwen-vl-utils", 43_200 + 120 + 410),
        ("qwen3-vl-8b", 1920, 1080, 600, None, 10_752 + 3_001 + 768),
        ("qwen3.8-27b", 1920, 1080, 60, None, 11_930),
        ("qwen2.5-vl-7b", 1920, 1080, 10, None, 7_200),
        ("qwen2-vl-7b", 1920, 1080, 60, None, 43_200),
        ("qwen2.5-vl-72b", 1920, 1080, 600, None, 105_984),
        ("qwen2.5-vl-72b", 1920, 1080, 3600, None, 105_984),
        ("glm-4.6v", 640, 360, 10, None, 8_970 + 30 * (2 + 4)),
        ("glm-4.6v", 640, 360, 60, None, 17_940 + 60 * (2 + 4)),
    ],
)
def test_worked_examples(
    model: str, width: int, height: int, seconds: float, sampling: str | None, expected: int
) -> None:
    found = ctx.video_tokens(model, width, height, seconds, sampling=sampling)
    assert found == expected
    assert found.exact
    assert found.basis == "reference"
    assert found.wrapper == 2


def test_the_other_program_is_named_with_its_number() -> None:
    found = ctx.video_tokens("qwen3-vl-8b", width=1920, height=1080, seconds=60)
    notes = "\n".join(found.notes)
    for sampling in ("transformers-capped", "qwen-vl-utils"):
        other = ctx.video_tokens("qwen3-vl-8b", 1920, 1080, 60, sampling=sampling)
        assert f'sampling="{sampling}"' in notes
        assert f"{other:,} tokens" in notes


def test_times_take_what_the_tokenizer_says() -> None:
    encoding = ctx.get_encoding("qwen2")
    figures = find_rule("video", "qwen3-vl-8b").figures["stamps"]
    for seconds in (0.0, 0.25, 9.94, 9.96, 10.0, 99.96, 123.4, 9_999.0, 12_345.6, 1_234_567.0):
        assert stamp(seconds, **figures).typical == encoding.count(f"<{seconds:.1f} seconds>")


def test_a_file_has_as_many_frames_as_it_says() -> None:
    given = ctx.video_tokens("qwen3-vl-8b", 640, 360, 60, fps=24, frames=1_440)
    assert given == ctx.video_tokens("qwen3-vl-8b", 640, 360, 60, fps=24)
    assert ctx.video_tokens("qwen3-vl-8b", 640, 360, 60, frames=8) < given


@pytest.mark.parametrize(
    ("model", "audio", "detail", "low", "typical", "high"),
    [
        ("gemini-2.5-pro", True, None, 60 * 290, 60 * 300, 60 * 300),
        ("gemini-2.5-pro", False, None, 60 * 258, 60 * 268, 60 * 268),
        ("gemini-2.5-flash", True, "low", 60 * 98, 60 * 108, 60 * 108),
        ("gemini-3-pro-preview", True, None, 60 * 95, 60 * 100, 60 * 105),
        ("gemini-3-pro-preview", False, "high", 60 * 280, 60 * 285, 60 * 290),
    ],
)
def test_gemini(
    model: str, audio: bool, detail: str | None, low: int, typical: int, high: int
) -> None:
    found = ctx.video_tokens(model, 1280, 720, 60, audio=audio, detail=detail)
    assert (found.interval.low, found, found.interval.high) == (low, typical, high)
    assert found.basis == "documented"
    assert any("approximate" in note for note in found.notes)


def test_sound_that_the_caller_may_send_along() -> None:
    frames = ctx.video_tokens("qwen2.5-vl-7b", 640, 360, 60)
    silent = ctx.video_tokens("qwen2.5-omni-7b", 640, 360, 60, audio=False)
    heard = ctx.video_tokens("qwen2.5-omni-7b", 640, 360, 60, audio=True)
    assert (silent, silent.exact) == (frames, True)
    assert (heard.interval.low, heard) == (frames, frames + 1_500 + 2)


def test_agentic_video_is_said_not_to_be_counted() -> None:
    assert any("agentic" in note for note in ctx.video_tokens("gemini-3.8-flash", 64, 64, 9).notes)


@pytest.mark.parametrize(
    ("model", "seconds", "expected"),
    [
        ("qwen2-audio-7b", 1, 25), ("qwen2-audio-7b", 1.5, 37), ("qwen2-audio-7b", 30, 750),
        ("qwen2.5-omni-7b", 60, 1_500),
        ("qwen3-omni-30b-a3b", 1, 13), ("qwen3-omni-30b-a3b", 1.5, 20),
        ("qwen3-asr-1.7b", 30, 390), ("qwen3-omni-30b-a3b", 60, 780),
        ("gemma-4-e4b", 1, 25), ("gemma-4-e4b", 1.5, 38), ("gemma-4-e4b", 30, 750),
        ("gemma-4-e4b", 60, 750),
        ("voxtral-small-24b", 30, 375), ("voxtral-mini-3b", 60, 750), ("voxtral-mini-3b", 1, 375),
        ("gpt-4o-audio-preview", 1, 10), ("gpt-realtime", 1.5, 15), ("gpt-audio", 60, 600),
        ("gemini-2.5-pro", 1, 32), ("gemini-2.0-flash", 30, 960), ("gemini-2.5-pro", 60, 1_920),
        ("gemini-3-pro-preview", 1, 25), ("gemini-3-flash", 60, 1_500),
    ],
)  # fmt: skip
def test_worked_examples_of_audio(model: str, seconds: float, expected: int) -> None:
    assert ctx.audio_tokens(model, seconds=seconds) == expected


def test_what_a_model_says_costs_twice_what_it_hears() -> None:
    assert ctx.audio_tokens("gpt-realtime", 30, direction="output") == 600
    for model in ("gemini-2.5-pro", "qwen3-omni-30b-a3b"):
        with pytest.raises(UsageError):
            ctx.audio_tokens(model, 30, direction="output")


def test_what_is_cut_off_is_said() -> None:
    for model in ("qwen2-audio-7b", "gemma-4-e4b"):
        assert ctx.audio_tokens(model, 60).notes == ("the model hears its first 30 seconds",)
        assert ctx.audio_tokens(model, 30).notes == ()


BAD: list[Any] = [0, -1, math.nan, math.inf, -math.inf, 1e300, 10**400, "60", None, [], 2j]


@pytest.mark.parametrize("bad", BAD)
def test_bad_numbers(bad: Any) -> None:
    for model in ("qwen3-vl-8b", "gemini-2.5-pro"):
        with pytest.raises(UsageError, match="seconds"):
            ctx.video_tokens(model, 640, 360, bad)
        with pytest.raises(UsageError, match="fps"):
            ctx.video_tokens(model, 640, 360, 10, fps=bad)
    with pytest.raises(UsageError, match="seconds"):
        ctx.audio_tokens("gemini-2.5-pro", bad)
    with pytest.raises(UsageError, match="width"):
        ctx.video_tokens("qwen3-vl-8b", bad, 360, 10)


@pytest.mark.parametrize(
    "call",
    [
        lambda: ctx.video_tokens("gpt-4o", 640, 360, 10),
        lambda: ctx.video_tokens("qwen3-8b", 640, 360, 10),
        lambda: ctx.video_tokens("qwen3.6-max", 640, 360, 10),
        lambda: ctx.video_tokens("claude-sonnet-4-5", 640, 360, 10),
        lambda: ctx.audio_tokens("gpt-4o", 10),
        lambda: ctx.audio_tokens("voxtral-mini-4b-realtime", 10),
        lambda: ctx.video_tokens("qwen3-vl-8b", 640, 360, 10, frames=0),
        lambda: ctx.video_tokens("qwen3-vl-8b", 640, 360, 10, sampling="ffmpeg"),
        lambda: ctx.video_tokens("gemini-2.5-pro", 640, 360, 10, sampling="transformers"),
        lambda: ctx.video_tokens("gemini-2.5-pro", 640, 360, 10, detail="huge"),
        lambda: ctx.video_tokens("qwen3-vl-8b", 10_000, 10, 10),
        lambda: ctx.video_tokens("qwen3-vl-8b", 640, 360, 0.01),
        lambda: ctx.audio_tokens("qwen3-omni-30b-a3b", 0.001),
        lambda: ctx.audio_tokens("gpt-realtime", 10, direction="both"),  # type: ignore[arg-type]
    ],
)
def test_refused_with_a_hint_or_a_reason(call: Any) -> None:
    with pytest.raises(UsageError) as caught:
        call()
    assert len(caught.value.message) > 10


@given(
    st.sampled_from(VIDEOS),
    st.integers(1, 20_000),
    st.integers(1, 20_000),
    st.floats(0.5, 1e7),
    st.floats(0.2, 240),
)
def test_every_video_has_tokens(
    model: str, width: int, height: int, seconds: float, fps: float
) -> None:
    try:
        found = find_rule("video", model).count(
            Video(width=width, height=height, seconds=seconds, fps=fps)
        )
    except UsageError:
        assert max(width, height) > 200 * min(width, height) or seconds * fps < 4 or seconds < 2
        return
    low, high = found.interval.low, found.interval.high
    assert 0 < low <= found <= high


@given(st.sampled_from(AUDIO), st.floats(0.05, 1e7), st.floats(0.05, 1e7))
def test_longer_recordings_have_no_fewer_tokens(model: str, first: float, second: float) -> None:
    short, long = sorted((first, second))
    assert 0 < ctx.audio_tokens(model, short) <= ctx.audio_tokens(model, long)


@given(
    st.sampled_from(["kimi-k2.5", "minimax-m3", "hy-v4-vl", "gemini-2.5-pro", "gemma-4-31b-it"]),
    st.integers(1, 3_600),
    st.integers(1, 3_600),
)
def test_longer_videos_have_no_fewer_tokens(model: str, first: int, second: int) -> None:
    # Where the frames of all videos share a budget, a longer video may have fewer.
    short, long = sorted((first, second))
    counts = [ctx.video_tokens(model, 64, 64, seconds) for seconds in (short, long)]
    assert counts[0] <= counts[1]
