"""``ctx encodings``."""

import json
from pathlib import Path

import pytest

from ctxtools.encodings.files.specs import SPECS
from tests.cli.conftest import Run


def test_the_command(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(folder / "cache"))
    listed = run("encodings")
    assert [line.split()[0] for line in listed.stdout.splitlines()[2:]] == [*SPECS]
    assert [each["name"] for each in json.loads(run("encodings", "--json").stdout)] == [*SPECS]
    described = json.loads(run("encodings", "qwen2", "--json").stdout)[0]
    assert described["special_tokens"]["<|im_start|>"] == 151644
    assert (described["pattern"], described["nfc"]) == ("qwen2", True)
    assert "151,669 ids" in run("encodings", "qwen2").stdout
    ran = run("encodings", "export", "cl100k_base")
    assert (ran.exit_code, ran.stderr) == (0, "")
    assert ran.stdout.startswith("cl100k_base is now in ")
    ran = run("encodings", "export", "cl100k_base", "-o", "a.bin", "--format", "tiktoken", "--json")
    assert json.loads(ran.stdout) == {"name": "cl100k_base", "path": "a.bin"}
    assert run("encodings", "a.bin#cl100k", "--json").exit_code == 0
    for words in (("export",), ("export", "qwen2"), ("export", "qwen2", "-o", "-"), ("-o", "x")):
        assert run("encodings", *words).exit_code == 2
    assert run("encodings", "export", "qwen2", "-o", "no/x.json").exit_code == 2


def test_verbs_that_are_not_needed(run: Run) -> None:
    assert run("encodings", "list").stdout == run("encodings").stdout
    assert run("encodings", "describe", "qwen2").stdout == run("encodings", "qwen2").stdout
    assert "describe takes encodings" in run("encodings", "describe").stderr


def test_a_name_that_is_none(run: Run) -> None:
    ran = run("encodings", "nope")
    assert ran.exit_code == 2
    assert "`ctx models NAME` takes a model" in ran.stderr
    assert "encoding_for_model" not in ran.stderr
