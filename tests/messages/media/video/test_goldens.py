"""Counts of videos equal those of the models' own processors, which scripts/media/videos.py ran."""

import gzip
import json
from pathlib import Path

import pytest

from ctxtools.errors import UsageError
from ctxtools.messages.media.items import Video
from ctxtools.messages.media.rules import MediaTokens, find_rule

GOLDENS: dict[str, list[list[float | str]]] = json.loads(
    gzip.decompress(Path(__file__).with_name("goldens.json.gz").read_bytes())
)
# Families of which the program was run, but not the tokenizer of the times: how many tokens each
# text is taken for. Kimi's texts are times and the word "video" in turn.
TIMES = {"kimi-k2.5": 4, "gemma-4-31b-it": 7}
# Families whose vocabulary has some numbers of three digits as one token, and others as two.
ROUGH = {"glm-4.6v", "glm-4.5v"}
# Families of which another program is known to count less.
WIDE = {"ernie-4.5-vl-28b-a3b", "minimax-m3"}
# Programs that refuse a video of fewer frames than they take; here its frames are counted.
REFUSES = {"kimi-k2.5", "gemma-4-31b-it"}


def counted(model: str, width: int, height: int, seconds: float, fps: float) -> MediaTokens:
    name, _, sampling = model.partition(" ")
    video = Video(width=width, height=height, seconds=seconds, fps=fps, sampling=sampling or None)
    return find_rule("video", name).count(video)


@pytest.mark.parametrize("model", GOLDENS)
def test_equal_to_the_processor(model: str) -> None:
    rows = GOLDENS[model]
    assert len(rows) >= 500
    compared = 0
    for width, height, seconds, fps, *expected in rows:
        case = int(width), int(height), float(seconds), float(fps)
        if isinstance(expected[0], str):
            if model not in REFUSES:
                with pytest.raises(UsageError):
                    counted(model, *case)
            continue
        found = counted(model, *case)
        compared += 1
        if model in TIMES:
            special, texts = (int(number) for number in expected)
            first = model.startswith("gemma")  # has no space before it
            assert found == special + texts * TIMES[model] - first, case
            continue
        if model in ROUGH:
            assert found.interval.low <= float(expected[0]) <= found.interval.high, case
            continue
        assert found == expected[0], case
        assert found.exact or model in WIDE
    assert compared >= 300
