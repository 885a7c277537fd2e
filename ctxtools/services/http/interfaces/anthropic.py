"""Anthropic's count of tokens.

https://platform.claude.com/docs/en/api/messages-count-tokens; errors:
https://platform.claude.com/docs/en/api/errors
"""

from typing import Any

from ctxtools.services.http.answers import Answer, Refused, count_headers, json_answer
from ctxtools.services.http.interfaces import Serving

_TYPES = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    408: "timeout_error",
    413: "request_too_large",
    500: "api_error",
    501: "api_error",
    503: "overloaded_error",
    504: "timeout_error",
}


def error(refused: Refused) -> dict[str, Any]:
    """A refusal as Anthropic's clients read it."""
    kind = _TYPES.get(refused.status, "invalid_request_error")
    return {"type": "error", "error": {"type": kind, "message": refused.message}}


def count_tokens(body: dict[str, Any], serving: Serving) -> Answer:
    """The tokens of messages: system, messages, tools, images and documents."""
    if not (messages := body.get("messages")) or not isinstance(messages, list):
        raise Refused(400, "messages: a list of at least one is required", parameter="messages")
    chosen = serving.models.of(body)
    found = chosen.count(body, "anthropic", serving.media_tokens)
    total = found.interval.typical
    return json_answer({"input_tokens": total}, more=count_headers(found), tokens=total)
