"""Conversations as ids: those of the whole text, and a mask of what a model has to produce."""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
import tokenizers
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers.models import BPE
from tokenizers.pre_tokenizers import ByteLevel

from ctxtools import Encoding, encode_messages, get_model, load_encoding
from ctxtools.errors import UsageError
from ctxtools.messages.encode import EncodedMessages
from ctxtools.packing import PackedDataset, pack_sequences

END = "<｜end▁of▁sentence｜>"
# What a model produces in each format, by a pattern over the whole text: an oracle that knows
# nothing of pieces. In texts there are no special tokens' spellings then.
PATTERNS = {
    "qwen2.5-7b": r"<\|im_start\|>assistant\n(.*?<\|im_end\|>)",
    "qwen3-8b": r"<\|im_start\|>assistant\n(.*?<\|im_end\|>)",
    "deepseek-v3": rf"<｜Assistant｜>(.*?{END})",
    "deepseek-r1": rf"<｜Assistant｜>(.*?{END})",
    "deepseek-v3.1": rf"<｜Assistant｜>(?:</?think>)?(.*?{END})",
    "deepseek-v3.2": rf"<｜Assistant｜>(?:</?think>)?(.*?{END})",
    "deepseek-v4": rf"<｜Assistant｜>(?:</?think>)?(.*?{END})",
    "gpt-oss-20b": r"<\|start\|>assistant(<\|channel\|>.*?<\|end\|>)",
}
SPELLINGS = ("<|im_end|>", "<|im_start|>assistant\n", END, "<｜Assistant｜>", "</think>", "<|end|>")
PLAIN = st.text(" \n\tab.,{}中é", min_size=1, max_size=12)
TEXTS = PLAIN.filter(str.strip)
HOSTILE = st.lists(PLAIN | st.sampled_from(SPELLINGS), min_size=1, max_size=4).map("".join)


def turns(texts: st.SearchStrategy[str]) -> st.SearchStrategy[list[dict[str, Any]]]:
    pairs = st.lists(st.tuples(texts, texts), min_size=1, max_size=3)
    return st.builds(
        lambda system, pairs: [
            *([{"role": "system", "content": system}] if system else []),
            *(
                {"role": role, "content": text}
                for pair in pairs
                for role, text in zip(("user", "assistant"), pair, strict=True)
            ),
        ],
        st.none() | texts,
        pairs,
    )


def token_spans(encoding: Encoding, ids: Iterable[int]) -> list[tuple[int, int]]:
    """The bytes that each token is."""
    spans, position = [], 0
    for each in ids:
        size = len(encoding.decode_bytes([each]))
        spans.append((position, position + size))
        position += size
    return spans


@pytest.mark.parametrize("model", PATTERNS)
@settings(max_examples=25)
@given(messages=turns(TEXTS))
def test_ids_and_mask_are_those_of_the_whole_text(model: str, messages: Any) -> None:
    encoding = get_model(model).load_encoding()
    found = encode_messages(messages, model=model)
    assert found.input_ids == encoding.encode(found.text, allowed_special="all")
    produced = [
        tuple(len(found.text[:offset].encode()) for offset in match.span(1))
        for match in re.finditer(PATTERNS[model], found.text, re.DOTALL)
    ]
    assert len(produced) == sum(message["role"] == "assistant" for message in messages)
    assert found.loss_mask == [
        int(any(a <= start and stop <= b for a, b in produced))
        for start, stop in token_spans(encoding, found.input_ids)
    ]


def learnt(found: EncodedMessages, encoding: Encoding) -> list[str]:
    """The texts of the runs of tokens that have 1 in the mask."""
    runs: list[list[int]] = []
    last = 0
    for each, kept in zip(found.input_ids, found.loss_mask, strict=True):
        if kept and not last:
            runs.append([])
        if kept:
            runs[-1].append(each)
        last = kept
    return [encoding.decode(run) for run in runs]


@pytest.mark.parametrize("model", PATTERNS)
@settings(max_examples=25)
@given(messages=turns(HOSTILE.filter(str.strip)))
def test_spellings_of_special_tokens_are_text(model: str, messages: Any) -> None:
    encoding = get_model(model).load_encoding()
    found = encode_messages(messages, model=model)
    assert encoding.decode(found.input_ids) == found.text
    ends = {encoding.special_tokens.get(each) for each in ("<|im_end|>", END, "<|end|>")}
    kept = [i for i, k in zip(found.input_ids, found.loss_mask, strict=True) if k and i in ends]
    assert len(kept) == sum(message["role"] == "assistant" for message in messages)
    roles = encode_messages(messages, model=model, roles=["user", "system"]).loss_mask
    assert not any(a and b for a, b in zip(found.loss_mask, roles, strict=True))


CALL = {"id": "a12345678", "type": "function", "function": {"name": "f", "arguments": '{"x": 1}'}}
AGENT: list[dict[str, Any]] = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "Hi"},
    {"role": "assistant", "content": "", "tool_calls": [CALL]},
    {"role": "tool", "tool_call_id": "a12345678", "content": "42"},
    {"role": "assistant", "content": "It is 42."},
    {"role": "user", "content": "Thanks"},
    {"role": "assistant", "reasoning_content": "polite", "content": "Welcome"},
]
V3_CALL = "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>"
DSML = (
    '<｜DSML｜invoke name="f">\n<｜DSML｜parameter name="x" string="false">1</｜DSML｜parameter>\n'
    "</｜DSML｜invoke>"
)


@pytest.mark.parametrize(
    ("model", "thinking", "expected"),
    [
        (
            "qwen3-8b",
            None,
            [
                '<tool_call>\n{"name": "f", "arguments": {"x": 1}}\n</tool_call><|im_end|>',
                "It is 42.<|im_end|>",
                "<think>\npolite\n</think>\n\nWelcome<|im_end|>",
            ],
        ),
        (
            "deepseek-v3.1",
            None,
            [
                f'{V3_CALL}f<｜tool▁sep｜>{{"x": 1}}<｜tool▁call▁end｜><｜tool▁calls▁end｜>{END}',
                f"It is 42.{END}",
                f"Welcome{END}",
            ],
        ),
        (
            "deepseek-v3.2",
            True,
            [
                f"\n\n<｜DSML｜function_calls>\n{DSML}\n</｜DSML｜function_calls>{END}",
                f"It is 42.{END}",
                f"polite</think>Welcome{END}",
            ],
        ),
        (
            "gpt-oss-20b",
            None,
            [
                ' to=functions.f<|channel|>commentary <|constrain|>json<|message|>{"x": 1}<|call|>',
                "<|channel|>final<|message|>It is 42.<|end|>",
                "<|channel|>analysis<|message|>polite<|end|>"
                "<|start|>assistant<|channel|>final<|message|>Welcome<|end|>",
            ],
        ),
    ],
)
def test_calls_and_thoughts_are_produced(model: str, thinking: Any, expected: list[str]) -> None:
    encoding = get_model(model).load_encoding()
    found = encode_messages(AGENT, model=model, thinking=thinking)
    assert learnt(found, encoding) == expected
    results = encode_messages(AGENT, model=model, thinking=thinking, roles=["tool", "user"])
    said = "".join(learnt(results, encoding))
    assert re.search("Hi.*42.*Thanks", said) and "It is" not in said and END not in said


def test_what_a_server_writes_is_not_learnt() -> None:
    """With thinking off, Qwen 3 is given an empty thought."""
    encoding = get_model("qwen3-8b").load_encoding()
    messages = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]
    found = encode_messages(messages, model="qwen3-8b", thinking=False)
    assert "<think>\n\n</think>" in found.text
    assert learnt(found, encoding) == ["Hello<|im_end|>"]
    opened = encode_messages(messages, model="qwen3-8b", thinking=False, generation_prompt=True)
    assert opened.text.endswith("<think>\n\n</think>\n\n")
    assert learnt(opened, encoding) == ["Hello<|im_end|>"]


def test_a_text_that_the_tokenizer_changes() -> None:
    """Qwen's normalises to NFC, so that offsets in the text are not known."""
    encoding = get_model("qwen3-8b").load_encoding()
    messages = [
        {"role": "user", "content": "Cafe\u0301"},
        {"role": "assistant", "content": "\n" + "e\u0301" * 3 + " done"},
    ]
    found = encode_messages(messages, model="qwen2.5-7b")
    [text] = learnt(found, encoding)
    assert text == "ééé done<|im_end|>"


def made_encoding(folder: Path, special: list[str]) -> Encoding:
    """A tokenizer of single bytes with special tokens."""
    letters = {letter: number for number, letter in enumerate(sorted(ByteLevel.alphabet()))}
    made = tokenizers.Tokenizer(BPE(letters, []))
    made.pre_tokenizer = ByteLevel(add_prefix_space=False)
    made.decoder = tokenizers.decoders.ByteLevel()
    made.add_special_tokens(special)
    made.save(str(folder / "tokenizer.json"))
    return load_encoding(folder / "tokenizer.json")


LLAMA = (
    "{% for m in messages %}<|start_header_id|>{{ m.role }}<|end_header_id|>\n\n{{ m.content }}"
    "<|eot_id|>{% endfor %}{% if add_generation_prompt %}"
    "<|start_header_id|>assistant<|end_header_id|>\n\n{% endif %}"
)
GEMMA = (
    "{% for m in messages %}<start_of_turn>{{ 'model' if m.role == 'assistant' else m.role }}\n"
    "{{ m.content }}<end_of_turn>\n{% endfor %}"
    "{% if add_generation_prompt %}<start_of_turn>model\n{% endif %}"
)
CHAT = [
    {"role": "user", "content": "Hi"},
    {"role": "assistant", "content": "Hello"},
    {"role": "user", "content": "Bye"},
    {"role": "assistant", "content": "Ciao"},
]
MISTRAL = ["<s>", "</s>", "[INST]", "[/INST]", "[TOOL_CALLS]", "[TOOL_RESULTS]", "[/TOOL_RESULTS]"]
GLM = ["[gMASK]", "<sop>", "<|user|>", "<|assistant|>", "<|observation|>", "<|system|>"]


@pytest.mark.parametrize(
    ("special", "asked", "expected"),
    [
        (
            ["<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"],
            {"template": LLAMA},
            ["Hello<|eot_id|>", "Ciao<|eot_id|>"],
        ),
        (
            ["<start_of_turn>", "<end_of_turn>"],
            {"template": GEMMA},
            ["Hello<end_of_turn>", "Ciao<end_of_turn>"],
        ),
        (
            [*GLM, "<think>", "</think>"],
            {"model": "glm-4.5"},
            ["\n<think></think>\nHello<|user|>", "\n<think></think>\nCiao"],
        ),
        (MISTRAL, {"chat_format": "Mistral v3"}, ["Hello</s>", "Ciao</s>"]),
    ],
)
def test_other_formats(
    special: list[str], asked: dict[str, Any], expected: list[str], tmp_path: Path
) -> None:
    encoding = made_encoding(tmp_path, special)
    found = encode_messages(CHAT, encoding=encoding, **asked)
    assert learnt(found, encoding) == expected


def test_results_of_tools_in_other_formats(tmp_path: Path) -> None:
    encoding = made_encoding(tmp_path, MISTRAL)
    found = encode_messages(AGENT[1:5], encoding=encoding, chat_format="Mistral v3")
    assert [each[:12] for each in learnt(found, encoding)] == ["[TOOL_CALLS]", "It is 42.</s"]
    marks = ["<tool_call>", "</tool_call>", "<tool_response>", "</tool_response>"]
    marks += ["<think>", "</think>", "<arg_key>", "</arg_key>", "<arg_value>", "</arg_value>"]
    encoding = made_encoding(tmp_path, [*GLM, *marks])
    first, second, *_ = learnt(encode_messages(AGENT, encoding=encoding, model="glm-4.5"), encoding)
    assert first.endswith("</tool_call><|observation|>")
    assert second.endswith("It is 42.<|user|>")


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"chat_format": "Mistral v1"}, "no special token where the turn of messages"),
        ({"template": "{% for m in messages %}{{ m.content }}\n{% endfor %}"}, "no special token"),
        ({"model": "gpt-4o"}, "how gpt-4o sees a conversation is not public"),
        ({"model": "claude-opus-4-1"}, "vocabulary of claude-opus-4-1 is not part"),
        ({"chat_format": "ChatML"}, "has no token <|im_start|>, which the chat format writes"),
        ({"model": "qwen2.5-7b", "roles": "assistant"}, "roles must be a list of str"),
    ],
)
def test_what_cannot_be_encoded(asked: dict[str, Any], message: str, tmp_path: Path) -> None:
    if "model" not in asked:
        asked["encoding"] = made_encoding(tmp_path, ["<s>", "</s>"])
    with pytest.raises(UsageError, match=re.escape(message)):
        encode_messages(CHAT, **asked)


def test_media_have_no_ids() -> None:
    image = {"type": "image_url", "image_url": {"url": "https://a.b/c.png"}}
    messages = [{"role": "user", "content": [image]}]
    with pytest.raises(UsageError, match=r"messages\[0\] holds media"):
        encode_messages(messages, model="qwen2.5-vl-7b", media_tokens=5)


def test_conversations_go_into_training_windows() -> None:
    encoded = [encode_messages(CHAT, model="qwen2.5-7b", system=str(n)) for n in range(3)]
    rows = [{"input_ids": each.input_ids, "loss_mask": each.loss_mask} for each in encoded]
    plan = pack_sequences(map(len, encoded), 100)
    window = PackedDataset(plan, rows, loss_mask="loss_mask", pad=0)[0]
    labels = [label for label in window["labels"] if label != -100]
    encoding = get_model("qwen2.5-7b").load_encoding()
    assert encoding.decode(labels) == "Hello<|im_end|>Ciao<|im_end|>" * 3
    assert json.dumps(rows)
