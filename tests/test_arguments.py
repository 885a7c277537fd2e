"""Every public function with arguments of every wrong kind: a documented error, never one from
inside, an abort or a number that stands for nothing."""

import inspect
from array import array
from collections.abc import Callable, Iterator
from decimal import Decimal
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

import ctxtools as ctx
from ctxtools.errors import CtxtoolsError, UsageError
from tests.hanging import no_hang


class Lying(list[Any]):
    """A list that says it is longer than it is."""

    def __len__(self) -> int:
        return 2**62


class Unspeakable:
    """An object that cannot be shown, and whose length is no length."""

    def __repr__(self) -> str:
        raise ValueError

    def __len__(self) -> int:
        return -5

    def __iter__(self) -> Iterator[Any]:
        return iter(())


HUGE = 10**5000
NUMBERS = [-1, 2**31, 2**32, 2**63 - 1, 2**63, 2**64, 10**30, HUGE, -HUGE, True]
NO_INTEGERS = [1.5, float("nan"), float("inf"), -float("inf"), Decimal("nan"), Fraction(1, 3), 1j]
OTHERS = [
    *[None, "", "5", "nan", "9" * 5000, "\ud800", "a\0b", b"5", b"\xff", bytearray(b"a"), object()],
    *[[], (), {}, set(), [None], ["a"], [1], [-1], [HUGE], ["\ud800"], [b"x"], [[1], [2]], [{}]],
    *[{"a": 1}, {1, 2}, iter([1]), range(9), array("q"), array("d", [1.0]), memoryview(b"abc")],
    *[Lying(["a"]), Lying([1]), Unspeakable(), [Unspeakable()], int, len, ValueError("x")],
    *[[("a",)], [("a", "b")], [{"role": 1, "content": 2}], [{"role": "user", "content": None}]],
]

ENCODING = ctx.get_encoding("o200k_base")
CHUNKER = ctx.Chunker(ENCODING, chunk_size=20)
MODEL = ctx.get_model("deepseek-v4-pro")
PLAN = ctx.pack_sequences([1, 2], 5)


def all_of(call: Callable[..., Any]) -> Callable[..., Any]:
    return lambda **arguments: list(islice(call(**arguments), 100))


def calls() -> dict[str, tuple[Callable[..., Any], dict[str, Any], list[str]]]:
    """For each function: how it is called, arguments that are right, and the names of all."""
    right = {
        "text": "hello world",
        "limit": 5,
        "texts": ["a", "b"],
        "column": [],
        "paths": [],
        "ids": [1, 2],
        "batch": [[1]],
    }
    found: dict[str, tuple[Callable[..., Any], dict[str, Any], list[str]]] = {}

    def add(name: str, call: Any, called: Any = None, /, **given: Any) -> None:
        names = [
            n for n, p in inspect.signature(call).parameters.items() if p.kind != p.VAR_KEYWORD
        ]
        found[name] = called or call, given, [n for n in names if n not in ("encoding", "convert")]

    for name in vars(ctx.Encoding):
        if not name.startswith("_") and inspect.isfunction(getattr(ctx.Encoding, name)):
            method = getattr(ENCODING, name)
            needed = inspect.signature(method).parameters
            add(name, method, **{n: v for n, v in right.items() if n in needed})
    documents = [ctx.Document("a.py", "x = 1\n")]
    messages = [{"role": "user", "content": "hi"}]
    add("get_encoding", ctx.get_encoding, name="o200k_base")
    add("load_encoding", ctx.load_encoding, path="/nonexistent")
    add("encoding_for_model", ctx.encoding_for_model, name="qwen3:8b")
    add("get_model", ctx.get_model, name="qwen3:8b")
    add("budget", MODEL.budget)
    add("within", ctx.Budget.within, context=100)
    add("estimate_tokens", MODEL.estimate_tokens, text="hello")
    add("Chunker", ctx.Chunker, lambda **given: ctx.Chunker(ENCODING, **given))
    add("chunk", CHUNKER.chunk, all_of(CHUNKER.chunk), text="hello world")
    add("pack", ctx.pack, documents=documents, encoding=ENCODING, budget=1000)
    add("pack_parts", ctx.pack_parts, documents=documents, encoding=ENCODING, budget=1000)
    add("pack_messages", ctx.pack_messages, messages=messages, encoding=ENCODING, budget=1000)
    add("count_messages", ctx.count_messages, messages=messages, model="gpt-4o")
    add("video_tokens", ctx.video_tokens, model="qwen3-vl-8b", width=640, height=480, seconds=9)
    add("audio_tokens", ctx.audio_tokens, model="gemini-2.5-pro", seconds=9)
    add("document_tokens", ctx.document_tokens, model="gemini-2.5-pro", pages=3)
    add("image_tokens", ctx.image_tokens, model="qwen3-vl-8b", width=640, height=480)
    add("pack_sequences", ctx.pack_sequences, lengths=[1, 2], window=10)
    add("pack_stream", ctx.pack_stream, all_of(ctx.pack_stream), lengths=[1, 2], window=10)
    add(
        "pack_ids_stream",
        ctx.pack_ids_stream,
        all_of(ctx.pack_ids_stream),
        documents=[[1]],
        window=9,
    )
    add("PackedDataset.open", ctx.PackedDataset.open, folder="/nonexistent")
    add("WindowStream", ctx.WindowStream, folder="/nonexistent")
    add("read_documents", ctx.read_documents, all_of(ctx.read_documents), paths=["/nonexistent"])
    add("check_limits", ctx.check_limits, limits={"a.md": 5}, paths="/nonexistent")
    add("load_limits", ctx.load_limits)
    add("LimitRules.of", ctx.LimitRules.of, limits={"a.md": 5})
    add("load_plan", ctx.load_plan, path="/nonexistent")
    add("load_config", ctx.load_config)
    add("plan_memory", ctx.plan_memory, model="qwen3-8b", device="h100", context=1000)
    add("architecture_of", ctx.architecture_of, path="/nonexistent")
    report = ctx.report
    add("count_page", report.count_page, files=[], columns=[ENCODING])
    add("pack_page", report.pack_page, packs=ctx.pack(documents, ENCODING, budget=100))
    add("chunk_page", report.chunk_page, chunks=[*CHUNKER.chunk("a b")])
    add("token_page", report.token_page, text="hello", encoding=ENCODING)
    counted = ctx.count_messages(messages, model="gpt-4o")
    add("messages_page", report.messages_page, counted=counted)
    add("PackedDataset", ctx.PackedDataset, plan=PLAN, documents=[[1], [1, 2]])
    return found


CALLS = calls()


@pytest.mark.parametrize("name", CALLS)
def test_wrong_arguments(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # some name a folder to write to
    call, given, names = CALLS[name]
    for argument in names:
        for value in [*NUMBERS, *NO_INTEGERS, *OTHERS]:
            with no_hang():
                try:
                    call(**{**given, argument: value})
                except (CtxtoolsError, TypeError, ValueError, MemoryError):
                    pass
                except Exception as error:
                    error.add_note(f"{name}({argument}={type(value).__name__})")
                    raise


@pytest.mark.parametrize("value", NO_INTEGERS)
def test_numbers_of_tokens_are_integers(value: Any) -> None:
    for call in (
        lambda: MODEL.budget(reserve_output=value),
        lambda: MODEL.budget(overhead=value),
        lambda: ctx.Budget.within(value),
        lambda: ctx.Budget.within(1000, max_input=value),
        lambda: ctx.pack([ctx.Document("a", "b")], ENCODING, budget=value),
        lambda: ctx.pack_messages([{"role": "user", "content": "a"}], ENCODING, budget=value),
        lambda: ctx.pack_messages([], ENCODING, budget=9, image_tokens=value),
        lambda: ctx.pack_sequences([1], value),
        lambda: ctx.pack_sequences([value], 5),
        lambda: list(ctx.pack_stream([value], 5)),
        lambda: ctx.Chunker(ENCODING, chunk_size=value),
        lambda: ENCODING.truncate("a", value),
        lambda: ENCODING.fits("a", value),
        lambda: ctx.PackedDataset(PLAN, [], shard=value),
        lambda: ctx.PackedDataset.open("/nonexistent", shards=value),
        lambda: ctx.WindowStream("/nonexistent", start=value),
        lambda: ctx.pack_ids_stream([[1]], 9, buffer=value),
        lambda: ctx.plan_memory("qwen3-8b", "h100", value),
        lambda: ctx.plan_memory("qwen3-8b", "h100", context=value),
        lambda: ctx.plan_memory("qwen3-8b", "h100", sequences=value),
    ):
        with pytest.raises(UsageError):
            call()
