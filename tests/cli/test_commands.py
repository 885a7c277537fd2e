"""The other commands: fits, truncate, encode, decode, show, models, info."""

import json
import platform
import re
from pathlib import Path

import pytest

from ctxtools import __version__
from ctxtools.encodings import list_encodings
from ctxtools.models import get_model
from tests.cli.conftest import Run
from tests.encodings.engines.tokenizer_shapes import flagged, with_tokens
from tests.oracles import reference

TEXT = "Some words, 日本語 \U0001f468\u200d\U0001f469 and <|endoftext|>.\n"


def count(text: str, name: str = "o200k_base") -> int:
    return len(reference(name)(text))


def test_fits_says_by_how_much(run: Run, folder: Path) -> None:
    (folder / "a.txt").write_text(TEXT * 10)
    n, context = count(TEXT * 10, "deepseek_v3"), get_model("deepseek-v4").context or 0
    ran = run("fits", "a.txt", "-m", "deepseek-v4", "--reserve", "32k", "--no-framing")
    assert ran.exit_code == 0
    assert ran.stdout == (
        f"deepseek-v4: fits, {n:,} of {context - 32_000:,} ({context:,} minus 32,000 reserved), "
        f"{context - 32_000 - n:,} to spare\n"
    )
    ran = run("fits", "a.txt", "--limit", str(n - 1), "-e", "deepseek_v3")
    assert ran.exit_code == 1
    assert ran.stdout == f"deepseek_v3: does not fit, {n:,} of {n - 1:,} tokens, over by 1\n"


def test_fits_stops_as_soon_as_it_knows(run: Run, folder: Path) -> None:
    (folder / "a.txt").write_text(TEXT * 200_000)
    ran = run("fits", "a.txt", "--limit", "1000", "--json")
    answer = json.loads(ran.stdout)
    assert (ran.exit_code, answer["fits"]) == (1, False)
    column = answer["columns"][0]
    assert (column["fits"], column["complete"]) == (False, False)
    assert 1000 < column["tokens"] < count(TEXT) * 200_000 / 2
    people = run("fits", "a.txt", "--limit", "1000").stdout
    assert re.search(r"does not fit, at least [\d,]+ of 1,000 tokens; ", people)
    assert re.search(r"\d+% of the bytes were read, all may be ~[\d,]+$", people.strip())


def test_fits_all_files_together(run: Run, folder: Path) -> None:
    for name in "abc":
        (folder / f"{name}.txt").write_text(TEXT)
    n = 3 * count(TEXT)
    assert run("fits", ".", "--limit", str(n)).exit_code == 0
    assert run("fits", ".", "--limit", str(n - 1)).exit_code == 1
    assert run("fits", ".", "gone", "--limit", str(n)).exit_code == 2
    assert run("fits", ".").exit_code == 2, "there is no limit"


def test_fits_for_several_models(run: Run, folder: Path) -> None:
    (folder / "a.txt").write_text(TEXT * 2000)
    ran = run("fits", "a.txt", "-m", "gpt-4", "-m", "deepseek-v4")
    first, second = ran.stdout.splitlines()
    assert ran.exit_code == 1
    assert first.startswith("gpt-4: does not fit")
    assert second.startswith("deepseek-v4: fits")


@pytest.mark.parametrize("name", list_encodings())
@pytest.mark.parametrize("side", ["left", "right"])
def test_truncate(name: str, side: str, run: Run) -> None:
    ran = run("truncate", "--limit", "12", "--side", side, "-e", name, input=TEXT * 9)
    assert ran.exit_code == 0
    kept = ran.stdout_bytes.decode()
    assert kept in TEXT * 9
    assert 0 < count(kept, name) <= 12
    assert (TEXT * 9).startswith(kept) if side == "right" else (TEXT * 9).endswith(kept)


def test_truncate_to_a_file(run: Run, folder: Path) -> None:
    (folder / "a.txt").write_text(TEXT)
    assert run("truncate", "a.txt", "-l", "0", "-o", "out.txt", "-q").exit_code == 0
    assert (folder / "out.txt").read_bytes() == b""
    failed = run("truncate", "a.txt", "-l", "5", "-o", "no/where/out.txt")
    assert failed.exit_code == 2
    assert "no/where" in failed.stderr
    assert run("truncate", "a.txt").exit_code == 2, "there is no limit"
    closed = run("truncate", "a.txt", "-m", "grok-4.3")
    assert closed.exit_code == 2
    assert "not public" in closed.stderr


@pytest.mark.parametrize("name", list_encodings())
@pytest.mark.parametrize("format", ["lines", "json", "raw"])
def test_decode_is_the_inverse_of_encode(name: str, format: str, run: Run) -> None:
    ids = run("encode", "--format", format, "-e", name, input=TEXT).stdout_bytes
    expected = reference(name)(TEXT)
    if format == "lines":
        assert [int(line) for line in ids.splitlines()] == expected
    elif format == "json":
        assert json.loads(ids) == expected
    else:
        assert ids == b"".join(i.to_bytes(4, "little") for i in expected)
    assert run("decode", "--format", format, "-e", name, input=ids).stdout == TEXT
    if format != "raw":
        assert run("decode", "-e", name, input=ids).stdout == TEXT


def test_special_tokens_on_request(run: Run) -> None:
    assert run("encode", "--special", input="<|endoftext|>").stdout == "199999\n"
    assert run("decode", input="199999").stdout == "<|endoftext|>"


@pytest.mark.parametrize(
    ("ids", "options"),
    [
        *((ids, []) for ids in ("1 two", "[1, 2", "[1, true]", "999999999", "-1", "[1.5]")),
        ('{"a": 1}', ["--format", "json"]),
        ("abc", ["--format", "raw"]),
    ],
)
def test_invalid_list_of_ids(ids: str, options: list[str], run: Run) -> None:
    ran = run("decode", *options, input=ids)
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert ran.stderr.startswith("error: ")


def test_show(run: Run) -> None:
    text = "héllo 龘\n\tx"
    plain = run("show", input=text).stdout
    assert plain.replace("│", "").rstrip("\n") == text
    ids = re.findall(r"‹(\d+)›", run("show", "--ids", input=text).stdout)
    assert [int(i) for i in ids] == reference("o200k_base")(text)
    colored = run("show", "--color", "always", input=text).stdout
    assert (
        re.sub(r"\x1b\[[\d;]*m", "", colored).translate({0x23CE: None, 0x21E5: None}) == text + "\n"
    )


def test_show_keeps_the_spaces_that_the_first_token_loses(run: Run, folder: Path) -> None:
    file = with_tokens("metaspace first", [flagged("<s>")])
    (folder / "tokenizer.json").write_text(json.dumps(file))
    shown = run("show", "-e", "./tokenizer.json", "--special", input="the end<s> a").stdout
    assert shown.replace("│", "").rstrip("\n") == "the end<s> a"


def test_models(run: Run) -> None:
    ran = run("models")
    assert "deepseek-v4-pro" in ran.stdout
    assert "closed (~)" in ran.stdout
    one = run("models", "deepseek-v4").stdout
    assert one.startswith("deepseek-v4-pro")
    assert "1,000,000 tokens" in one
    facts = json.loads(run("models", "gpt-5", "--json").stdout)[0]
    assert (facts["name"], facts["max_input"]) == ("gpt-5", 272_000)
    assert "more are known" in ran.stderr
    assert run("models", "gpt-4x").exit_code == 2


def test_models_are_found_by_words_in_their_names(run: Run) -> None:
    ran = run("models", "claude", "haiku")
    assert ran.exit_code == 0
    names = [line.split()[0] for line in ran.stdout.splitlines() if line.startswith("claude")]
    assert "claude-haiku-4-5" in names
    assert "claude-3-haiku-20240307" in names, "the list is searched too"
    assert all("haiku" in name for name in names)
    everything = json.loads(run("models", "--all", "--json").stdout)
    assert len(everything) > 1_000
    assert {"claude-haiku-4-5", "gpt-4o-2024-05-13"} <= {model["name"] for model in everything}
    two = run("models", "opus", "4.5").stdout
    assert two.split()[0] == "Model", "two models that have both words are a table"
    unknown = run("models", "claude", "zebra")
    assert unknown.exit_code == 2
    assert "unknown model 'claude'" in unknown.stderr


def test_a_window_that_is_unknown_is_said_to_be(run: Run, folder: Path) -> None:
    (folder / "a.txt").write_text("words " * 50)
    counted = run("count", "a.txt", "-m", "Qwen/Qwen3-9B-AWQ")
    assert (counted.exit_code, counted.stdout.strip()) == (0, "51")
    assert "the context window of Qwen/Qwen3-9B-AWQ is unknown" in counted.stderr
    facts = json.loads(run("count", "a.txt", "-m", "Qwen/Qwen3-9B-AWQ", "--json").stdout)
    assert facts["columns"][0]["limit"] is None
    commands = ["fits a.txt", "truncate a.txt", "count a.txt --fail-over", "pack a.txt"]
    for command in map(str.split, commands):
        ran = run(*command, "-m", "qwen3-9b")
        assert ran.exit_code == 2, command
        assert "the context window of qwen3-9b is unknown" in ran.stderr
        assert "--limit" in ran.stderr
    assert run("fits", "a.txt", "-m", "qwen3-9b", "--limit", "100").exit_code == 0
    assert "unknown" in run("models", "qwen3-9b").stdout


def test_importing_models(run: Run, folder: Path) -> None:
    row = {
        "new-model-9": {
            "litellm_provider": "someone",
            "mode": "chat",
            "max_input_tokens": 77_000,
            "max_output_tokens": 7_000,
            "input_cost_per_token": 1e-6,
            "output_cost_per_token": 2e-6,
        }
    }
    (folder / "litellm.json").write_text(json.dumps(row))
    ran = run("models", "import", "litellm.json")
    assert (ran.exit_code, ran.stderr) == (0, "")
    assert "77,000 tokens" in run("models", "new-model-9").stdout
    assert run("models", "import").exit_code == 2
    assert run("models", "import", "gone.json").exit_code == 2
    others = {"dall-e-9": {"mode": "image_generation"}, "gone-1": None, "gone-2": None}
    (folder / "more.json").write_text(json.dumps({**row, **others}))
    more = run("models", "import", "more.json")
    assert more.exit_code == 0
    assert "left out 3 entries" in more.stderr
    assert "2: its value is not an object: gone-1, gone-2" in more.stderr
    facts = json.loads(run("models", "import", "more.json", "--json").stdout)
    assert facts["models"] == ["new-model-9"]
    assert [each["entry"] for each in facts["left_out"]] == ["dall-e-9", "gone-1", "gone-2"]
    (folder / "none.json").write_text(json.dumps({"x/": {"mode": "chat", "max_tokens": 5}}))
    none = run("models", "import", "none.json")
    assert (none.exit_code, none.stdout) == (2, "")
    assert "has no model that can be used" in none.stderr
    assert "left out 1 entry" in none.stderr
    (folder / "bad.json").write_text("{")
    assert run("models", "import", "bad.json").exit_code == 2
    assert "77,000 tokens" in run("models", "new-model-9").stdout, "nothing was lost"


def test_info(run: Run, folder: Path) -> None:
    (folder / "ctxtools.toml").write_text('limit = "200k"\n')
    stdout = run("info").stdout
    assert re.search(rf"ctxtools +{re.escape(__version__)}", stdout)
    assert re.search(r"limit +200000  \(.*ctxtools\.toml\)", stdout)
    facts = json.loads(run("info", "--json").stdout)
    assert set(list_encodings()) <= set(facts["encodings"])
    assert {*facts["encodings"]["qwen2"]} == {"engine", "serves", "source", "licence"}
    assert facts["versions"]["ctxtools"] == __version__
    assert facts["versions"]["python"] == platform.python_version()
    setting = facts["configuration"]["settings"]["limit"]
    assert setting == {"value": 200_000, "origin": str(folder / "ctxtools.toml")}
    assert facts["configuration"]["settings"]["hidden"] == {"value": False, "origin": "default"}
    assert facts["configuration"]["files"] == [str(folder / "ctxtools.toml")]
    path = facts["caches"]["packs"]["path"]
    assert path in stdout
    assert run("pack", ".", "-e", "qwen2", "--limit", "999", "-o", "p").exit_code == 0
    size = json.loads(run("info", "--json").stdout)["caches"]["packs"]["bytes"]
    assert size == Path(path).stat().st_size
    (folder / "ctxtools.toml").write_text("limit = -1\n")
    broken = json.loads(run("info", "--json").stdout)["configuration"]
    assert list(broken) == ["error"]


def test_version_and_help(run: Run) -> None:
    assert run("--version").stdout == f"ctxtools {__version__}\n"
    assert run().exit_code == 2
    for command in ("count", "fits", "truncate", "encode", "decode", "show", "models", "info"):
        assert run(command, "-h").exit_code == 0


@pytest.mark.parametrize(
    ("words", "meant"),
    [("fitt", "Did you mean fits?"), ("corpus verfy", "Did you mean verify?"), ("help", "")],
)
def test_an_unknown_command_is_told_with_what_it_may_mean(run: Run, words: str, meant: str) -> None:
    for _ in range(2):  # the second time, commands may have been loaded
        ran = run(*words.split())
        assert ran.exit_code == 2
        said = " ".join(ran.stderr.replace("│", " ").split())
        assert f"No such command '{words.split()[-1]}'. {meant}".strip() in said
        assert said.count("Did you mean") == bool(meant)
