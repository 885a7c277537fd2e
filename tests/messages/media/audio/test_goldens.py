"""Counts of recordings equal those of the models' own processors (scripts/media/audio.py)."""

import json
from pathlib import Path

import pytest

from ctxtools.errors import UsageError
from ctxtools.messages.media.items import Audio
from ctxtools.messages.media.rules import find_rule

GOLDENS: dict[str, list[tuple[int, int]]] = json.loads(
    Path(__file__).with_name("goldens.json").read_text()
)


@pytest.mark.parametrize("model", GOLDENS)
def test_equal_to_the_processor(model: str) -> None:
    rule = find_rule("audio", model)
    assert len(GOLDENS[model]) >= 150
    for samples, expected in GOLDENS[model]:
        for audio in (
            Audio(seconds=samples / 16_000, rate=16_000, samples=samples),
            Audio(seconds=samples / 16_000),
        ):
            if expected:
                assert rule.count(audio) == expected, samples
                assert rule.count(audio).exact
            else:
                with pytest.raises(UsageError, match="too short"):
                    rule.count(audio)
