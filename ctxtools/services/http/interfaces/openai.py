"""OpenAI's count of the input of a response, and its list of models.

https://platform.openai.com/docs/api-reference/responses/input-tokens; errors:
https://platform.openai.com/docs/guides/error-codes
"""

from typing import Any

from ctxtools.services.http.answers import Answer, Refused, count_headers, json_answer
from ctxtools.services.http.interfaces import Serving

_CODES = {401: "invalid_api_key", 503: "server_overloaded"}


def error(refused: Refused) -> dict[str, Any]:
    """A refusal as OpenAI's clients read it."""
    code = _CODES.get(refused.status)
    if refused.status == 404 and refused.parameter == "model":
        code = "model_not_found"
    return {
        "error": {
            "message": refused.message,
            "type": "invalid_request_error" if refused.status < 500 else "server_error",
            "param": refused.parameter,
            "code": code,
        }
    }


def input_tokens(body: dict[str, Any], serving: Serving) -> Answer:
    """The tokens of the input of a response: instructions, items, tools, the answer's form."""
    if not isinstance(body.get("input"), str | list):
        raise Refused(400, "input: a text or a list of items is required", parameter="input")
    chosen = serving.models.of(body)
    found = chosen.count(body, "responses", serving.media_tokens)
    total = found.interval.typical
    return json_answer(
        {"object": "response.input_tokens", "input_tokens": total},
        more=count_headers(found),
        tokens=total,
    )


def list_models(serving: Serving) -> Answer:
    """The models that are known by name; others are understood, too, as `ctx.get_model` says."""
    listed = [
        {
            "id": model.name,
            "object": "model",
            "created": 0,
            "owned_by": model.vendor or "",
            "max_model_len": model.context,
        }
        for model in serving.models.registry
    ]
    return json_answer({"object": "list", "data": listed})
