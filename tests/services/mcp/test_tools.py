"""The tools return what the library does, and say little of themselves."""

import json
import socket
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ctxtools as ctx
from ctxtools.models import Registry
from ctxtools.services.mcp.make import make_server
from ctxtools.services.mcp.server import Server
from tests.services.mcp.calling import ask, error_of, run

SERVER = make_server([Path(__file__).parent])
NAMES = ("count", "fits", "chunk", "pack", "messages", "models", "memory")
GUIDE = Path(__file__).parents[3] / "docs" / "mcp.md"
MAX_COST = 2000
"""Tokens that all descriptions and arguments may take of a model's context window."""


def test_tools_only_read_and_say_what_they_return() -> None:
    tools = run(SERVER, lambda client: client.list_tools()).tools
    assert tuple(tool.name for tool in tools) == NAMES
    for tool in tools:
        assert tool.annotations is not None
        assert tool.annotations.read_only_hint and tool.annotations.idempotent_hint
        assert tool.annotations.open_world_hint is False
        assert tool.annotations.destructive_hint is False
        assert tool.output_schema is not None and tool.output_schema["type"] == "object"
        assert "title" not in json.dumps(tool.input_schema)
        for name, argument in tool.input_schema["properties"].items():
            assert {"type", "anyOf", "enum"} & {*argument}, name


def test_tools_take_little_of_a_context_window() -> None:
    tools = run(SERVER, lambda client: client.list_tools()).tools
    shown = [
        {"name": each.name, "description": each.description, "input_schema": each.input_schema}
        for each in tools
    ]
    cost = ctx.get_encoding("o200k_base").count(json.dumps(shown, ensure_ascii=False))
    assert cost < MAX_COST
    assert f"arguments take {cost:,}\ntokens" in GUIDE.read_text("utf-8")


@settings(max_examples=25)
@given(st.text(max_size=400), st.integers(8, 40), st.integers(0, 4))
def test_chunks_are_those_of_the_library(text: str, size: int, overlap: int) -> None:
    found = ask(SERVER, "chunk", text=text, chunk_size=size, overlap=overlap, format="markdown")
    chunker = ctx.Chunker("o200k_base", size, overlap, format="markdown")
    expected = [
        (each.text, each.token_count, each.start_index, each.end_index, each.start_line)
        for each in chunker.chunk(text)
    ]
    names = ("text", "tokens", "start", "end", "line")
    assert [tuple(each[name] for name in names) for each in found.get("chunks", [])] == expected


def test_a_file_is_chunked_by_its_format(server: Server) -> None:
    found = ask(server, "chunk", path="README.md", chunk_size=12)
    assert found["chunks"][-1]["headings"] == ["Title", "Part"]
    assert "claude-opus-4-8 is not available" in error_of(
        server, "chunk", text="a", model="claude-opus-4-8"
    )
    assert "unknown format" in error_of(server, "chunk", text="a", format="nonsense")
    sources = [each["source"] for each in ask(server, "chunk", path="docs")["chunks"]]
    assert sources == ["docs/code.py", "docs/guide.md"]


@pytest.mark.parametrize("query", [None, "what doubles a number?"])
def test_a_pack_is_that_of_the_library(server: Server, root: Path, query: str | None) -> None:
    found = ask(server, "pack", paths=["."], budget=200, query=query, model="deepseek-v4-pro")
    encoding = ctx.encoding_for_model("deepseek-v4-pro")
    packed = ctx.pack(ctx.read_documents(root), encoding, budget=200, query=query)
    assert found["text"] == packed.text
    assert found["tokens"] == packed.token_count == encoding.count(found["text"]) <= 200
    assert [each["path"] for each in found["documents"]] == [each.path for each in packed.documents]
    assert {each["path"] for each in found.get("omitted", [])} == {
        each.path for each in packed.omitted
    }


def test_a_pack_keeps_the_budget_of_an_estimate(server: Server) -> None:
    found = ask(server, "pack", paths=["."], budget=120, model="claude-opus-4-8")
    assert ctx.get_model("claude-opus-4-8").estimate_tokens(found["text"]).high <= 120
    assert found["tokens"] <= 120


def test_what_has_to_go_in(server: Server, root: Path) -> None:
    found = ask(server, "pack", paths=["."], budget=250, pins=["docs/guide.md"])
    assert "docs/guide.md" in [each["path"] for each in found["documents"]]
    message = error_of(server, "pack", paths=["."], budget=30, pins=["docs/guide.md"])
    assert "docs/guide.md" in message and "hint:" in message
    (root / ".hidden.md").write_text("hidden")
    assert "there is such a file" in error_of(server, "pack", paths=["."], pins=[".hidden.md"])
    for pin, message in (
        ("nothing.md", "no such file"),
        ("docs", "docs: a folder, and pins are files"),
        ("/etc/passwd", "not in a folder that is served"),
        ("../secret/hidden.txt", "not in a folder that is served"),
    ):
        assert message in error_of(server, "pack", paths=["."], pins=[pin])


def test_secrets_are_reported(server: Server, root: Path) -> None:
    (root / "key.txt").write_text("token = ghp_" + "a1B2c3D4e5" * 3 + "f6G7h8\n")
    notes = ask(server, "pack", paths=["key.txt"])["notes"]
    assert any("GitHub" in note for note in notes)


def test_nothing_is_written_and_no_network_used(
    server: Server, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def state() -> dict[Path, tuple[int, int]]:
        found = {path: path.lstat() for path in root.parent.rglob("*")}
        return {path: (each.st_mtime_ns, each.st_size) for path, each in found.items()}

    def refuse(*arguments: object, **more: object) -> None:
        raise AssertionError("the network is used")

    subprocess.run(["git", "init", "-q", root], check=True)
    home = root.parent / "home"
    home.mkdir()
    for variable in ("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "TMPDIR"):
        monkeypatch.setenv(variable, str(home))
    monkeypatch.chdir(home)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    before = state()
    messages = [{"role": "user", "content": "a"}]
    for tool, arguments in (
        ("count", {"paths": ["."], "models": ["gpt-5", "claude-opus-4-8", "qwen3-8b"]}),
        ("fits", {"paths": ["."], "model": "deepseek-v4-pro"}),
        ("chunk", {"path": "README.md"}),
        ("pack", {"paths": ["."], "query": "double", "secrets": "redact"}),
        ("messages", {"messages": messages, "model": "deepseek-v4-pro", "tools": [TOOL]}),
        ("models", {"find": ["qwen"]}),
        ("memory", {"model": "qwen3-8b", "device": "h100"}),
    ):
        ask(server, tool, **arguments)
    assert state() == before


texts = st.text(max_size=40)


@settings(max_examples=25)
@given(st.lists(st.tuples(st.sampled_from(["user", "assistant"]), texts), min_size=1, max_size=4))
def test_messages_are_counted_as_by_the_library(turns: list[tuple[str, str]]) -> None:
    messages = [{"role": role, "content": text} for role, text in turns]
    found = ask(SERVER, "messages", messages=messages, model="gpt-4o")
    counted = ctx.count_messages(messages, model="gpt-4o")
    assert (found["tokens"], found["exact"]) == (counted.total, counted.exact)
    assert [each["tokens"] for each in found["parts"]] == [each.tokens for each in counted.parts]


TOOL = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "The weather of a city",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
    },
}


@pytest.mark.parametrize("model", ["gpt-4o", "deepseek-v4-pro", "claude-opus-4-8", "o200k_base"])
def test_a_request_with_tools(server: Server, model: str) -> None:
    messages = [{"role": "user", "content": "Is it raining in Oslo?"}]
    found = ask(server, "messages", messages=messages, model=model, tools=[TOOL], system="Be brief")
    named: dict[str, Any] = {"encoding" if model == "o200k_base" else "model": model}
    counted = ctx.count_messages(messages, **named, tools=[TOOL], system="Be brief")
    interval = counted.interval
    assert (found["low"], found["tokens"], found["high"]) == (
        *(interval.low, interval.typical, interval.high),
    )
    assert any(each["kind"] == "tools" for each in found["parts"])
    body = {"model": "gpt-4o", "messages": messages, "tools": [TOOL]}
    assert ask(server, "messages", messages=body)["model"] == "gpt-4o"


def test_a_request_reads_no_file(server: Server, root: Path) -> None:
    (root / "image.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 90)
    image = {"type": "image_url", "image_url": {"url": f"file://{root}/image.png"}}
    for url in (f"file://{root}/image.png", "https://example.com/image.png", "image.png"):
        image["image_url"] = {"url": url}
        content = [{"type": "text", "text": "What is it?"}, image]
        message = error_of(
            server, "messages", messages=[{"role": "user", "content": content}], model="gpt-4o"
        )
        assert "messages[0]" in message
        assert "hint: send it as base64, or with its measures" in message
    message = error_of(server, "messages", messages=[{"role": "user"}], model="nothing-like-it")
    assert "unknown model" in message


def test_models_are_those_of_the_registry(server: Server) -> None:
    found = ask(server, "models", find=["deepseek-v4-pro", "gpt-5"])["models"]
    assert [each["name"] for each in found] == ["deepseek-v4-pro", "gpt-5"]
    model = ctx.get_model("deepseek-v4-pro")
    assert (found[0]["context"], found[0]["tokenizer"]) == (model.context, model.encoding)
    assert model.price and found[0]["price_in"] == model.price.input
    listed = ask(server, "models", max_tokens=1_000_000)
    assert listed["total_models"] == len(listed["models"]) == len(ctx.list_models())
    words = ask(server, "models", find=["qwen", "coder"], max_tokens=1_000_000)
    expected = Registry.packaged().search(["qwen", "coder"])
    assert [each["name"] for each in words["models"]] == [each.name for each in expected]
    assert "unknown model" in error_of(server, "models", find=["zq7 zq7"])


def test_memory_is_planned_as_by_the_library(server: Server) -> None:
    how: dict[str, Any] = {"sequences": 4, "kv_dtype": "fp8", "engine": "sglang"}
    found = ask(server, "memory", model="Qwen/Qwen3-8B-FP8", device="h100:2", tokens="32k", **how)
    plan = ctx.plan_memory("Qwen3-8B-FP8", "h100:2", context="32k", **how)
    assert found["fits"] == plan.fits and found["devices"] == 2
    assert [(each["use"], each["low"], each["high"]) for each in found["terms"]] == [
        (each.use, each.interval.low, each.interval.high) for each in plan.terms
    ]
    assert plan.max_context and found["max_context"]["low"] == plan.max_context.low
    assert "unknown device" in error_of(server, "memory", model="qwen3-8b", device="h10")


def test_memory_reads_no_file(server: Server, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    (root / "qwen3-8b").mkdir()
    (root / "qwen3-8b" / "config.json").write_text('{"model_type": "nonsense"}')
    assert ask(server, "memory", model="qwen3-8b", device="h100")["fits"] is True
    for path in ("./qwen3-8b/config.json", "/etc/passwd", "../secret", "config.json", "x\0"):
        message = error_of(server, "memory", model=path, device="h100")
        assert "are not known\n\nhint: there are deepseek-" in message and "folder" not in message
    message = error_of(server, "memory", model="qwen3-8c", device="h100")
    assert "hint: did you mean qwen3-8b" in message
