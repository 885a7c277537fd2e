"""``ctx mcp`` as clients start it: a process that is spoken to over its standard streams."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from mcp import Client
from mcp.client.stdio import StdioServerParameters

import ctxtools as ctx

COMMAND = ["-m", "ctxtools", "mcp"]


def request(number: int, method: str, **params: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": number, "method": method, "params": params}


START = [
    request(
        0,
        "initialize",
        protocolVersion="2025-06-18",
        capabilities={},
        clientInfo={"name": "test", "version": "1"},
    ),
    {"jsonrpc": "2.0", "method": "notifications/initialized"},
]


def speak(root: Path, *messages: object) -> tuple[list[Any], str]:
    """What a process answers to messages, each a line, and what it prints to stderr."""
    awaited = {each["id"] for each in messages if isinstance(each, dict) and "id" in each}
    process = subprocess.Popen(
        [sys.executable, *COMMAND, "--root", str(root)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    assert process.stdin is not None and process.stdout is not None
    with process:
        for each in messages:
            process.stdin.write(each if isinstance(each, str) else json.dumps(each))
            process.stdin.write("\n")
        process.stdin.flush()
        answers = []
        while awaited:  # calls that run when the input ends are cancelled
            answers.append(json.loads(process.stdout.readline()))
            awaited.discard(answers[-1].get("id"))
        rest, stderr = process.communicate(timeout=60)
    assert process.returncode == 0, stderr
    return answers + [json.loads(line) for line in rest.splitlines()], stderr


def test_the_clients_of_the_sdk(root: Path) -> None:
    server = StdioServerParameters(
        command=sys.executable, args=[*COMMAND, "--root", str(root)], env={**os.environ}
    )

    async def main() -> None:
        async with Client(server) as client:
            assert len((await client.list_tools()).tools) == 7
            found = await client.call_tool("count", {"paths": ["README.md"]})
            tokens = ctx.get_encoding("o200k_base").count((root / "README.md").read_text())
            assert found.structured_content is not None
            assert found.structured_content["totals"][0]["tokens"] == tokens
            assert (await client.call_tool("count", {"paths": ["../secret"]})).is_error

    asyncio.run(main())


def test_nothing_but_the_protocol_is_on_stdout(root: Path) -> None:
    """Nor do errors, or programs that the library starts, write there."""
    for command in (["git", "init", "-q"], ["git", "add", "."]):
        subprocess.run(command, cwd=root, check=True, capture_output=True)
    (root / "bad.pdf").write_bytes(b"%PDF-1.4\n" + b"\0" * 90)  # which a child process reads
    calls: list[tuple[str, dict[str, Any]]] = [
        ("count", {"paths": ["."]}),
        ("pack", {"paths": ["."], "query": "double"}),
        ("chunk", {"path": "bad.pdf"}),
        ("count", {"paths": ["/etc/passwd"]}),
        ("count", {"wrong": 1}),
        ("nothing", {}),
        ("memory", {"model": "qwen3-8b", "device": "h100"}),
        ("messages", {"messages": [{"role": "user", "content": "a"}], "model": "gpt-4o"}),
    ]
    numbered = [
        request(number, "tools/call", name=name, arguments=arguments)
        for number, (name, arguments) in enumerate(calls, 1)
    ]
    broken = ["", "no json", '{"jsonrpc": "2.0"}', "[1]", "\ufeff{}", '{"id": NaN}']
    answers, _ = speak(root, *START, *broken, *numbered, request(99, "no/method"))
    found = {each["id"]: each for each in answers if each.get("id") is not None}
    assert {*range(len(calls) + 1), 99} == {*found}
    assert all(each["jsonrpc"] == "2.0" for each in answers)
    assert [found[n]["result"].get("isError", False) for n in range(1, 9)] == [
        *(False, False, True, True, True, True, False, False),
    ]
    assert "error" in found[99]


def test_errors_have_no_stack(root: Path) -> None:
    answers, stderr = speak(
        root, *START, request(1, "tools/call", name="count", arguments={"paths": ["../x"]})
    )
    assert "Traceback" not in stderr and "Traceback" not in json.dumps(answers)


def test_it_ends_with_its_client(root: Path) -> None:
    """Also while a call works that cannot be interrupted."""
    code = (
        "import sys, time, threading; from ctxtools.services.mcp import jail\n"
        "jail.JailedContent.open = lambda content: (print('waits', file=sys.stderr, flush=True),"
        " time.sleep(120))\n"
        "from ctxtools.cli import main; main()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, "mcp", "--root", str(root)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    assert process.stdin is not None and process.stderr is not None
    with process:
        reading = request(1, "tools/call", name="count", arguments={"paths": ["README.md"]})
        process.stdin.write("".join(f"{json.dumps(each)}\n" for each in (*START, reading)))
        process.stdin.flush()
        assert process.stderr.readline() == "waits\n"
        process.communicate(timeout=60)
    assert process.returncode == 0
