"""What is served, as OpenAPI 3.1 describes it: https://spec.openapis.org/oas/v3.1.0."""

from typing import Any

_TEXT = {"type": "string"}
_NUMBER = {"type": "integer", "minimum": 0}
_FLAG = {"type": "boolean"}
_IDS = {"type": "array", "items": _NUMBER}
_OBJECTS = {"type": "array", "items": {"type": "object"}}
_MODEL = {"type": "string", "description": "A model by any of its names; --model is the default."}
_ANY: dict[str, Any] = {}
_COUNT_HEADERS = {
    "ctx-token-exact": {
        "description": "Whether the number is what the model gets.",
        "schema": {"enum": ["true", "false"]},
    },
    "ctx-token-basis": {
        "description": "How the least sure part is known: counted, reference, source, documented, "
        "measured, memory or estimated.",
        "schema": _TEXT,
    },
    "ctx-token-interval": {
        "description": "Of a number that is not exact: the lowest and the highest, 120-140.",
        "schema": {"type": "string", "pattern": "^[0-9]+-[0-9]+$"},
    },
}
_REASONS = {
    400: "The request is malformed, or holds what cannot be counted, which is named.",
    401: "The token is missing or wrong.",
    404: "No model of that name is known; similar names are suggested.",
    408: "The body did not arrive in time.",
    413: "The body is too large.",
    415: "The body is not plain application/json.",
    500: "Something that the server needs cannot be used.",
    501: "The model needs a library that is not installed here.",
    503: "There are too many requests at once; Retry-After says when to try again.",
    504: "Counting took too long.",
}


def description() -> dict[str, Any]:
    """The description, as JSON."""
    from ctxtools import __version__

    return {
        "openapi": "3.1.0",
        "info": {
            "title": "ctx serve",
            "version": __version__,
            "summary": "Token counts, in the interfaces that gateways and clients speak.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "paths": _paths(),
        "components": {
            "schemas": {
                "AnthropicError": _object(
                    type={"const": "error"}, error=_object(type=_TEXT, message=_TEXT)
                ),
                "OpenAIError": _object(
                    error=_object(
                        message=_TEXT,
                        type=_TEXT,
                        param={"type": ["string", "null"]},
                        code={"type": ["string", "integer", "null"]},
                    )
                ),
            },
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "key": {"type": "apiKey", "in": "header", "name": "x-api-key"},
            },
        },
    }


def _paths() -> dict[str, Any]:
    conversation = {
        "messages": _OBJECTS,
        "tools": _OBJECTS,
        "chat_template_kwargs": {"type": "object"},
        "add_generation_prompt": _FLAG,
        "add_special_tokens": _FLAG,
        "return_token_strs": _FLAG,
    }
    return {
        "/v1/messages/count_tokens": _post(
            "Anthropic: the tokens of messages, with system, tools, images and documents.",
            _request(
                ["messages"],
                messages=_OBJECTS,
                system=_ANY,
                tools=_OBJECTS,
                tool_choice={"type": "object"},
                thinking={"type": "object"},
            ),
            _object(input_tokens=_NUMBER),
            "AnthropicError",
            counts=True,
        ),
        "/v1/responses/input_tokens": _post(
            "OpenAI: the tokens of the input of a response.",
            _request(
                ["input"],
                input={"anyOf": [_TEXT, _OBJECTS]},
                instructions=_ANY,
                tools=_OBJECTS,
                tool_choice=_ANY,
                reasoning={"type": "object"},
                text={"type": "object"},
            ),
            _object(object={"const": "response.input_tokens"}, input_tokens=_NUMBER),
            "OpenAIError",
            counts=True,
        ),
        "/tokenize": _post(
            "vLLM: the ids of a prompt, or of messages as the model sees them.",
            {
                "anyOf": [
                    _request(
                        ["prompt"], prompt=_TEXT, add_special_tokens=_FLAG, return_token_strs=_FLAG
                    ),
                    _request(["messages"], **conversation),
                ]
            },
            _object(
                count=_NUMBER,
                max_model_len={"type": ["integer", "null"]},
                tokens=_IDS,
                token_strs={"type": ["array", "null"], "items": {"type": ["string", "null"]}},
            ),
            "OpenAIError",
        ),
        "/detokenize": _post(
            "vLLM: the text of ids.",
            _request(["tokens"], tokens=_IDS),
            _object(prompt=_TEXT),
            "OpenAIError",
        ),
        "/utils/token_counter": _post(
            "LiteLLM: the tokens of a prompt, or of messages.",
            {
                "oneOf": [
                    _request(["prompt"], prompt=_TEXT),
                    _request(["messages"], messages=_OBJECTS, tools=_OBJECTS),
                    _request(["contents"], contents=_OBJECTS),
                ]
            },
            _object(
                total_tokens=_NUMBER,
                request_model=_TEXT,
                model_used=_TEXT,
                tokenizer_type={"enum": ["openai_tokenizer", "huggingface_tokenizer"]},
                original_response={"type": "null"},
                error={"const": False},
                error_message={"type": "null"},
                status_code={"type": "null"},
            ),
            "OpenAIError",
            counts=True,
        ),
        "/v1/models": _get("OpenAI: the models that are known by name.", _listed_models()),
        "/health": _get("Whether the server answers.", _status(), is_open=True),
        "/healthz": _get("The same.", _status(), is_open=True),
        "/metrics": _get("What was served, for Prometheus.", None),
        "/openapi.json": _get("This description.", {"type": "object"}),
    }


def _listed_models() -> dict[str, Any]:
    model = _object(
        id=_TEXT,
        object={"const": "model"},
        created=_NUMBER,
        owned_by=_TEXT,
        max_model_len={"type": ["integer", "null"]},
    )
    return _object(object={"const": "list"}, data={"type": "array", "items": model})


def _status() -> dict[str, Any]:
    return _object(status={"const": "ok"})


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": [*properties]}


def _request(required: list[str], **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {"model": _MODEL, **properties},
        "required": required,
    }


def _post(
    summary: str, request: dict[str, Any], answer: dict[str, Any], error: str, counts: bool = False
) -> dict[str, Any]:
    counted: dict[str, Any] = {"description": "The answer.", "content": _json(answer)}
    if counts:
        counted["headers"] = _COUNT_HEADERS
    errors = _json({"$ref": f"#/components/schemas/{error}"})
    refused = {
        str(status): {"description": reason, "content": errors}
        for status, reason in _REASONS.items()
    }
    return {
        "post": {
            "summary": summary,
            "security": _secured(False),
            "requestBody": {"required": True, "content": _json(request)},
            "responses": {"200": counted, **refused},
        }
    }


def _get(summary: str, answer: dict[str, Any] | None, is_open: bool = False) -> dict[str, Any]:
    content = {"text/plain": {"schema": _TEXT}} if answer is None else _json(answer)
    responses: dict[str, Any] = {"200": {"description": "The answer.", "content": content}}
    if not is_open:
        errors = _json({"$ref": "#/components/schemas/OpenAIError"})
        responses["401"] = {"description": _REASONS[401], "content": errors}
    return {"get": {"summary": summary, "security": _secured(is_open), "responses": responses}}


def _secured(is_open: bool) -> list[dict[str, list[str]]]:
    """A token, in either header, where the server asks for one."""
    return [{}] if is_open else [{}, {"bearer": []}, {"key": []}]


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}
