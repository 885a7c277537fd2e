"""JSON from strangers: whatever it is, it is counted or refused with an error that says where."""

import json
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ctxtools as ctx
from ctxtools.errors import CtxtoolsError
from tests.messages.shapes.samples import REQUESTS, SIZES
from tests.messages.shapes.test_nothing_is_lost import leaves, mappings

FORMATS = ("openai", "claude", "generic", "chatml", "harmony", "deepseek-v4", "mistral")

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)


def count(request: Any, **asked: Any) -> Any:
    return ctx.count_messages(
        request, **{"encoding": "o200k_base", "media_sizes": SIZES, "media_tokens": 9, **asked}
    )


def put(request: Any, path: tuple[str | int, ...], value: Any) -> Any:
    if not path:
        return value
    copied = list(request) if isinstance(request, list | tuple) else dict(request)
    copied[path[0]] = put(request[path[0]], path[1:], value)  # type: ignore[index]
    return copied


@given(st.data())
@settings(max_examples=250, deadline=None)
def test_anything_anywhere(data: st.DataObject) -> None:
    """A value of another kind in place of any other."""
    request = REQUESTS[data.draw(st.sampled_from(sorted(REQUESTS)))]
    paths = [*leaves(request), *mappings(request)]
    path = data.draw(st.sampled_from(paths))
    path = path[: data.draw(st.integers(0, len(path)))]
    changed = put(request, path, data.draw(values))
    try:
        count(changed, chat_format=data.draw(st.sampled_from(FORMATS)))
    except CtxtoolsError as error:
        assert str(error)


@given(values | st.lists(values, max_size=3))
def test_anything_at_all(value: Any) -> None:
    for given_ in (value, {"messages": value}, {"input": value}, {"contents": value}):
        try:
            count(given_)
        except CtxtoolsError as error:
            assert str(error)
    for name in ("tools", "tool_choice", "response_format", "system"):
        try:
            count([{"role": "user", "content": "x"}], **{name: value})
        except CtxtoolsError as error:
            assert str(error)


def nested(depth: int, kind: str) -> Any:
    value: Any = "x"
    for _ in range(depth):
        value = {"content": value} if kind == "mapping" else [value]
    return value


@pytest.mark.parametrize("kind", ["mapping", "list"])
@pytest.mark.parametrize("where", ["content", "arguments", "tools", "schema", "messages", "system"])
def test_deep_nesting_is_refused(where: str, kind: str) -> None:
    deep = nested(50_000, kind)
    calls = [{"function": {"name": "f", "arguments": deep}}]
    asked: dict[str, Any] = {"messages": [{"role": "user", "content": "x"}]}
    asked |= {
        "content": {"messages": [{"role": "user", "content": deep}]},
        "arguments": {"messages": [{"role": "assistant", "tool_calls": calls}]},
        "tools": {"tools": deep},
        "schema": {"tools": [{"name": "f", "parameters": deep}]},
        "messages": {"messages": deep},
        "system": {"system": deep},
    }[where]
    with pytest.raises(ctx.UsageError, match="nested more than 100 levels deep") as caught:
        count(asked)
    assert len(str(caught.value)) < 300


def test_what_refers_to_itself_is_refused() -> None:
    content: list[Any] = []
    content.append({"type": "tool_result", "content": content})
    with pytest.raises(ctx.UsageError, match="refer to itself"):
        count([{"role": "user", "content": content}])


def test_long_texts_are_shown_in_part() -> None:
    long = "x" * 100_000
    for messages in (
        [{"role": long, "content": "x"}],
        [{"role": "user", "content": [{"type": long}]}],
        [{"role": "user", "content": "x", long: "y"}],
        [{"role": "user", "content": [{"type": "image_url", "image_url": f"https://{long}"}]}],
        [{"role": "user", "content": [{"type": "image_url", "image_url": long}]}],
        [{"role": "user", "content": [{"type": "image", "source": {"type": long}}]}],
        [(long, "x")],
    ):
        with pytest.raises(CtxtoolsError) as caught:
            ctx.count_messages(messages, encoding="o200k_base")
        assert len(str(caught.value)) < 1000


def test_time_is_linear() -> None:
    """By the number of calls, not by a clock: twice the messages take about twice as many."""
    import sys

    def steps(n: int) -> int:
        rng = random.Random(7)
        messages = [
            {"role": "user", "content": [{"type": "text", "text": "w " * rng.randrange(5)}]}
            for _ in range(n)
        ]
        calls = 0

        def profile(frame: Any, event: str, argument: Any) -> None:
            nonlocal calls
            calls += 1

        sys.setprofile(profile)
        try:
            count(messages)
        finally:
            sys.setprofile(None)
        return calls

    count([{"role": "user", "content": "x"}])
    assert steps(2000) < 2.3 * steps(1000)


def test_a_file_is_opened_only_in_the_folder_that_is_allowed(tmp_path: Any) -> None:
    from tests.messages.shapes.samples import PNG

    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.png").write_bytes(PNG)
    (tmp_path / "secret.png").write_bytes(PNG)
    (tmp_path / "in" / "link.png").symlink_to(tmp_path / "secret.png")

    def counted(name: str, folder: Any = tmp_path / "in") -> Any:
        image = {"type": "image", "image": name}
        return ctx.count_messages(
            [{"role": "user", "content": [image]}], model="qwen3-vl-8b", files=folder,
            chat_format="generic",
        )  # fmt: skip

    assert any(part.kind == "image" for part in counted("a.png").parts)
    assert any(part.kind == "image" for part in counted(f"file://{tmp_path}/in/a.png").parts)
    for name in ("../secret.png", str(tmp_path / "secret.png"), "link.png", "a\0.png", "nothing"):
        with pytest.raises(CtxtoolsError):
            counted(name)
    with pytest.raises(ctx.UsageError, match="no folder was allowed"):
        counted("a.png", None)


def test_the_requests_are_read_from_json_alike() -> None:
    for shape, request in REQUESTS.items():
        if shape == "openai":
            continue  # it has an image as bytes
        assert count(json.loads(json.dumps(request))).total == count(request).total


@pytest.mark.parametrize("offset", [10**400, -1, float("nan"), "s", [], {}])
def test_offsets_of_a_video_that_are_none(offset: Any) -> None:
    data = {"mimeType": "video/mp4", "fileUri": "https://example.org/clip.mp4"}
    part = {"fileData": data, "videoMetadata": {"endOffset": offset}}
    sizes = {"https://example.org/clip.mp4": (1280, 720, 10)}
    with pytest.raises(CtxtoolsError, match=r"contents\[0\]\.parts\[0\].*no offset"):
        count({"contents": [{"parts": [part]}]}, chat_format="gemini", media_sizes=sizes)


@pytest.mark.parametrize("kind", ["image", "video", "audio", "document"])
def test_a_source_of_any_medium(kind: str) -> None:
    """Anthropic has no videos and recordings; who mixes interfaces may write them in its form."""
    source = {"type": "url", "url": "https://example.org/x"}
    message = {"role": "user", "content": [{"type": kind, "source": source}], "refusal": ""}
    with pytest.raises(CtxtoolsError, match=r"messages\[0\]\.content\[0\].*not fetched"):
        count([message], media_tokens=None)
    assert count([message]).total > count([{"role": "user", "content": ""}]).total
