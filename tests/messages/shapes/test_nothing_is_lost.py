"""Nothing is counted as nothing: a text that is put anywhere into a request is counted, or refused,
unless it stands under a key that the interface does not show to a model."""

import copy
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ctxtools as ctx
from ctxtools.errors import CtxtoolsError
from ctxtools.messages.shapes import unsent
from tests.messages.shapes.samples import REQUESTS, SIZES

WORDS = 500
TEXT = " word" * WORDS
FORMATS = ("openai", "claude", "gemini", "generic", "chatml")
MEDIA_TOKENS = 100

# Keys that are shown to no model, as the package lists them; and what calls and results share.
UNSENT = (
    unsent.OPENAI_MESSAGE
    | unsent.ANTHROPIC_MESSAGE
    | unsent.LANGCHAIN_MESSAGE
    | unsent.GEMINI_CONTENT
    | unsent.FORM
    | unsent.BODY
    | {"call_id", "tool_call_id", "tool_use_id", "approval_request_id", "mimeType", "detail"}
)
# Media, and where they are: their tokens are given here. See the test of addresses below.
DATA = (
    *("data", "url", "base64", "image", "video", "audio", "image_url", "file_data", "file_id"),
    *("file_url", "file_uri", "fileUri", "result"),
)
OWN = ("parameters", "schema", "input_schema", "responseSchema", "args", "arguments", "response")
"""Below these, keys are the user's own."""

Path = tuple[str | int, ...]


def leaves(value: Any, path: Path = ()) -> Iterator[Path]:
    """Where texts are."""
    if isinstance(value, str):
        yield path
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield from leaves(each, (*path, key))
    elif isinstance(value, list | tuple):
        for number, each in enumerate(value):
            yield from leaves(each, (*path, number))


def mappings(value: Any, path: Path = ()) -> Iterator[Path]:
    """Where mappings are."""
    if isinstance(value, Mapping):
        yield path
        for key, each in value.items():
            yield from mappings(each, (*path, key))
    elif isinstance(value, list | tuple):
        for number, each in enumerate(value):
            yield from mappings(each, (*path, number))


def at(value: Any, path: Path) -> Any:
    for step in path:
        value = value[step]
    return value


def changed(request: Any, path: Path, new: Any) -> Any:
    """The request with another value there; a mapping gets it in addition to its own."""

    def replaced(value: Any, rest: Path) -> Any:
        if not rest:
            return {**value, **new} if isinstance(new, dict) else new
        copied = list(value) if isinstance(value, list | tuple) else dict(value)
        copied[rest[0]] = replaced(value[rest[0]], rest[1:])  # type: ignore[index]
        return tuple(copied) if isinstance(value, tuple) else copied

    return replaced(request, path)


def high(request: Any, chat_format: str = "openai") -> int:
    counted = ctx.count_messages(
        request,
        encoding="o200k_base",
        chat_format=chat_format,
        media_sizes=SIZES,
        media_tokens=MEDIA_TOKENS,
    )
    return counted.interval.high


def is_unsent(path: Path, chat_format: str = "") -> bool:
    """Whether what stands there is shown to no model."""
    names = [step for step in path if isinstance(step, str)]
    if chat_format == "chatml" and names[-1:] == ["name"] and _is_result(path):
        return True  # Qwen's templates do not name the tool of a result
    if any(name in OWN for name in names) or "input" in names[1:-1]:
        return False
    return any(name in UNSENT for name in names) or names[-1:] in [[key] for key in DATA]


def _is_result(path: Path) -> bool:
    return "functionResponse" in path or path == (4, "name")


@pytest.mark.parametrize("shape", REQUESTS)
@pytest.mark.parametrize("chat_format", FORMATS)
def test_every_text_is_counted(shape: str, chat_format: str) -> None:
    request = REQUESTS[shape]
    before = high(request, chat_format)
    silent = []
    for path in leaves(request):
        if is_unsent(path, chat_format):
            continue
        try:
            after = high(changed(request, path, at(request, path) + TEXT), chat_format)
        except CtxtoolsError:
            continue
        # Encrypted content and what a format abbreviates count less than text.
        if after - before < WORDS * 0.3:
            silent.append((path, after - before))
    assert not silent


@pytest.mark.parametrize("shape", REQUESTS)
def test_a_key_that_nobody_knows_is_refused_or_counted(shape: str) -> None:
    request = REQUESTS[shape]
    before = high(request)
    silent = []
    for path in mappings(request):
        if is_unsent((*path, "")):
            continue
        for more in ({"unheard_of": TEXT}, {"unheard_of": [{"text": TEXT}]}):
            try:
                after = high(changed(request, path, more))
            except CtxtoolsError:
                continue
            if after - before < WORDS * 0.3:
                silent.append(path)
    assert not silent


@pytest.mark.parametrize("shape", REQUESTS)
def test_an_address_of_unknown_size_is_refused(shape: str) -> None:
    """And no file is opened, unless the caller allows a folder."""
    request = copy.deepcopy(REQUESTS[shape])
    if shape == "openai":  # reading a PDF needs an extra
        parts = request["messages"][2]["content"]
        parts[:] = [each for each in parts if "file_data" not in each.get("file", {})]
    addresses = [
        path
        for path in leaves(request)
        if str(at(request, path)) in SIZES and path[-1] in (*DATA, "id")
    ]
    assert addresses
    for path in addresses:
        changed_request = changed(request, path, "https://example.org/other")
        with pytest.raises(ctx.UsageError, match="not fetched"):
            ctx.count_messages(changed_request, encoding="o200k_base", media_sizes=SIZES)
        changed_request = changed(request, path, "/etc/hostname")
        with pytest.raises(ctx.UsageError, match="no folder was allowed"):
            ctx.count_messages(changed_request, encoding="o200k_base", media_sizes=SIZES)


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_any_number_of_texts_is_counted(data: st.DataObject) -> None:
    """The same at several positions at once, in random formats."""
    shape = data.draw(st.sampled_from(sorted(REQUESTS)))
    request = copy.deepcopy(REQUESTS[shape])
    chat_format = data.draw(st.sampled_from(FORMATS))
    places = [path for path in leaves(request) if not is_unsent(path, chat_format)]
    chosen = data.draw(st.lists(st.sampled_from(places), min_size=1, max_size=5, unique=True))
    before = high(request, chat_format)
    for path in chosen:
        request = changed(request, path, at(request, path) + TEXT)
    try:
        after = high(request, chat_format)
    except CtxtoolsError:
        return
    assert after - before >= WORDS * 0.3 * len(chosen)
