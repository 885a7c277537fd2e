"""The reference for Mistral's formats: ``mistral-common``, with a tokenizer that records.

Its encoders ask a tokenizer for the ids of texts and of special tokens. Here each text has one id,
so that the ids say exactly what was encoded as one.
"""

from typing import Any

import pytest

pytest.importorskip("mistral_common", reason="Mistral's encoder is the reference")

import numpy as np
from mistral_common.protocol.instruct import normalize, validator
from mistral_common.protocol.instruct.request import ChatCompletionRequest
from mistral_common.tokens.tokenizers import instruct
from mistral_common.tokens.tokenizers.base import TokenizerVersion
from mistral_common.tokens.tokenizers.image import ImageEncoding
from mistral_common.tokens.tokenizers.model_settings_builder import ModelSettingsBuilder
from mistral_common.tokens.tokenizers.tekken import Tekkenizer

_ENCODERS: dict[str, Any] = {
    "v1": instruct.InstructTokenizerV1,
    "v2": instruct.InstructTokenizerV2,
    "v3": instruct.InstructTokenizerV3,
    "v7": instruct.InstructTokenizerV7,
    "v11": instruct.InstructTokenizerV11,
    "v13": instruct.InstructTokenizerV13,
    "v15": instruct.InstructTokenizerV15,
}
_SETTINGS = {
    "reasoning_effort": {
        "type": "enum",
        "accepts_none": True,
        "values": ["none", "high"],
        "default": "none",
    }
}


class Recorder(Tekkenizer):
    """A tokenizer that numbers the texts that it is given."""

    def __init__(self, version: str) -> None:
        self.segments: list[tuple[str, str]] = []
        self._version = TokenizerVersion(version)
        self._special_tokens_reverse_vocab = {"[THINK]": 0, "[/THINK]": 1}
        settings = ModelSettingsBuilder.model_validate(_SETTINGS) if version == "v15" else None
        self._model_settings_builder = settings

    def record(self, kind: str, text: str) -> int:
        self.segments.append((kind, text))
        return len(self.segments) - 1

    def encode(self, s: str, bos: bool, eos: bool) -> list[int]:
        return [self.record("text", s)] if s else []

    def get_special_token(self, s: str) -> int:
        return self.record("special", str(s))

    def decode(self, *_: Any, **__: Any) -> str:
        return ""

    @property
    def bos_id(self) -> int:
        return self.record("special", "<s>")

    @property
    def eos_id(self) -> int:
        return self.record("special", "</s>")


class Reference:
    """One version's normalizer and encoder, and the validator that its API applies."""

    def __init__(self, version: str) -> None:
        self._tokenizer = Recorder(version)
        images = self._image if version not in ("v1", "v2") else None
        self._encoder = _ENCODERS[version](self._tokenizer, images)
        known = TokenizerVersion(version)
        settings = self._tokenizer.model_settings_builder
        self._normalizer = normalize.get_normalizer(known, settings)
        self._validator = validator.get_validator(known, validator.ValidationMode.test)

    def segments(self, request: Any) -> list[tuple[str, str]]:
        """What is encoded, in order; raises what mistral-common does."""
        self._validator.validate_request(request)
        normalized = self._normalizer.from_chat_completion_request(request)
        ids = self._encoder.encode_instruct(normalized).tokens
        return [self._tokenizer.segments[id] for id in ids]

    def _image(self, chunk: Any) -> ImageEncoding:
        id = self._tokenizer.record("media", chunk.get_url())
        return ImageEncoding(tokens=[id], image=np.zeros(1))


def as_request(
    messages: list[dict[str, Any]], tools: list[dict[str, Any]], effort: str | None
) -> Any:
    """A request in OpenAI's form as one of Mistral's."""
    request: Any = ChatCompletionRequest.from_openai(messages=messages, tools=tools or None)
    request.reasoning_effort = effort
    for message, raw in zip(request.messages, messages, strict=True):
        if "prefix" in raw:
            message.prefix = raw["prefix"]  # from_openai forgets it
    return request
