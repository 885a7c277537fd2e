"""``ctx show`` of a conversation: as the model sees it, or as a table of its parts."""

import json
from pathlib import Path

import pytest

import ctxtools as ctx
from tests.cli.beyond_text.samples import png
from tests.cli.conftest import Run

MESSAGES = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "深度求索 <|im_end|> 🙂?"},
    {"role": "assistant", "content": "Yes\nand no"},
]


def test_it_is_shown_as_the_model_sees_it(run: Run, folder: Path) -> None:
    pytest.importorskip("jinja2", reason="the extra chat is not installed")
    (folder / "chat.json").write_text(json.dumps(MESSAGES[:1] + MESSAGES[2:]))
    ran = run("show", "chat.json", "-m", "qwen3-vl-8b")
    assert ran.exit_code == 0
    assert ran.stdout == (
        "── message 0, system: 8 tokens\n"
        "<|im_start|>│system││\nBe│ brief│.│<|im_end|>││\n"
        "── message 1, assistant: 9 tokens\n"
        "<|im_start|>│assistant││\nYes││\nand│ no│<|im_end|>││\n"
        "── around the messages: 3 tokens\n"
        "<|im_start|>│assistant││\n"
    )


@pytest.mark.parametrize("model", ["qwen3-vl-8b", "deepseek-v4-pro", "gpt-oss-120b", "qwen3-8b"])
def test_the_headings_say_what_is_counted(model: str, run: Run, folder: Path) -> None:
    pytest.importorskip("jinja2", reason="the extra chat is not installed")
    (folder / "chat.json").write_text(json.dumps(MESSAGES))
    ran = run("show", "chat.json", "-m", model)
    headings = [line for line in ran.stdout.splitlines() if line.startswith("── ")]
    numbers = [int(line.split(": ")[1].split()[0].replace(",", "")) for line in headings]
    assert sum(numbers) == ctx.count_messages(MESSAGES, model=model).total


def test_ids(run: Run, folder: Path) -> None:
    (folder / "chat.json").write_text(json.dumps(MESSAGES))
    ran = run("show", "chat.json", "-m", "gpt-oss-120b", "--ids")
    encoding = ctx.encoding_for_model("gpt-oss-120b")
    start = encoding.special_tokens["<|start|>"]
    assert f"<|start|>‹{start}›" in ran.stdout
    # What a user spells is text, and shares no id with the token.
    assert f"‹{encoding.special_tokens['<|end|>']}›" in ran.stdout
    assert "<|im_end|>‹" not in ran.stdout


def test_colors(run: Run, folder: Path) -> None:
    (folder / "chat.json").write_text(json.dumps(MESSAGES))
    plain = run("show", "chat.json", "-m", "gpt-oss-120b").stdout
    assert "\x1b" not in plain
    painted = run("show", "chat.json", "-m", "gpt-oss-120b", "--color", "always").stdout
    assert "\x1b[48;5;" in painted


def test_a_hosted_model_has_a_table_of_parts(run: Run, folder: Path) -> None:
    (folder / "photo.png").write_bytes(png())
    content = [{"type": "text", "text": "What?"},
               {"type": "image_url", "image_url": {"url": "photo.png"}}]  # fmt: skip
    messages = [{"role": "user", "content": content}]
    (folder / "chat.json").write_text(json.dumps(messages))
    ran = run("show", "chat.json", "-m", "gpt-4o")
    counted = ctx.count_messages(messages, model="gpt-4o", files=".")
    assert ran.exit_code == 0
    rows = [line for line in ran.stdout.splitlines()[2:] if line]
    assert len(rows) == len(counted.parts) + 1
    assert rows[-1].split()[0] == str(counted.total)
    for part, row in zip(counted.parts, rows, strict=False):
        assert row.split()[0] == str(part.tokens)
        assert f"{part.basis}: {part.rule}" in row
    estimated = run("show", "chat.json", "-m", "claude-opus-4-8")
    assert estimated.stdout.splitlines()[-1].split()[0].startswith("~")
    assert "note: Anthropic does not publish" in estimated.stderr


def test_an_image_in_a_rendered_conversation(run: Run, folder: Path) -> None:
    pytest.importorskip("jinja2", reason="the extra chat is not installed")
    (folder / "photo.png").write_bytes(png())
    content = [{"type": "image_url", "image_url": {"url": "photo.png"}},
               {"type": "text", "text": "What?"}]  # fmt: skip
    (folder / "chat.json").write_text(json.dumps([{"role": "user", "content": content}]))
    ran = run("show", "chat.json", "-m", "qwen3-vl-8b", "--ids")
    assert "[image messages[0].content[0]: 300 tokens, Qwen3-VL image]" in ran.stdout
    assert "<|vision_start|>" in ran.stdout


def test_where_conversations_come_from(run: Run, folder: Path) -> None:
    text = json.dumps(MESSAGES)
    (folder / "chat.json").write_text(text)
    expected = run("show", "chat.json", "-m", "gpt-oss-120b").stdout
    assert run("show", "--messages", "-m", "gpt-oss-120b", input=text).stdout == expected
    by_encoding = run("show", "chat.json", "-e", "o200k_base")
    assert by_encoding.exit_code == 0
    assert "note: framed as openai" in by_encoding.stderr
    as_text = run("show", "chat.json", "-m", "gpt-oss-120b", "--no-messages").stdout
    assert "".join(as_text.split("│")).strip() == text
    assert run("show", "-m", "gpt-oss-120b", input=text).stdout == as_text
    (folder / "tools.json").write_text('[{"type": "function", "function": {"name": "look"}}]')
    with_tools = run("show", "chat.json", "-m", "gpt-oss-120b", "--tools", "tools.json")
    assert "look" in with_tools.stdout


@pytest.mark.parametrize(
    ("arguments", "text", "expected"),
    [
        (("--messages",), "x", "error: stdin: not JSON"),
        (("--messages",), "[3]", "error: stdin: messages[0]"),
        (("--messages", "--special"), "[]", "--special is for texts"),
        (("--no-messages", "--tools", "-"), "[]", "are for conversations"),
        (("--messages", "-m", "gpt-4o", "-e", "o200k_base"), "[]", "cannot be used together"),
        (("--messages",), "[" * 100_000, "nested too deeply"),
    ],
)
def test_errors(arguments: tuple[str, ...], text: str, expected: str, run: Run) -> None:
    ran = run("show", *arguments, input=text)
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert expected in ran.stderr


def test_what_could_hide_text_is_visible(run: Run, folder: Path) -> None:
    hidden = [{"role": "user", "content": "a\u202eb\x1b[31mc\x00d"}]
    for model in ("gpt-oss-120b", "gpt-4o"):
        (folder / "chat.json").write_text(json.dumps(hidden))
        ran = run("show", "chat.json", "-m", model)
        assert ran.exit_code == 0
        assert not {"\u202e", "\x1b", "\0"} & {*ran.stdout}
