"""What a call may take; that it can be cancelled; that others are answered meanwhile."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from mcp import Client
from mcp_types import ListRootsResult, Root

from ctxtools.documents.source import Source
from ctxtools.services.mcp.call import Call, CallEndedError, Limits
from ctxtools.services.mcp.jail import JailedContent
from ctxtools.services.mcp.make import make_server
from ctxtools.services.mcp.server import Server
from tests.services.mcp.calling import ask, call, error_of, run, text_of


class Gate:
    """Holds up the reading of files.

    Attributes:
        opened: how many were.
        waits: set where one waits.
        lets: how many may be opened before the others wait.
    """

    def __init__(self, lets: int) -> None:
        self.opened = 0
        self.lets = lets
        self.waits = threading.Event()
        self.passed = threading.Event()
        self._lock = threading.Lock()

    def enter(self) -> None:
        with self._lock:
            self.opened += 1
            waits = self.opened > self.lets
        if waits:
            self.waits.set()
            assert self.passed.wait(30)


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch, root: Path) -> Iterator[Gate]:
    """A gate for the first file and those after it, of two hundred."""
    for number in range(200):
        (root / f"{number}.txt").write_text("some words")
    gate, open_content = Gate(0), JailedContent.open

    def opened(content: JailedContent) -> Source:
        gate.enter()
        return open_content(content)

    monkeypatch.setattr(JailedContent, "open", opened)
    yield gate
    gate.passed.set()


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_a_cancelled_call_ends_soon(server: Server, gate: Gate, mode: str) -> None:
    async def use(client: Client) -> None:
        task = asyncio.ensure_future(client.call_tool("count", {"paths": ["."]}))
        await asyncio.to_thread(gate.waits.wait, 30)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        # The server goes on with others, and the files that come now are not opened.
        gate.passed.set()
        assert (await client.call_tool("count", {"text": "a"})).structured_content

    run(server, use, mode=mode)
    server._threads.shutdown()
    # Those of which the reading had begun on each thread, and what these do at once.
    assert gate.opened < 203


def test_that_a_call_is_not_wanted_is_seen_at_each_file() -> None:
    waiting = Call(Limits())
    waiting.start()
    waiting.file_done()
    waiting.stop()
    for step in (waiting.check, waiting.file_done, lambda: waiting.read(1), waiting.start):
        with pytest.raises(CallEndedError, match="cancelled"):
            step()


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_others_are_answered_meanwhile(server: Server, gate: Gate, mode: str) -> None:
    async def use(client: Client) -> None:
        slow = asyncio.ensure_future(client.call_tool("count", {"paths": ["."]}))
        await asyncio.to_thread(gate.waits.wait, 30)
        assert len((await client.list_tools()).tools) == 7
        assert not (await client.call_tool("count", {"text": "a"})).is_error
        assert not slow.done()
        gate.passed.set()
        found = (await slow).structured_content
        assert found is not None and found["total_files"] == 203

    run(server, use, mode=mode)


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_progress_is_told(server: Server, gate: Gate, mode: str) -> None:
    gate.lets = 150
    told: list[tuple[float, float | None, str | None]] = []

    async def progress(progress: float, total: float | None, message: str | None) -> None:
        told.append((progress, total, message))
        gate.passed.set()

    async def use(client: Client) -> None:
        await client.call_tool("count", {"paths": ["."]}, progress_callback=progress)

    run(server, use, mode=mode)
    assert told and told == sorted(told)
    done, total, message = told[0]
    assert done > 0 and total is None and message is not None and "files" in message


def test_a_call_that_takes_too_long(root: Path, gate: Gate) -> None:
    server = make_server([root], limits=Limits(seconds=0.2))
    message = error_of(server, "count", paths=["."])
    assert message == "the call took longer than 0.2 seconds\n\nhint: " + (
        "name fewer files, or a smaller text"
    )
    gate.passed.set()


def test_a_call_that_reads_too_much(root: Path) -> None:
    server = make_server([root], limits=Limits(bytes=400))
    [skipped] = ask(server, "count", paths=["docs"])["skipped"]
    assert skipped["path"] == "docs/guide.md" and "above the maximum file size" in skipped["reason"]
    for number in range(50):
        (root / "docs" / f"{number}.txt").write_text("some words")
    for tool in ("count", "pack"):
        message = error_of(server, tool, paths=["docs"])
        assert message.startswith("more than 400 B to read\n\nhint: ")
    assert "more than 400 B" in error_of(server, "count", text="a" * 401)
    assert "more than 400 B" in error_of(server, "chunk", text="a" * 401)


def test_an_answer_with_too_many_entries(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ctxtools.services.mcp.tools.chunk.MAX_ENTRIES", 100)
    assert ask(server, "chunk", text="a\n" * 100, chunk_size=2)["total_chunks"] <= 100
    message = error_of(server, "chunk", text="a\n" * 1000, chunk_size=2)
    assert message == "more than 100 chunks\n\nhint: raise chunk_size"


def test_few_calls_run_at_once(root: Path, gate: Gate) -> None:
    server = make_server([root], limits=Limits(calls=1))

    async def use(client: Client) -> None:
        slow = asyncio.ensure_future(client.call_tool("count", {"paths": ["."]}))
        await asyncio.to_thread(gate.waits.wait, 30)
        waiting = asyncio.ensure_future(client.call_tool("count", {"text": "a"}))
        done, _ = await asyncio.wait({waiting}, timeout=0.05)
        assert not done
        gate.passed.set()
        assert not (await waiting).is_error and not (await slow).is_error

    run(server, use)


def test_an_error_is_short(server: Server) -> None:
    for tool, arguments in (
        ("messages", {"messages": [{"role": "user", "content": 1, "x" * 5000: 1}] * 50}),
        ("count", {"paths": ["x" * 100_000]}),
        ("count", {"x" * 100_000: 1}),
        ("models", {"find": ["x" * 100_000]}),
        ("memory", {"model": "x" * 100_000, "device": "y" * 100_000}),
        ("chunk", {"text": "a", "format": "x" * 100_000}),
        ("fits", {"text": "a", "model": "\n" * 100_000}),
    ):
        assert 10 < len(error_of(server, tool, **arguments)) <= 2_001


def test_an_error_from_inside_says_nothing(
    server: Server, monkeypatch: pytest.MonkeyPatch, root: Path
) -> None:
    def broken(content: object) -> Source:
        raise RuntimeError(f"inside {root.parent}")

    monkeypatch.setattr(JailedContent, "open", broken)
    assert error_of(server, "count", paths=["README.md"]) == "Error executing tool count"


def test_a_client_may_work_in_a_part(server: Server, root: Path) -> None:
    secret = root.parent / "secret"

    def found(*folders: str) -> str:
        roots = ListRootsResult(roots=[Root(uri=each) for each in folders])  # type: ignore[arg-type]

        async def answer(context: object) -> ListRootsResult:
            return roots

        async def use(client: Client) -> str:
            return text_of(await client.call_tool("count", {"paths": ["."]}))

        return run(server, use, mode="legacy", list_roots_callback=answer)

    assert '"guide.md"' in found(f"{root.as_uri()}/docs")
    assert '"README.md"' not in found(f"{root.as_uri()}/docs")
    # What is elsewhere, or is around the folder that is served, does not widen it.
    for folders in ([root.parent.as_uri()], [secret.as_uri()], ["file:///"], []):
        assert '"README.md"' in found(*folders) and "hidden" not in found(*folders)
    assert '"README.md"' in found("file://elsewhere/share", f"{root.as_uri()}/nothing")


def test_a_client_that_does_not_say_where_it_works(server: Server) -> None:
    async def refuse(context: object) -> ListRootsResult:
        raise ValueError("no")

    async def use(client: Client) -> str:
        return text_of(await client.call_tool("count", {"paths": ["."]}))

    assert '"README.md"' in run(server, use, mode="legacy", list_roots_callback=refuse)
    assert not call(server, "count", paths=["README.md"]).is_error
