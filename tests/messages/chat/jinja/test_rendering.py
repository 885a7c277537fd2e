"""What a template is given for requests of any interface, and whose what it writes is."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools import get_encoding
from ctxtools.errors import UsageError
from ctxtools.messages.chat.formats import ChatOptions, Rendered, find_format
from ctxtools.messages.chat.pieces import Break, Placed, Plain, Special
from ctxtools.messages.chat.template import find_template
from ctxtools.messages.media.items import Audio, Document, Image, Page, Video
from ctxtools.messages.meter import Meter
from ctxtools.messages.request import Content, Message, Request, Text, ToolCall, ToolResult
from tests.messages.chat.jinja.requests import WEATHER, called, request, said

pytest.importorskip("jinja2", reason="templates need the extra chat")

PHOTO = Image("photo.png", width=640, height=480)
CLIP = Video("clip.mp4", width=640, height=360, seconds=4)


def rendered(model: str, asked: Request, options: ChatOptions | None = None) -> Rendered:
    form = find_format(model)
    assert form is not None
    found = form.render(asked, options or ChatOptions())
    assert found is not None
    return found


def written(found: Rendered) -> str:
    """The rendering, with media by name."""
    texts = []
    for piece in found.pieces:
        if isinstance(piece, Plain):
            texts.append(piece.text)
        elif isinstance(piece, Special):
            texts.append(piece.spelling)
        elif isinstance(piece, Placed):
            texts.append(f"[{piece.item.name}]")
    return "".join(texts)


def owned(found: Rendered, kind: str, message: int | None = 0) -> str:
    """The texts of a kind in a message."""
    return "".join(
        piece.text
        for piece in found.pieces
        if isinstance(piece, Plain) and (piece.owner.kind, piece.owner.message) == (kind, message)
    )


def given_as(role: str, *content: Content, number: int = 0) -> Message:
    """A message of another interface than OpenAI's."""
    return Message(role, content, number=number)


# ------------------------------------------------------------------------------------- interfaces


def test_messages_of_other_interfaces_are_written_in_the_form_of_openai() -> None:
    """Anthropic's: thoughts and calls are blocks, and results are in a user's message."""
    ours = Request(
        (
            Message("system", (Text("Be brief."),)),
            given_as("user", Text("Weather?")),
            given_as(
                "assistant",
                Text("Hm.", "thinking"),
                Text("I look."),
                ToolCall("get_weather", {"city": "Rome"}, "1"),
                number=1,
            ),
            given_as("user", ToolResult((Text("sunny"),), "1", "get_weather"), number=2),
        )
    )
    theirs = request(
        said("system", "Be brief."),
        said("user", "Weather?"),
        said(
            "assistant",
            "I look.",
            reasoning_content="Hm.",
            tool_calls=[called("get_weather", {"city": "Rome"})],
        ),
        said("tool", "sunny", tool_call_id="1", name="get_weather"),
    )
    found = rendered("qwen3-8b", ours)
    assert written(found) == written(rendered("qwen3-8b", theirs))
    assert "<think>\nHm.\n</think>" in written(found)
    assert owned(found, "tool result", 2) == "sunny"
    assert "Rome" in owned(found, "tool call", 1)
    assert owned(found, "thinking", 1) == "Hm."


def test_a_text_beside_results_is_a_message_of_its_own() -> None:
    both = given_as("user", ToolResult((Text("sunny"),), "1"), Text("And Paris?"))
    text = written(rendered("qwen3-8b", Request((both,))))
    assert text.index("<tool_response>\nsunny") < text.index("user\nAnd Paris?")


def test_the_older_words_of_openai_are_those_of_tools() -> None:
    result = Message("function", (ToolResult((Text("sunny"),)),), number=0)
    raw = {"role": "function", "name": "get_weather", "content": "sunny"}
    found = rendered("qwen3-8b", Request((replace(result, raw=raw),)))
    assert "<tool_response>\nsunny\n</tool_response>" in written(found)
    assert "results with the role function are shown as those of tools" in found.notes


def test_contents_and_arguments_are_converted_where_a_template_needs_it() -> None:
    blocks = [{"type": "text", "text": "one"}, {"type": "text", "text": "two"}]
    found = rendered("qwen3-8b", request(said("user", blocks)))
    assert "one\ntwo" in written(found)
    assert any("were joined" in note for note in found.notes)
    calls = [called("get_weather", '{"city": "Rome"}')]
    found = rendered("glm-4.7-flash", request(said("assistant", "", tool_calls=calls)))
    assert "<arg_key>city</arg_key><arg_value>Rome</arg_value>" in written(found)
    assert any("were parsed" in note for note in found.notes)
    found = rendered("qwq-32b", request(said("user", "x"), said("assistant", None)))
    assert any("absent" in note for note in found.notes)


def test_what_a_template_leaves_out_is_said() -> None:
    thoughts = request(said("user", "a"), said("assistant", "b", reasoning_content="c"))
    assert rendered("qwen3-8b", thoughts).notes == ()
    later = Request((*thoughts.messages, *request(said("user", "d")).messages))
    note = "the template leaves out the thinking of message 1"
    assert rendered("qwen3-8b", later).notes == (note,)
    many = request(*(said("system", f"text {i}") for i in range(9)))
    (note,) = find_template("{{ messages[0].role }}").render(many, ChatOptions()).notes
    assert note == "the template leaves out the text of messages 0, 1, 2, 3, 4 and 4 others"
    form = find_template("{{ messages[-1].content }}")
    asked = request(said("system", "Be brief."), said("user", "Hello"), tools=[WEATHER])
    notes = form.render(asked, ChatOptions(effort="high", template={"mood": 1})).notes
    assert notes == (
        "the template leaves out the text of message 0",
        "the template does not show tools",
        "the template does not read the effort",
        "the template does not read mood",
    )


# ----------------------------------------------------------------------------------------- owners


def test_each_text_has_its_owner() -> None:
    found = rendered(
        "qwen3-8b",
        request(
            said("system", "Be brief."),
            said("user", " Weather? "),
            said("assistant", "I look.", tool_calls=[called("get_weather", {"city": "Rome"})]),
            said("tool", "sunny"),
            tools=[WEATHER],
        ),
    )
    assert owned(found, "text", 0) == "Be brief."
    assert owned(found, "text", 1) == " Weather? "
    assert owned(found, "text", 2) == "I look."
    assert owned(found, "tool result", 3) == "sunny"
    assert owned(found, "tool call", 2) == 'get_weather{"city": "Rome"}'
    tools = owned(found, "tools", None)
    assert tools.startswith("\n\n# Tools") and "Get the weather" in tools
    assert owned(found, "framing", None) == "assistant\n"


_SPELLINGS = ("<|im_end|>", "<|im_start|>", "<think>", "</think>", "<tool_call>", "<|image_pad|>")
_TEXTS = st.lists(st.sampled_from([*_SPELLINGS, "a", " ", "\n", "é"]), max_size=6).map("".join)


@given(texts=st.lists(_TEXTS, min_size=1, max_size=5))
def test_control_tokens_in_texts_of_users_are_text(texts: list[str]) -> None:
    """No text makes a special token: there are as many as without any."""
    turns = [said(("user", "assistant")[i % 2], text) for i, text in enumerate(texts)]
    empty = [{**turn, "content": "x" if turn["content"].strip() else ""} for turn in turns]
    for model in ("qwen2.5-7b", "qwen3-vl-8b"):
        found, plain = (rendered(model, request(*each)) for each in (turns, empty))
        specials = [p.spelling for p in found.pieces if isinstance(p, Special)]
        assert specials == [p.spelling for p in plain.pieces if isinstance(p, Special)]


def test_a_control_token_in_a_text_is_tokenized_apart() -> None:
    """As transformers does with ``sanitize_control_tokens``."""
    found = rendered("qwen3-8b", request(said("user", "a<|im_end|>b")))
    start = next(i for i, p in enumerate(found.pieces) if isinstance(p, Plain) and p.text == "a")
    a, before, token, after, b = found.pieces[start : start + 5]
    assert (a.owner, b.owner) == (token.owner, token.owner)  # type: ignore[union-attr]
    assert isinstance(before, Break) and isinstance(after, Break)
    assert isinstance(token, Plain) and (token.text, token.bare) == ("<|im_end|>", True)


def test_parts_add_up_to_the_rendering() -> None:
    encoding = get_encoding("qwen2")
    form = find_format("qwen3-8b")
    assert form is not None
    asked = request(*(said(("user", "assistant")[i % 2], f"turn {i}") for i in range(9)))
    counted = form.count(asked, Meter(encoding), ChatOptions())
    text = written(rendered("qwen3-8b", asked))
    assert sum(p.tokens for p in counted.parts) == encoding.count(text, allowed_special="all")


# ------------------------------------------------------------------------------------------ media


@pytest.mark.parametrize(
    ("model", "start", "end"),
    [
        ("qwen3-vl-8b", "<|vision_start|>", "<|vision_end|>"),
        ("qwen2.5-vl-7b", "<|vision_start|>", "<|vision_end|>"),
        ("qwen3.6-27b", "<|vision_start|>", "<|vision_end|>"),
        ("glm-4.5v", "<|begin_of_image|>", "<|end_of_image|>"),
    ],
)
def test_media_are_where_the_template_has_its_placeholders(
    model: str, start: str, end: str
) -> None:
    """The spelling of a placeholder in a text is none."""
    asked = Request(
        (
            given_as("user", Text("a <|image_pad|><|image|>"), PHOTO, Text("b"), CLIP),
            given_as("user", Image("other.png", width=9, height=9), number=1),
        )
    )
    text = written(rendered(model, asked))
    assert f"a <|image_pad|><|image|>{start}[photo.png]{end}b" in text
    assert f"{start}[other.png]{end}" in text
    assert text.count("[clip.mp4]") == 1


def test_media_in_results_are_placed() -> None:
    asked = request(said("user", "?"), said("tool", "x"))
    result = Message("tool", (ToolResult((Text("x"), PHOTO)),), number=1)
    found = rendered("qwen3-vl-8b", Request((asked.messages[0], result)))
    assert "<tool_response>\nx<|vision_start|>[photo.png]<|vision_end|>" in written(found)


@pytest.mark.parametrize(
    ("item", "message"),
    [
        (PHOTO, "photo.png: the chat template has no place for an image"),
        (CLIP, "clip.mp4: the chat template has no place for a video"),
        (Audio("talk.wav", seconds=1), "talk.wav: the chat template has no place for an audio"),
        (Document("a.pdf", pages=(Page(1, 1),)), "a.pdf: the chat template has no place for a doc"),
    ],
)
def test_media_without_a_place_are_refused_by_name(item: Image, message: str) -> None:
    for source in ("qwen3-8b", "{{ messages[0].content }}"):
        with pytest.raises(UsageError, match=message):
            find_template(source).render(Request((given_as("user", item),)), ChatOptions())


def test_placeholders_of_unknown_templates_are_found() -> None:
    source = (
        "{% for c in messages[0].content %}"
        "{{ '<image>' if c.type == 'image' else c.text }}{% endfor %}"
    )
    asked = Request((given_as("user", PHOTO, Text("<image>"), PHOTO),))
    found = find_template(source).render(asked, ChatOptions())
    assert written(found) == "[photo.png]<image>[photo.png]"
