"""``ctx count`` of conversations: those of every interface, one a file or many."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

import ctxtools as ctx
from tests.cli.conftest import Run

MESSAGES = [{"role": "user", "content": "Hello there"}, {"role": "assistant", "content": "Hi"}]
OTHER = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Now?"}]
TOOLS = [{"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}]
GPT = "gpt-4o"

SHAPES: dict[str, Any] = {
    "openai": MESSAGES,
    "openai body": {"model": "gpt-4.1", "messages": MESSAGES, "tools": TOOLS},
    "responses": {"model": GPT, "input": MESSAGES, "instructions": "Be brief."},
    "anthropic": {
        "model": "claude-opus-4-8",
        "system": "Be brief.",
        "messages": [{"role": "user", "content": [{"type": "text", "text": "Hello there"}]}],
    },
    "gemini": {"contents": [{"role": "user", "parts": [{"text": "Hello there"}]}]},
    "chinese": [{"role": "user", "content": "深度求索，通义千问。"}],
}


def tokens(value: Any, model: str = GPT, **more: Any) -> int:
    return ctx.count_messages(value, model=model, **more).total


def write(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False), "utf-8")


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("model", [GPT, "deepseek-v4-pro"])
def test_a_named_json_file_is_read_as_the_conversation_that_it_is(
    shape: str, model: str, run: Run, folder: Path
) -> None:
    write(folder / "chat.json", SHAPES[shape])
    ran = run("count", "chat.json", "-m", model)
    assert (ran.exit_code, ran.stdout) == (0, f"{tokens(SHAPES[shape], model)}\n")
    assert "chat.json: read as a conversation; --no-messages counts its text" in ran.stderr
    assert run("count", "chat.json", "--messages", "-m", model).stdout == ran.stdout
    piped = run("count", "--messages", "-m", model, input=(folder / "chat.json").read_bytes())
    assert piped.stdout == ran.stdout


@pytest.mark.parametrize(
    "arguments",
    [("chat.json", "-m", GPT, "--no-messages"), ("chat.json",), (".", "-m", GPT),
     ("chat.json", "-e", "o200k_base"), ("chat.json", "-m", GPT, "--special")],
)  # fmt: skip
def test_it_is_a_text_otherwise(arguments: tuple[str, ...], run: Run, folder: Path) -> None:
    write(folder / "chat.json", MESSAGES)
    text = (folder / "chat.json").read_text()
    ran = run("count", *arguments, "--json")
    (counted,) = json.loads(ran.stdout)["files"]
    assert {*counted["tokens"].values()} == {ctx.get_encoding("o200k_base").count(text)}
    assert "kind" not in counted


def test_conversations_may_be_counted_by_an_encoding(run: Run, folder: Path) -> None:
    write(folder / "chat.json", MESSAGES)
    ran = run("count", "chat.json", "--messages", "-e", "o200k_base")
    expected = ctx.count_messages(MESSAGES, encoding="o200k_base").total
    assert (ran.exit_code, ran.stdout) == (0, f"{expected}\n")


def test_the_format_of_a_closed_model_is_an_interval(run: Run, folder: Path) -> None:
    write(folder / "chat.json", MESSAGES)
    interval = ctx.count_messages(MESSAGES, model="claude-opus-4-8").interval
    ran = run("count", "chat.json", "-m", "claude-opus-4-8")
    assert ran.stdout == f"~{interval.typical} ({interval.low}–{interval.high})\n"
    (counted,) = json.loads(run("count", "chat.json", "-m", "claude-opus-4-8", "--json").stdout)[
        "files"
    ]
    assert counted["intervals"] == {"claude-opus-4-8": [interval.low, interval.high]}


def test_the_parts_are_in_json(run: Run, folder: Path) -> None:
    write(folder / "chat.json", MESSAGES)
    (counted,) = json.loads(run("count", "chat.json", "-m", GPT, "--json").stdout)["files"]
    how = counted["how"][GPT]
    parts = ctx.count_messages(MESSAGES, model=GPT).parts
    assert counted["kind"] == "conversation"
    assert [(each.get("message"), each["kind"], each["tokens"]) for each in how["parts"]] == [
        (each.message, each.kind, each.tokens) for each in parts
    ]
    assert {each["basis"] for each in how["parts"]} == {"counted", "documented"}


TEXTS = {
    "empty": b"",
    "no conversation": json.dumps({"rows": [{"role": 1}]}).encode(),
    "no JSON": b'{"role": "user", ' + b"x" * 10,
    "deep": b'"role"' + b"[" * 100_000,
    "large": json.dumps([{"role": "user", "text": "深 word " * 9000}], ensure_ascii=False).encode(),
    "byte order mark": b"\xef\xbb\xbf" + json.dumps({"role": ["x"]}).encode(),
    "utf-16": "\ufeff".encode("utf-16-le") + json.dumps({"role": ["x"] * 9000}).encode("utf-16-le"),
    "other roles": json.dumps([{"role": "admin", "content": "x"}]).encode(),
}


@pytest.mark.parametrize("name", TEXTS)
def test_json_that_is_no_conversation_is_a_text(name: str, run: Run, folder: Path) -> None:
    (folder / "data.json").write_bytes(TEXTS[name])
    ran = run("count", "data.json", "-m", GPT)
    assert (ran.exit_code, ran.stdout) == (
        0,
        run("count", "data.json", "-e", "o200k_base").stdout,
    )
    assert run("count", "data.json", "-m", GPT, "--no-messages").stdout == ran.stdout
    if name != "other roles":  # of which the error says so
        ran = run("count", "data.json", "--messages", "-m", GPT)
        assert (ran.exit_code, ran.stdout) == (2, "")
        assert ran.stderr.startswith("error: data.json: ")
        assert ran.stderr.count("data.json") == 1


def test_a_conversation_with_a_byte_order_mark_or_in_another_charset(
    run: Run, folder: Path
) -> None:
    text = json.dumps(SHAPES["chinese"], ensure_ascii=False)
    expected = f"{tokens(SHAPES['chinese'])}\n"
    (folder / "bom.json").write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert run("count", "bom.json", "-m", GPT).stdout == expected
    (folder / "gb.json").write_bytes(text.encode("gb18030"))
    for arguments in ((), ("--messages",)):
        ran = run("count", "gb.json", "-m", GPT, "--charset", "gb18030", *arguments)
        assert ran.stdout == expected
    (folder / "wide.json").write_bytes(text.encode("utf-16"))
    assert run("count", "wide.json", "-m", GPT, "--messages").stdout == expected


def test_jsonl(run: Run, folder: Path) -> None:
    lines = "".join(f"{json.dumps(each)}\n" for each in (MESSAGES, {"messages": OTHER}))
    (folder / "chats.jsonl").write_text(lines)
    expected = tokens(MESSAGES) + tokens(OTHER)
    ran = run("count", "chats.jsonl", "--messages", "-m", GPT)
    assert (ran.exit_code, ran.stdout) == (0, f"{expected}\n")
    (folder / "chats.jsonl.gz").write_bytes(gzip.compress(lines.encode()))
    assert run("count", "chats.jsonl.gz", "--messages", "-m", GPT).stdout == f"{expected}\n"
    (counted,) = json.loads(run("count", "chats.jsonl", "--messages", "-m", GPT, "--json").stdout)[
        "files"
    ]
    assert (counted["records"], counted["kind"]) == (2, "conversation")
    fields = "".join(f"{json.dumps({'chat': {'turns': each}})}\n" for each in (MESSAGES, OTHER))
    (folder / "fields.jsonl").write_text(fields)
    ran = run("count", "fields.jsonl", "--messages", "--field", "chat.turns", "-m", GPT)
    assert ran.stdout == f"{expected}\n"
    piped = run("count", "--messages", "--field", "chat.turns", "-m", GPT, input=fields)
    assert piped.stdout == f"{expected}\n"


def test_bad_records(run: Run, folder: Path) -> None:
    bad = ["{", json.dumps({"messages": 3}), json.dumps([{"role": "user", "content": 7}]), "null"]
    lines = [json.dumps(MESSAGES), *bad, json.dumps(OTHER)]
    (folder / "chats.jsonl").write_text("\n".join(lines))
    ran = run("count", "chats.jsonl", "--messages", "-m", GPT)
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert ran.stderr.startswith("error: chats.jsonl: line 2: ")
    ran = run("count", "chats.jsonl", "--messages", "-m", GPT, "--skip-bad-records")
    assert (ran.exit_code, ran.stdout) == (0, f"{tokens(MESSAGES) + tokens(OTHER)}\n")
    assert "note: chats.jsonl: 4 bad records were skipped: line 2: " in ran.stderr
    (folder / "chats.jsonl").write_text("\n".join(bad[1:]))
    ran = run("count", "chats.jsonl", "--messages", "-m", GPT)
    assert ran.stderr.startswith("error: chats.jsonl: record 1: ")
    ran = run("count", "chats.jsonl", "--messages", "-m", GPT, "--skip-bad-records")
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert "error: chats.jsonl: no good record: record 1: " in ran.stderr


def test_parquet(run: Run, folder: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    from pyarrow import parquet

    table = pyarrow.table({"messages": [MESSAGES, OTHER], "turns": [OTHER, None]})
    parquet.write_table(table, folder / "chats.parquet")
    expected = f"{tokens(MESSAGES) + tokens(OTHER)}\n"
    ran = run("count", "chats.parquet", "--messages", "--column", "messages", "-m", GPT)
    assert (ran.exit_code, ran.stdout) == (0, expected)
    assert run("count", "chats.parquet", "--messages", "-m", GPT).stdout == expected
    ran = run("count", "chats.parquet", "--messages", "--column", "turns", "-m", GPT)
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert ran.stderr.startswith("error: chats.parquet: record 2: ")
    skipping = ("--messages", "--column", "turns", "-m", GPT, "--skip-bad-records")
    assert run("count", "chats.parquet", *skipping).stdout == f"{tokens(OTHER)}\n"
    ran = run("count", "chats.parquet", "--messages", "--column", "nope", "-m", GPT)
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert "nope" in ran.stderr


def test_tools(run: Run, folder: Path) -> None:
    write(folder / "chat.json", MESSAGES)
    write(folder / "tools.json", TOOLS)
    ran = run("count", "chat.json", "--tools", "tools.json", "-m", GPT)
    assert (ran.exit_code, ran.stdout) == (0, f"{tokens(MESSAGES, tools=TOOLS)}\n")
    piped = run("count", "--tools", "tools.json", "-m", GPT, input=json.dumps(MESSAGES))
    assert piped.stdout == ran.stdout


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (None, "no such file or directory"),
        ("[", "not JSON"),
        ('[{"type": "function", "function": {"description": "x"}}]', "name"),
        ("3", "tools"),
    ],
)
def test_bad_tools(content: str | None, expected: str, run: Run, folder: Path) -> None:
    write(folder / "chat.json", MESSAGES)
    if content is not None:
        (folder / "tools.json").write_text(content)
    ran = run("count", "chat.json", "--tools", "tools.json", "-m", GPT)
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert ran.stderr.startswith("error: ")
    assert expected in ran.stderr


@pytest.mark.parametrize("option", ["--special", "--added-tokens"])
@pytest.mark.parametrize("command", ["count", "fits"])
def test_options_for_texts_are_refused(command: str, option: str, run: Run, folder: Path) -> None:
    write(folder / "chat.json", MESSAGES)
    ran = run(command, "chat.json", "--messages", option, "-m", GPT)
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert ran.stderr.startswith(f"error: {option} is for texts, not conversations")


def test_conversations_beside_texts_and_images(run: Run, folder: Path) -> None:
    from tests.cli.beyond_text.samples import png

    write(folder / "chat.json", MESSAGES)
    (folder / "a.txt").write_text("Hello world")
    (folder / "photo.png").write_bytes(png())
    result = json.loads(run("count", "chat.json", "a.txt", "photo.png", "-m", GPT, "--json").stdout)
    expected = {
        "chat.json": tokens(MESSAGES),
        "a.txt": 2,
        "photo.png": int(ctx.image_tokens(GPT, 640, 480)),
    }
    assert {each["path"]: each["tokens"][GPT] for each in result["files"]} == expected
    assert result["total"]["tokens"] == {GPT: sum(expected.values())}


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ("[]", "a conversation without messages"),
        ('{"messages": []}', "a conversation without messages"),
        ('[{"role": "user"}]', "messages[0]: a message without content"),
        ('[{"role": "user", "rows": [1, 2]}]', "messages[0]: a message without content"),
    ],
)
def test_nothing_said_is_no_count(given: str, error: str, run: Run, folder: Path) -> None:
    """These were 3 and 7 tokens of framing alone."""
    (folder / "chat.json").write_text(given)
    ran = run("count", "chat.json", "--messages", "-m", "gpt-4o")
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert error in ran.stderr
