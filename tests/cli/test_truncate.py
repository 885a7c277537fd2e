"""ctx truncate: whether it cut, in JSON and by its exit code. See also test_commands.py."""

import json
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ctxtools.encodings import Side, get_encoding
from ctxtools.encodings.engines.stream import StreamCounter
from tests.cli.conftest import Run
from tests.oracles import reference


@given(
    text=st.text("ab é漢\n", max_size=60),
    limit=st.integers(0, 20),
    side=st.sampled_from(get_args(Side)),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
def test_truncate_says_whether_it_cut(text: str, limit: int, side: str, run: Run) -> None:
    arguments = ["truncate", "-l", str(limit), "--side", side, "--fail-over", "-q"]
    ran, found = run(*arguments, input=text), run(*arguments, "--json", input=text)
    before = len(reference("o200k_base")(text))
    was_cut = before > limit
    facts = json.loads(found.stdout)
    assert (ran.exit_code, found.exit_code) == (was_cut, was_cut)
    assert facts["was_cut"] is was_cut
    assert facts["text"].encode() == ran.stdout_bytes
    assert (facts["tokens_before"], facts["limit"], facts["side"]) == (before, limit, side)
    assert facts["tokens"] == len(reference("o200k_base")(facts["text"])) <= limit
    assert facts["characters_before"] == len(text)
    assert facts["characters"] == len(facts["text"])
    assert found.stderr == ""


def test_truncate_to_a_file_and_json(run: Run, folder: Path) -> None:
    (folder / "a.txt").write_text("one two three four")
    ran = run("truncate", "a.txt", "-l", "2", "--json", "-o", "out.txt")
    facts = json.loads(ran.stdout)
    assert (ran.exit_code, facts["was_cut"], facts["tokens"]) == (0, True, 2)
    assert facts["output"] == "out.txt" and "text" not in facts
    assert (folder / "out.txt").read_text() == "one two"
    ran = run("truncate", "a.txt", "-l", "2")
    assert (ran.exit_code, ran.stdout) == (0, "one two")
    assert "removed 11 of 18 characters, 2 tokens remain" in ran.stderr
    assert run("truncate", "a.txt", "-l", "4", "--fail-over").exit_code == 0


@given(
    text=st.lists(st.sampled_from(["a", " b", "\n", "漢", "é", "1", "<|endoftext|>", "don't"])),
    limit=st.integers(0, 20),
    size=st.integers(1, 7),
    special=st.booleans(),
)
def test_what_follows_a_safe_split_above_the_limit_does_not_matter(
    text: list[str], limit: int, size: int, special: bool
) -> None:
    """So a pipe is read no further."""
    joined = "".join(text)
    allowed = ("<|endoftext|>",) if special else ()
    encoding = get_encoding("o200k_base")
    whole = encoding.truncate(joined, limit, allowed_special=allowed)
    counter = StreamCounter(lambda text: encoding.count(text), encoding.backend.next_split)
    counters = [encoding.counter(allowed_special=allowed), *([] if special else [counter])]
    for each in counters:
        for end in range(0, len(joined) + size, size):
            each.feed(joined[end : end + size])
            if each.count_so_far > limit:
                part = joined[: end + size]
                assert encoding.truncate(part, limit, allowed_special=allowed) == whole
                break


@pytest.mark.skipif(sys.platform == "win32", reason="a shell")
@pytest.mark.parametrize("options", ["", "--json", "--json -o out.txt", "-q --fail-over"])
def test_an_endless_pipe_is_read_as_far_as_it_takes(options: str, folder: Path) -> None:
    """It read on forever."""
    ctx = f"{sys.executable} -m ctxtools truncate -l 5 {options}"
    ran = subprocess.run(f"yes | {ctx}", shell=True, capture_output=True, timeout=120)
    assert ran.returncode == int("--fail-over" in options)
    if "--json" in options:
        facts = json.loads(ran.stdout)
        assert (facts["was_cut"], facts["complete"], facts["tokens"]) == (True, False, 5)
        assert facts["tokens_before"] > 5 and facts["characters_before"] > 10
        text = facts["text"] if "-o" not in options else (folder / "out.txt").read_text()
        assert text == "y\ny\ny"
    else:
        assert ran.stdout == b"y\ny\ny"
        assert (b"removed at least " in ran.stderr) is ("-q" not in options)


@pytest.mark.skipif(sys.platform == "win32", reason="a shell")
@pytest.mark.parametrize(
    "command",
    [
        "encode",
        "show",
        "decode",
        "truncate -l 5 --side left",
        "pack -",
        "pack - --field text",
        "pack x.txt --template -",
        "chunk --format markdown",
        "pack-sequences -w 9 --field text",
        "count --field text",
        "bench --rounds 1 -",
    ],
)
def test_what_has_to_be_read_to_its_end_has_a_limit(command: str, folder: Path) -> None:
    """They ate memory until the system ended them, and perhaps others."""
    (folder / "x.txt").write_text("text")
    source = 'yes \'{"text": "x"}\'' if command == "pack - --field text" else "yes 1"
    if command.endswith("--field text") and "pack -" not in command:
        source = "yes | tr -d '\\n'"
    code = (
        "import sys; import ctxtools.documents.text as text; text._MAX_HELD = 1 << 20; "
        f"sys.argv = ['ctx', *{command.split()!r}]; from ctxtools.cli import main; main()"
    )
    ran = subprocess.run(
        f'{source} | {sys.executable} -c "{code}"', shell=True, capture_output=True, timeout=120
    )
    assert ran.returncode == 2
    assert b"error: " in ran.stderr and b"more than 1 Mi" in ran.stderr, ran.stderr
    assert b"compressed or from a pipe or a device\n\nhint: save it to a file" in ran.stderr
