"""ctx truncate: whether it cut, in JSON and by its exit code. See also test_commands.py."""

import json
from pathlib import Path
from typing import get_args

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ctxtools.encodings import Side
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
