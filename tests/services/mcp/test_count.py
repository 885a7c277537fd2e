"""``count`` and ``fits`` return what the library does."""

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ctxtools as ctx
from ctxtools.services.mcp.make import make_server
from ctxtools.services.mcp.server import Server
from tests.services.mcp.calling import ask, error_of

SERVER = make_server([Path(__file__).parent])
CLOSED = "claude-opus-4-8"


@settings(max_examples=30)
@given(st.text(), st.sampled_from(ctx.list_encodings()))
def test_a_text_is_counted_as_by_the_library(text: str, encoding: str) -> None:
    found = ask(SERVER, "count", text=text, models=[encoding])
    tokens = ctx.get_encoding(encoding).count(text)
    assert found == {"totals": [{"model": encoding, "tokens": tokens}]}


@settings(max_examples=30)
@given(st.text())
def test_an_estimate_has_its_interval(text: str) -> None:
    [total] = ask(SERVER, "count", text=text, models=[CLOSED])["totals"]
    interval = ctx.get_model(CLOSED).estimate_tokens(text)
    found = total["tokens"], total.get("low", 0), total.get("high", 0)
    assert found == (interval.typical, interval.low, interval.high)


@pytest.mark.parametrize("text", ["null", "{}", '["a"]', "true", '{"text": 1}', '"a"', "12"])
def test_a_text_that_is_json_is_a_text(text: str) -> None:
    tokens = ctx.get_encoding("o200k_base").count(text)
    assert ask(SERVER, "count", text=text, models=["o200k_base"])["totals"][0]["tokens"] == tokens
    assert ask(SERVER, "fits", text=text, model="gpt-5")["fits"]
    assert ask(SERVER, "chunk", text=text)["chunks"][0]["text"] == text


def test_files_are_counted_as_by_the_library(server: Server, root: Path) -> None:
    found = ask(server, "count", paths=["."], models=["o200k_base", "cl100k_base"])
    expected = {
        path.relative_to(root).as_posix(): [
            ctx.get_encoding(name).count(path.read_text()) for name in ("o200k_base", "cl100k_base")
        ]
        for path in root.rglob("*.*")
    }
    assert {each["path"]: each["tokens"] for each in found["files"]} == expected
    assert found["total_files"] == len(expected)
    assert [each["tokens"] for each in found["totals"]] == [
        sum(tokens) for tokens in zip(*expected.values(), strict=True)
    ]


def test_the_largest_files_are_listed(server: Server, root: Path) -> None:
    for number in range(30):
        (root / f"{number}.txt").write_text("word " * number)
    found = ask(server, "count", paths=["."])
    tokens = [each["tokens"][0] for each in found["files"]]
    assert len(tokens) == 20 and tokens == sorted(tokens, reverse=True)
    assert found["files"][0]["path"] == "docs/guide.md" and found["total_files"] == 33
    assert "files" not in ask(server, "count", paths=["."], top=0)


def test_patterns_choose_files_of_folders(server: Server) -> None:
    found = ask(server, "count", paths=["."], include=["*.md"], exclude=["README.md"])
    assert [each["path"] for each in found["files"]] == ["docs/guide.md"]
    [note] = ask(server, "count", paths=["docs"], include=["*.rst", "*.md"])["notes"]
    assert "no file matches include '*.rst'" in note
    assert "are for paths" in error_of(server, "count", text="a", include=["*.md"])


def test_what_is_not_read_is_listed(server: Server, root: Path) -> None:
    (root / "image.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 90)
    expected = {"image.png": "binary (PNG image)"}
    if os.name != "nt":
        (root / "link.md").symlink_to("README.md")
        expected["link.md"] = "symbolic link, not followed"
    found = ask(server, "count", paths=["."])
    assert {each["path"]: each["reason"] for each in found["skipped"]} == expected


def test_a_file_is_counted_once(server: Server) -> None:
    found = ask(server, "count", paths=["docs/guide.md", "docs", ".", "docs/../docs/guide.md"])
    assert found["total_files"] == 3


def test_an_archive_that_is_named_is_looked_into(server: Server, root: Path) -> None:
    from zipfile import ZipFile

    with ZipFile(root / "all.zip", "w") as archive:
        archive.write(root / "README.md", "inner/README.md")
    [found] = ask(server, "count", paths=["all.zip"])["files"]
    assert found["path"] == "all.zip/inner/README.md"
    assert found["tokens"] == [
        ctx.get_encoding("o200k_base").count((root / "README.md").read_text())
    ]


@pytest.mark.parametrize("model", ["gpt-5", "deepseek-v4-pro", CLOSED, "text-embedding-3-small"])
def test_whether_a_text_fits(server: Server, model: str) -> None:
    found = ask(server, "fits", model=model, text="Hello there", reserve=100)
    assert found["fits"] is True
    assert found["available"] == ctx.get_model(model).budget(100).available
    counted = ctx.count_messages([{"role": "user", "content": "Hello there"}], model=model)
    if model != "text-embedding-3-small" and counted.exact:
        assert found["tokens"] == counted.total
    assert found["remaining"] == found["available"] - found["tokens"]


def test_a_limit_is_one_on_the_input_alone(server: Server) -> None:
    text = "a b c d e"
    tokens = ctx.get_encoding("o200k_base").count(text)
    for limit, fits in ((tokens, True), (tokens - 1, False)):
        found = ask(server, "fits", model="gpt-5", text=text, limit=limit)
        assert (found["fits"], found["tokens"], found["available"]) == (fits, tokens, limit)
    interval = ctx.get_model(CLOSED).estimate_tokens(text)
    for limit, answer in ((interval.high, True), (interval.low, None), (interval.low - 1, False)):
        if limit > 0:
            assert ask(server, "fits", model=CLOSED, text=text, limit=limit)["fits"] is answer


def test_files_fit_together(server: Server, root: Path) -> None:
    total = ask(server, "count", paths=["."])["totals"][0]["tokens"]
    assert ask(server, "fits", model="o200k_base", paths=["."], limit=total)["fits"] is True
    assert ask(server, "fits", model="o200k_base", paths=["."], limit=total - 1)["fits"] is False


@pytest.mark.parametrize(
    ("tool", "arguments", "message"),
    [
        ("count", {}, "pass a text or paths"),
        ("count", {"text": "a", "paths": ["."]}, "not both"),
        ("chunk", {}, 'pass a text or path\n\nhint: such as path="README.md"'),
        ("pack", {"paths": ["."], "include": ["*.zzz"]}, "hint: no file matches include '*.zzz'"),
        (
            *("messages", {"messages": "a", "model": "gpt-4o"}),
            "messages: input should be a valid list; messages: input should be a valid dictionary",
        ),
        ("messages", {"messages": [5]}, "messages.0: input should be a valid dictionary"),
        ("count", {"text": 5}, "text: input should be a valid string"),
        ("count", {"txt": "a"}, "unknown argument 'txt'\n\nhint: did you mean text?"),
        ("count", {"text": "a", "models": ["zq7"]}, "unknown model 'zq7'"),
        ("count", {"text": "a", "models": ["hf:o/zq7"]}, "unknown model"),
        ("count", {"text": "a", "models": ["./tokenizer.json"]}, "unknown model"),
        ("count", {"text": "a", "models": [""] * 51}, "models: list should have at most 50"),
        ("count", {"text": "a", "max_tokens": 1}, "max_tokens: input should be greater"),
        ("fits", {"text": "a"}, "model: field required"),
        ("fits", {"text": "a", "model": "o200k_base"}, "o200k_base has no limit"),
        ("fits", {"text": "a", "model": "gpt-5", "limit": 5, "reserve": 5}, "nothing is left"),
        ("nothing", {}, "Unknown tool"),
    ],
)
def test_wrong_arguments_are_errors(
    server: Server, tool: str, arguments: dict[str, object], message: str
) -> None:
    found = error_of(server, tool, **arguments)
    assert message in found
    assert "Traceback" not in found and "pydantic" not in found
