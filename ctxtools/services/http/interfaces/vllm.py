"""vLLM's tokenizer: ``/tokenize`` and ``/detokenize``.

https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html#tokenizer-api; fields and
defaults as of ``vllm/entrypoints/serve/tokenize/protocol.py``, 2026-01.
"""

import json
from array import array
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

from ctxtools.compat.tokenizers.not_covered import NotCoveredError
from ctxtools.compat.tokenizers.tokenizer import Tokenizer
from ctxtools.encodings import Encoding
from ctxtools.messages.encode import encode_messages
from ctxtools.services.http.answers import JSON, Answer, Refused
from ctxtools.services.http.interfaces import Serving
from ctxtools.services.http.models import Chosen

_TYPES = {
    400: "BadRequestError",
    401: "AuthenticationError",
    404: "NotFoundError",
    500: "InternalServerError",
    501: "NotImplementedError",
    503: "ServiceUnavailableError",
    504: "ServiceUnavailableError",
}
_AT_ONCE = 10_000  # ids that become text between two chances for the event loop
# What only this interface has beside a conversation; the rest is the conversation's.
_OWN = (
    *("add_generation_prompt", "continue_final_message", "add_special_tokens"),
    *("return_token_strs", "chat_template", "mm_processor_kwargs"),
)


def error(refused: Refused) -> dict[str, Any]:
    """A refusal as vLLM writes it."""
    return {
        "error": {
            "message": refused.message,
            "type": _TYPES.get(refused.status, "BadRequestError"),
            "param": refused.parameter,
            "code": refused.status,
        }
    }


def tokenize(body: dict[str, Any], serving: Serving) -> Answer:
    """The ids of a prompt, or of a conversation as the model sees it.

    As in vLLM, special tokens that a prompt spells out are those tokens; in what a conversation
    says they are text.
    """
    chosen = serving.models.of(body)
    if body.get("messages") is not None:
        if body.get("prompt") is not None:
            raise Refused(400, "give either prompt or messages")
        encoding, ids = _conversation(body, chosen)
    else:
        encoding, ids = _prompt(body, chosen)
    context = chosen.model.context
    strings = _strings(encoding, ids) if _flag(body, "return_token_strs", False) else "null"
    listed = f'"max_model_len": {json.dumps(context)}, "tokens": {_list(ids)}'
    text = f'{{"count": {len(ids)}, {listed}, "token_strs": {strings}}}'
    return Answer(200, text.encode("ascii"), JSON, len(ids))


def detokenize(body: dict[str, Any], serving: Serving) -> Answer:
    """The text of ids, special tokens included."""
    tokens = body.get("tokens")
    if not isinstance(tokens, list) or not all(type(each) is int for each in tokens):
        raise Refused(400, "tokens: a list of integers is required", parameter="tokens")
    encoding = _exact(serving.models.of(body))
    if tokens and not 0 <= min(tokens) <= max(tokens) < encoding.vocabulary_size:
        raise Refused(
            400,
            f"tokens: ids of {encoding.name} are from 0 to {encoding.vocabulary_size - 1}",
            parameter="tokens",
        )
    text = encoding.decode(array("I", tokens))
    return Answer(200, json.dumps({"prompt": text}).encode("ascii"), JSON, len(tokens))


def _prompt(body: dict[str, Any], chosen: Chosen) -> tuple[Encoding, Sequence[int]]:
    prompt = body.get("prompt")
    if not isinstance(prompt, str):
        raise Refused(400, "prompt: a text is required, or messages", parameter="prompt")
    encoding = _exact(chosen)
    ids = encoding.encode_to_buffer(
        prompt,
        allowed_special="all" if encoding.special_tokens else (),
        add_special_tokens=_flag(body, "add_special_tokens", True),
    )
    return encoding, ids


def _conversation(body: dict[str, Any], chosen: Chosen) -> tuple[Encoding, Sequence[int]]:
    if body.get("chat_template") is not None:
        raise Refused(
            400,
            "chat_template: templates of requests are not run; the model's own is",
            parameter="chat_template",
        )
    opens = _flag(body, "add_generation_prompt", True)
    continues = _flag(body, "continue_final_message", False)
    if continues:
        raise Refused(
            400,
            "continue_final_message: not known here"
            if not (opens and "add_generation_prompt" in body)
            else "continue_final_message and add_generation_prompt cannot both be true",
            parameter="continue_final_message",
        )
    if body.get("mm_processor_kwargs"):
        raise Refused(400, "mm_processor_kwargs: not known here", parameter="mm_processor_kwargs")
    encoding = _exact(chosen)
    request = {key: value for key, value in body.items() if key not in _OWN}
    encoded = encode_messages(request, **chosen.counting(), roles=(), generation_prompt=opens)
    ids: Sequence[int] = encoded.input_ids
    if _flag(body, "add_special_tokens", False):
        before, after = encoding.added_ids
        ids = [*before, *ids, *after]
    return encoding, ids


def _exact(chosen: Chosen) -> Encoding:
    """The model's own tokenizer.

    Raises:
        Refused: there is only an estimate of its counts.
    """
    if chosen.estimate is not None:
        raise Refused(
            400,
            f"the tokenizer of {chosen.model.name} is not part of this server: its tokens can be "
            "estimated, which /utils/token_counter does, but not listed",
            parameter="model",
        )
    return chosen.tokenizer()


def _flag(body: dict[str, Any], name: str, default: bool) -> bool:
    value = body.get(name)
    if value is None:
        return default
    if not isinstance(value, bool):
        raise Refused(400, f"{name}: must be true or false", parameter=name)
    return value


def _list(ids: Sequence[int]) -> str:
    """Ids as JSON, in steps: Python writes a list of millions without giving way to others."""
    steps = (ids[at : at + _AT_ONCE] for at in range(0, len(ids), _AT_ONCE))
    return f"[{', '.join(', '.join(map(str, step)) for step in steps)}]"


def _strings(encoding: Encoding, ids: Sequence[int]) -> str:
    """How the vocabulary spells tokens, as JSON."""
    try:
        tokenizer = _spelling(encoding)
    except NotCoveredError:
        raise Refused(
            400,
            f"how {encoding.name} spells its tokens is not known here",
            parameter="return_token_strs",
        ) from None

    def steps() -> Iterator[str]:
        for at in range(0, len(ids), _AT_ONCE):
            strings = [tokenizer.id_to_token(i) for i in ids[at : at + _AT_ONCE]]
            yield json.dumps(strings)[1:-1]

    return f"[{', '.join(steps())}]"


@lru_cache(maxsize=64)
def _spelling(encoding: Encoding) -> Tokenizer:
    return Tokenizer(encoding)
