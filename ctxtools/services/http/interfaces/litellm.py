"""LiteLLM's counter of tokens, as its proxy has it: https://docs.litellm.ai/docs/count_tokens."""

from typing import Any

from ctxtools.encodings.files.specs import SPECS
from ctxtools.messages.meter import Meter
from ctxtools.messages.plain import Total
from ctxtools.models import Model
from ctxtools.services.http.answers import (
    Answer,
    Refused,
    count_headers,
    json_answer,
)
from ctxtools.services.http.interfaces import Serving
from ctxtools.services.http.interfaces import openai as openai_interface
from ctxtools.services.http.models import Chosen

_INPUTS = ("prompt", "messages", "contents")


def error(refused: Refused) -> dict[str, Any]:
    """A refusal as LiteLLM writes it: OpenAI's form, with the status as its code."""
    found = openai_interface.error(refused)
    found["error"]["code"] = str(refused.status)
    return found


def token_counter(body: dict[str, Any], serving: Serving) -> Answer:
    """The tokens of a prompt or of messages."""
    given = [key for key in _INPUTS if body.get(key) is not None]
    if len(given) != 1:
        raise Refused(400, "one of prompt, messages and contents is required")
    chosen = serving.models.of(body)
    if given == ["prompt"]:
        found = _prompt(body["prompt"], chosen)
    else:
        found = chosen.count(body, None, serving.media_tokens)
    total = found.interval.typical
    answer = {
        "total_tokens": total,
        "request_model": chosen.name,
        "model_used": chosen.model.name,
        "tokenizer_type": _tokenizer_type(chosen.model),
        "original_response": None,
        "error": False,
        "error_message": None,
        "status_code": None,
    }
    return json_answer(answer, more=count_headers(found), tokens=total)


def _prompt(prompt: Any, chosen: Chosen) -> Total:
    if not isinstance(prompt, str):
        raise Refused(400, "prompt: must be a text", parameter="prompt")
    meter = Meter(chosen.tokenizer(), chosen.model.name, chosen.estimate)
    return Total(meter.text(prompt), meter.text_basis)


def _tokenizer_type(model: Model) -> str:
    """LiteLLM's name for the library that it would take."""
    name = model.encoding or (model.estimate.encoding if model.estimate else "")
    spec = SPECS.get(name)
    of_openai = spec is not None and spec.chat in ("openai", "harmony")
    return "openai_tokenizer" if of_openai else "huggingface_tokenizer"
