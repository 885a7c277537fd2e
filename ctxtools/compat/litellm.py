"""LiteLLM's token counter: ``from ctxtools.compat.litellm import token_counter``.

`token_counter` has the arguments of LiteLLM's function of that name, and counts what they ask for
as `ctxtools.count_messages` does: chat formats, tools and media as the model gets them, and texts
of any length exactly, which LiteLLM counts in pieces, and long ones by samples. What it cannot
count is an error, where LiteLLM takes another tokenizer. `create_pretrained_tokenizer` makes what
LiteLLM's own functions take as ``custom_tokenizer``: its arithmetic over this library's tokenizers.

LiteLLM is not imported. Its interface: https://docs.litellm.ai/docs/completion/token_usage
"""

from collections.abc import Sequence
from typing import Any, TypedDict

from ctxtools.encodings import Encoding, find_encoding
from ctxtools.errors import UnknownEncodingError, UnknownModelError, UsageError
from ctxtools.messages import count_messages
from ctxtools.messages.meter import Meter
from ctxtools.models import Model, get_model

__all__ = ["CustomTokenizer", "create_pretrained_tokenizer", "token_counter"]


class Tokens:
    """The tokens of a text, as LiteLLM reads them from a tokenizer."""

    def __init__(self, ids: list[int]) -> None:
        self.ids = ids

    def __len__(self) -> int:
        return len(self.ids)


class _Count:
    """A result of which nothing but its length is read."""

    def __init__(self, length: int) -> None:
        self._length = length

    def __len__(self) -> int:
        return self._length


class Tokenizer:
    """What LiteLLM calls of a tokenizer: spellings of special tokens are text, none is added."""

    def __init__(self, encoding: Encoding) -> None:
        self.encoding = encoding

    def encode(self, text: str) -> Tokens:
        """The ids of a text."""
        return Tokens(self.encoding.encode(text))

    def encode_batch_fast(self, texts: list[str]) -> list[_Count]:
        """The number of tokens of each text, as the length of a result."""
        return [_Count(count) for count in self.encoding.count_batch(texts)]

    def decode(self, ids: Sequence[int], skip_special_tokens: bool = True) -> str:
        """The text of ids; without special tokens, as with LiteLLM, unless these are asked for."""
        special = {*self.encoding.special_tokens.values()} if skip_special_tokens else set()
        return self.encoding.decode([each for each in ids if each not in special])


class CustomTokenizer(TypedDict):
    """``custom_tokenizer`` of LiteLLM's functions: ``type`` says how the tokenizer is called."""

    type: str
    tokenizer: Tokenizer


def create_pretrained_tokenizer(identifier: str) -> CustomTokenizer:
    """A tokenizer for ``litellm.token_counter(custom_tokenizer=...)``, ``encode`` and ``decode``.

    Args:
        identifier: an encoding, a tokenizer file, a model, or ``hf:organisation/model``, the only
            one for which the network is used.

    Raises:
        UnknownEncodingError: it is neither an encoding nor a model whose tokenizer is packaged.
    """
    return {"type": "huggingface_tokenizer", "tokenizer": Tokenizer(_encoding(identifier))}


def token_counter(
    model: str = "",
    custom_tokenizer: CustomTokenizer | None = None,
    text: str | list[str] | None = None,
    messages: Any = None,
    count_response_tokens: bool | None = False,
    tools: Any = None,
    tool_choice: Any = None,
    use_default_image_token_count: bool | None = False,
    default_token_count: int | None = None,
) -> int:
    """The tokens of a text, or of messages and tools, as a model gets them.

    Args:
        model: a name in any spelling, LiteLLM's ``provider/model`` included.
        custom_tokenizer: of `create_pretrained_tokenizer`, in place of the model's.
        text: a text; several count joined.
        messages: in place of a text, as `ctxtools.count_messages` takes them.
        count_response_tokens: the messages are an answer: they count without what a request has
            around its messages, tools included.
        tools: that the model may call, with messages.
        tool_choice: which is to be called, likewise.
        use_default_image_token_count: nothing is fetched in any case.
        default_token_count: of each image or document without a rule or measures, which is
            otherwise an error.

    Returns:
        The count; where only an estimate exists, its typical value.

    Raises:
        UsageError: there is neither a text nor messages, or both; or a part has no count.
        UnknownModelError: no model has that name.
        UnknownEncodingError: its tokenizer is not packaged.
    """
    if (text is None) == (messages is None):
        raise UsageError("token_counter needs text or messages, and not both")
    encoding = custom_tokenizer["tokenizer"].encoding if custom_tokenizer else None
    if text is not None:
        if tools or tool_choice:
            raise UsageError("tools and tool_choice count with messages, not with text")
        joined = text if isinstance(text, str) else "".join(text)
        return _meter(model, encoding).text(joined).typical
    counted = count_messages(
        messages,
        model=model or None,
        encoding=encoding,
        tools=tools or None,
        tool_choice=tool_choice or None,
        media_tokens=default_token_count,
    )
    if count_response_tokens:
        return sum(part.tokens for part in counted.parts if part.message is not None)
    return counted.total


def _meter(model: str, encoding: Encoding | None) -> Meter:
    if encoding is not None:
        return Meter(encoding)
    found: Model = get_model(model)
    if found.encoding is None and found.estimate is not None:
        return Meter(
            find_encoding(found.estimate.encoding, within=found.project), found.name, found.estimate
        )
    return Meter(found.load_encoding())


def _encoding(identifier: str) -> Encoding:
    try:
        return find_encoding(identifier)
    except UnknownEncodingError as error:
        try:
            return get_model(identifier).load_encoding()
        except UnknownModelError:
            raise error from None
