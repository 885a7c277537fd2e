"""Mistral's formats against Mistral's own encoder: the same texts and special tokens in a row."""

import warnings
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

import pytest
from mistral_common.exceptions import MistralCommonException

from ctxtools.encodings import load_encoding
from ctxtools.errors import UsageError
from ctxtools.messages.chat.formats import ChatOptions, find_format
from ctxtools.messages.chat.mistral import VERSIONS, render
from ctxtools.messages.chat.tally import tally
from ctxtools.messages.media.items import Audio, Image, Video
from ctxtools.messages.meter import Meter
from ctxtools.messages.request import Content, Message, Request, Text, Tool, ToolCall, ToolResult
from tests.messages.chat.conversations import Features, Sample, conversations, to_request
from tests.messages.chat.mistral_reference import Reference, as_request
from tests.messages.chat.pieces import segments

EFFORTS = ("none", "high")
WEATHER = Tool("get_weather", "Weather.", {"type": "object", "properties": {}}, raw={})


def features(version: int) -> Features:
    return Features(
        tools=version > 1,
        parallel=version > 2,
        shuffled=version >= 11,
        reasoning=version >= 13,
        empty=False,
        empty_blocks=True,
        system_anywhere=False,
        prefix=True,
        choices=False,
        response_formats=False,
        thinking=(None,),
        efforts=(None, *EFFORTS) if version >= 15 else (None,),
    )


def prepared(sample: Sample, version: int) -> Sample:
    """With ids that Mistral takes, and without a text beside calls where it may not be."""
    for message in sample.messages:
        calls = message.get("tool_calls", ())
        for call in calls:
            call["id"] = call["id"].replace("_", "").ljust(9, "0")[:9]
        if calls and version < 7:
            message["content"] = None
        if message["role"] == "tool":
            id = message["tool_call_id"].replace("_", "").ljust(9, "0")[:9]
            message |= {"tool_call_id": id, "name": "get_weather"}
    return sample


def compared(version: str, count: int, seed: int = 0) -> Iterator[tuple[Any, Any, Sample]]:
    """Segments of conversations, ours and the reference's; those that it refuses are left out."""
    number = VERSIONS[version]
    reference = Reference(version)
    for raw in conversations(count, features(number), seed=seed):
        sample = prepared(raw, number)
        try:
            asked = as_request(sample.messages, sample.tools, sample.effort)
            expected = reference.segments(asked)
        except (MistralCommonException, ValueError, RuntimeError):
            continue
        request = to_request(sample)
        named = tuple(
            replace(each, content=tuple(_named(content) for content in each.content))
            for each in request.messages
        )
        found = render(
            replace(request, messages=named),
            ChatOptions(effort=sample.effort),
            version=version,
            efforts=EFFORTS,
        )
        yield segments(found.pieces), expected, sample


def _named(content: Content) -> Content:
    return replace(content, name="get_weather") if isinstance(content, ToolResult) else content


@pytest.mark.parametrize("version", VERSIONS)
def test_conversations_are_those_of_the_reference(version: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pairs = [*compared(version, 400)]
    for found, expected, sample in pairs:
        assert found == expected, sample
    assert len(pairs) > 150


def _blocks(*texts: str) -> list[dict[str, str]]:
    return [{"type": "text", "text": text} for text in texts]


@pytest.mark.parametrize("version", VERSIONS)
def test_blocks_of_system_messages_without_a_text_are_those_of_the_reference(version: str) -> None:
    contents: tuple[Any, ...] = ("", _blocks(""), _blocks("", "Be brief."), "Be kind.")
    for systems in product(contents, repeat=3):
        messages = [{"role": "system", "content": each} for each in systems]
        messages.append({"role": "user", "content": "Hello"})
        try:
            expected = Reference(version).segments(as_request(messages, [], None))
        except (MistralCommonException, ValueError):
            continue
        request = to_request(Sample(messages, [], None, None, None, None))
        rendered = render(request, ChatOptions(), version=version, efforts=EFFORTS)
        assert segments(rendered.pieces) == expected, systems


def _with_images(raw: Sample, reference: list[dict[str, Any]]) -> tuple[Request, int]:
    """A request with images among the texts of users, and the same for the reference."""
    random = Random(str(raw.messages))
    request = to_request(raw)
    messages, images = [], 0
    for message, other in zip(request.messages, reference, strict=True):
        if message.role != "user" or random.random() < 0.5:
            messages.append(message)
            continue
        contents: list[Content] = []
        blocks: list[dict[str, Any]] = []
        for each in (*message.content, None):
            for _ in range(random.choice((0, 0, 1, 2))):
                images += 1
                url = f"https://example.org/{images}"
                contents.append(Image(url, width=1, height=1))
                blocks.append({"type": "image_url", "image_url": {"url": url}})
            if isinstance(each, Text):
                contents.append(each)
                blocks.append({"type": "text", "text": each.text})
        other["content"] = blocks
        messages.append(replace(message, content=tuple(contents)))
    return replace(request, messages=tuple(messages)), images


@pytest.mark.parametrize("version", ["v3", "v7", "v11", "v13", "v15"])
def test_images_stand_where_the_reference_puts_them(version: str) -> None:
    number = VERSIONS[version]
    reference = Reference(version)
    total = 0
    wanted = replace(features(number), tools=False, blocks=True)
    for sample in conversations(300, wanted, seed=1):
        other = [dict(message) for message in sample.messages]
        request, images = _with_images(sample, other)
        try:
            expected = reference.segments(as_request(other, [], sample.effort))
        except MistralCommonException:
            continue
        options = ChatOptions(effort=sample.effort)
        found = render(request, options, version=version, efforts=EFFORTS)
        assert segments(found.pieces) == expected, sample
        total += images
    assert total > 100


VOCABULARIES = [
    ("v1", "tokenizer.model.v1", {}),
    ("v2", "mistral_instruct_tokenizer_240216.model.v2", {}),
    ("v3", "mistral_instruct_tokenizer_240323.model.v3", {}),
    ("v3", "tekken_240718.json", {"is_tekken": True}),
    ("v7", "mistral_instruct_tokenizer_241114.model.v7", {}),
]


@pytest.mark.parametrize(("version", "vocabulary", "options"), VOCABULARIES)
def test_counts_are_those_of_the_reference(
    version: str, vocabulary: str, options: dict[str, bool], tmp_path: Path
) -> None:
    """With the tokenizers that come with the reference: each text is encoded on its own."""
    pytest.importorskip("sentencepiece", reason="the reference's tokenizer")
    mistral = pytest.importorskip("mistral_common.tokens.tokenizers.mistral")
    path = Path(mistral.__file__).parents[2] / "data" / vocabulary
    if path.suffix != ".json":
        path = tmp_path / "tokenizer.model"
        path.write_bytes((Path(mistral.__file__).parents[2] / "data" / vocabulary).read_bytes())
    meter = Meter(load_encoding(path))
    reference = getattr(mistral.MistralTokenizer, version)(**options)
    compared = 0
    for raw in conversations(60, features(VERSIONS[version])):
        sample = prepared(raw, VERSIONS[version])
        try:
            asked = as_request(sample.messages, sample.tools, None)
            expected = len(reference.encode_chat_completion(asked).tokens)
        except (MistralCommonException, ValueError, RuntimeError):
            continue
        request = to_request(sample)
        named = tuple(
            replace(each, content=tuple(_named(content) for content in each.content))
            for each in request.messages
        )
        rendered = render(replace(request, messages=named), ChatOptions(), version=version)
        assert sum(part.tokens for part in tally(rendered.pieces, meter)) == expected
        compared += 1
    assert compared > 20


def message(role: str, *contents: Content | str, **raw: Any) -> Message:
    made = (Text(each) if isinstance(each, str) else each for each in contents)
    return Message(role, tuple(made), number=0, raw=raw)


CALL = message("assistant", ToolCall("f", "{}", "123456789"))
RESULT = message("tool", ToolResult((Text("1"),), id="123456789"))


@pytest.mark.parametrize(
    ("version", "given", "match"),
    [
        ("v1", [message("user", Image("a.png", width=1, height=1))], "no place for a.png"),
        ("v3", [message("user", Audio(seconds=1))], r"no place for the audio of messages\[0\]"),
        ("v7", [message("user", Video(width=1, height=1, seconds=1))], "has no videos: messages"),
        ("v1", [message("user", "?"), CALL], "has no tools"),
        ("v1", [RESULT], "has no tools"),
        ("v3", [message("assistant", "x", ToolCall("f", "{}", "1"))], "a text and tool calls"),
        ("v11", [message("assistant", Text("x", "thinking"), "y")], "holds thinking"),
        ("v13", [message("assistant", Text("", "thinking", "x"))], "encrypted thinking"),
        ("v7", [message("user", Text("x", "thinking"))], "holds thinking"),
        ("v7", [message("user", ToolCall("f", "{}"))], "holds a tool call"),
        ("v7", [message("assistant", ToolResult(()))], "holds a tool result"),
        ("v3", [message("tool", ToolResult((Text("1"),)))], "without the id"),
        ("v2", [message("user", "?"), CALL, RESULT, RESULT], "one result for a turn"),
        ("v7", [message("critic", "x")], "the role 'critic'"),
    ],
)
def test_what_cannot_be_shown_is_refused_by_name(
    version: str, given: list[Message], match: str
) -> None:
    with pytest.raises(UsageError, match=match):
        render(Request(tuple(given)), ChatOptions(), version=version)


def test_what_the_reference_refuses_is_noted() -> None:
    calls = (message("user", "?"), message("assistant", ToolCall("a b", "{}", "1")))
    (name, id, last) = render(Request(calls), ChatOptions(), version="v3").notes
    assert "a tool's name" in name and "ids of calls" in id and "at the end" in last
    history = (message("user", "?"), CALL, RESULT, message("user", "?"))
    assert "not sent" in render(Request(history), ChatOptions(), version="v2").notes[0]
    alone = Request((message("system", "x"),), (WEATHER,))
    assert "tools are not sent" in render(alone, ChatOptions(), version="v13").notes[0]


def test_the_version_and_the_effort_are_options() -> None:
    request = Request((message("user", "Hi"),))
    found = find_format("mistralai/Mistral-Small-3.2-24B-Instruct-2506")
    assert found is not None and found.name == "Mistral v11"
    assert found.render(request, ChatOptions(version="v1")) is not None
    with pytest.raises(UsageError, match="no format 'v4'"):
        found.render(request, ChatOptions(version="v4"))
    newest = find_format("mistral-small-latest")
    assert newest is not None
    rendered = newest.render(request, ChatOptions(thinking=True))
    assert rendered is not None
    assert ("text", '{"reasoning_effort": "high"}') in segments(rendered.pieces)
    with pytest.raises(UsageError, match="no reasoning effort 'low'"):
        newest.render(request, ChatOptions(effort="low"))


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("mistral-large-2411", "Mistral v7"),
        ("open-mixtral-8x7b", "Mistral v1"),
        ("mistralai/Mistral-7B-Instruct-v0.3", "Mistral v3"),
        ("mistralai/Mistral-7B-Instruct-v0.2", "Mistral v1"),
        ("mistral:7b", "Mistral v3"),
        ("mistral-large-2402", "Mistral v2"),
        ("magistral-small-2509", "Mistral v13"),
        ("mistral-large-latest", "Mistral v13"),
        ("ministral-8b-2410", "Mistral v3"),
        ("ministral-8b-2512", "Mistral v13"),
        ("mistral-medium-2604", "Mistral v15"),
        ("mistral-embed", None),
        ("dolphin-mistral-24b", None),
    ],
)
def test_which_model_has_which_version(model: str, name: str | None) -> None:
    found = find_format(model)
    assert (found.name if found else None) == name
