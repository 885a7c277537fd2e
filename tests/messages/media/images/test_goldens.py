"""The rules of open models count as the models' own processors do."""

import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from ctxtools.errors import UsageError
from ctxtools.messages.media.rules import MediaRule, find_rule
from ctxtools.messages.media.tokens import image_tokens

GOLDENS = Path(__file__).with_name("goldens.json.gz")
SIZES = 1_533
FAMILIES = [
    ("ernie-4.5-vl", None), ("gemma-3", "pan_and_scan"), ("gemma-4", "1120"), ("gemma-4", "140"),
    ("gemma-4", "560"), ("gemma-4", "70"), ("gemma-4", None), ("glm-4.1v", None),
    ("glm-4.6v", None), ("glm-5.3-flash", None), ("hy-v4-vl", None), ("internvl3", None),
    ("kimi-k2.5", None), ("kimi-k3", None), ("kimi-vl", None), ("llama-4", None),
    ("minimax-m3", None), ("mistral-small-3.1", None), ("pixtral-12b", None),
    ("qwen2.5-vl", None), ("qwen3-vl", None), ("step-3.7-flash", None),
    ("step3", None),
]  # fmt: skip


@cache
def goldens() -> dict[str, Any]:
    """Made by ``scripts/media/image_goldens.py``."""
    found: dict[str, Any] = json.loads(gzip.decompress(GOLDENS.read_bytes()))
    return found


@pytest.mark.parametrize(("model", "detail"), FAMILIES)
def test_a_rule_counts_as_the_processor_does(model: str, detail: str | None) -> None:
    family = next(
        each for each in goldens()["families"] if (each["model"], each["detail"]) == (model, detail)
    )
    sizes = goldens()["sizes"]
    assert len(sizes) == len(family["tokens"]) == SIZES
    differ = [
        (width, height, expected, found)
        for (width, height), expected in zip(sizes, family["tokens"], strict=True)
        if (found := _tokens(model, width, height, detail)) != expected
    ]
    assert not differ


def _tokens(model: str, width: int, height: int, detail: str | None) -> int | None:
    try:
        found = image_tokens(model, width, height, detail=detail)
    except UsageError:
        return None
    # HY-V4's processor ends each row with a token, which is counted with what is around the image.
    return found + (found.wrapper - 2 if model == "hy-v4-vl" else 0)


def test_every_family_of_the_goldens_is_compared() -> None:
    families = {(each["model"], each["detail"]) for each in goldens()["families"]}
    assert families == set(FAMILIES)


def test_a_reference_rule_of_an_open_model_has_goldens() -> None:
    """A row may only claim to be compared with running code if it is, here."""
    compared = {_rule(model).name for model, _ in FAMILIES}
    for model in ("gemma-3-27b", "step3", "mistral-large-3", "qwen3.8-27b", "glm-ocr"):
        assert _rule(model).basis == "reference"
        assert _rule(model).name in compared


def _rule(model: str) -> MediaRule:
    return find_rule("image", model)


@pytest.mark.parametrize(("model", "factor"), [("qwen2.5-vl", "28"), ("qwen3-vl", "32")])
def test_where_qwen_vl_utils_counts_otherwise_a_note_says_so(model: str, factor: str) -> None:
    noted = 0
    for (width, height), others in zip(
        goldens()["sizes"], goldens()["qwen_vl_utils"][factor], strict=True
    ):
        if _tokens(model, width, height, None) is None:
            continue
        found = image_tokens(model, width, height)
        said = [note for note in found.notes if note.endswith(f"makes {others} tokens")]
        assert bool(said) == (others != found), (width, height, found.notes, others)
        noted += bool(said)
    assert noted
