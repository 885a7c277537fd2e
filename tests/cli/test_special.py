"""--special and --added-tokens: the tokens that a model sees beside those of the text."""

import json
from pathlib import Path

import pytest
from tokenizers import Tokenizer, models, processors
from tokenizers import pre_tokenizers as pre

from ctxtools.encodings import get_encoding
from tests.cli.conftest import Run
from tests.oracles import reference

PROMPT = "<|im_start|>user\nHow deep?<|im_end|>\n<|im_start|>assistant\n"
_count = reference("qwen2")
PLAIN = len(_count(PROMPT))
SPECIAL = 3 + sum(len(_count(part)) for part in ("user\nHow deep?", "\n", "assistant\n"))


@pytest.fixture
def bert(folder: Path) -> str:
    tokenizer = Tokenizer(models.WordLevel({"[UNK]": 0, "a": 1}, "[UNK]"))
    tokenizer.pre_tokenizer = pre.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="$A $B", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    tokenizer.save(str(folder / "bert.json"))
    return "bert.json"


@pytest.fixture
def prompt(folder: Path) -> Path:
    path = folder / "p.txt"
    path.write_text(PROMPT)
    return path


def test_a_rendered_prompt_is_counted_as_the_model_sees_it(run: Run, prompt: Path) -> None:
    assert run("count", "p.txt", "-e", "qwen2").stdout == f"{PLAIN}\n"
    assert run("count", "p.txt", "-e", "qwen2", "--special").stdout == f"{SPECIAL}\n"
    assert run("count", "--special", "-m", "qwen3-8b", input=PROMPT).stdout == f"{SPECIAL}\n"
    ids = run("encode", "p.txt", "-e", "qwen2", "--special").stdout.split()
    assert len(ids) == SPECIAL


def test_several_files_targets_and_json(run: Run, prompt: Path, folder: Path) -> None:
    (folder / "q.txt").write_text("<|endoftext|>")
    arguments = ["count", ".", "-e", "qwen2", "-e", "o200k_base", "--special", "--json"]
    found = json.loads(run(*arguments).stdout)
    assert [column["special"] for column in found["columns"]] == [True, True]
    tokens = {file["path"]: file["tokens"] for file in found["files"]}
    assert tokens["q.txt"] == {"qwen2": 1, "o200k_base": 1}
    assert tokens["p.txt"]["qwen2"] == SPECIAL
    assert tokens["p.txt"]["o200k_base"] > SPECIAL, "<|im_start|> is none of its special tokens"
    plain = json.loads(run("count", ".", "-e", "qwen2", "--json").stdout)
    assert "special" not in plain["columns"][0]
    assert plain["total"]["tokens"]["qwen2"] > SPECIAL + 1


@pytest.mark.parametrize("name", ["r.jsonl", "r.parquet"])
def test_records(name: str, run: Run, folder: Path) -> None:
    rows = [{"text": PROMPT}, {"text": None}, {"text": "a"}]
    option = "--field"
    if name.endswith("parquet"):
        pyarrow = pytest.importorskip("pyarrow")
        from pyarrow import parquet

        parquet.write_table(pyarrow.Table.from_pylist(rows), name)
        option = "--column"
    else:
        (folder / name).write_text("".join(json.dumps(row) + "\n" for row in rows))
    arguments = ["count", name, option, "text", "-e", "qwen2"]
    assert run(*arguments).stdout == f"{PLAIN + 1}\n"
    assert run(*arguments, "--special").stdout == f"{SPECIAL + 1}\n"


@pytest.mark.parametrize("before", [0, (1 << 18) - 5, (1 << 20) - 3, (1 << 20) - 12])
def test_a_spelling_over_the_border_of_two_blocks(before: int, run: Run, folder: Path) -> None:
    text = "word " * (before // 5) + "w" * (before % 5) + "<|im_end|>" + " more words" * 500_000
    (folder / "long.txt").write_text(text)
    arguments = ["count", "-e", "qwen2", "--special"]
    counts = [int(run(*arguments, "long.txt").stdout), int(run(*arguments, input=text).stdout)]
    plain = int(run("count", "long.txt", "-e", "qwen2").stdout)
    assert counts[0] == counts[1] < plain
    assert counts[0] == len(get_encoding("qwen2").encode(text, allowed_special="all"))


def test_fits(run: Run, prompt: Path) -> None:
    arguments = ["fits", "p.txt", "-e", "qwen2", "--limit", str(SPECIAL)]
    assert run(*arguments).exit_code == 1
    ran = run(*arguments, "--special", "--json")
    assert ran.exit_code == 0
    [column] = json.loads(ran.stdout)["columns"]
    assert (column["tokens"], column["special"]) == (SPECIAL, True)


def test_what_a_tokenizer_adds(run: Run, bert: str, folder: Path) -> None:
    (folder / "t.txt").write_text("a " * 10)
    assert run("count", "t.txt", "-e", bert).stdout == "10\n"
    assert run("count", "t.txt", "-e", bert, "--added-tokens").stdout == "12\n"
    ids = run("encode", "t.txt", "-e", bert, "--added-tokens", "--format", "json").stdout
    assert json.loads(ids) == [2, *[1] * 10, 3]
    assert run("count", "t.txt", "--added-tokens").stdout == run("count", "t.txt").stdout
    (folder / "r.jsonl").write_text('{"x": "a a"}\n{"x": ""}\n')
    arguments = ["r.jsonl", "--field", "x", "-e", bert, "-e", "o200k_base", "--added-tokens"]
    found = json.loads(run("count", *arguments, "--json").stdout)
    assert [column["added_tokens"] for column in found["columns"]] == [2, 0]
    assert found["total"]["tokens"] == {bert: 2 + 2 * 2, "o200k_base": 2}
    fits = ["fits", "t.txt", "-e", bert, "--limit"]
    assert run(*fits, "11").exit_code == run(*fits, "12", "--added-tokens").exit_code == 0
    assert run(*fits, "11", "--added-tokens").exit_code == 1


@pytest.mark.parametrize("option", ["--special", "--added-tokens"])
@pytest.mark.parametrize("command", ["count", "fits"])
def test_an_estimate_has_no_such_tokens(command: str, option: str, run: Run, prompt: Path) -> None:
    ran = run(command, "p.txt", option, "-m", "claude-opus-4-8")
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert f"{option} needs the tokenizer of claude-opus-4-8" in ran.stderr


def test_an_encoding_without_special_tokens(run: Run, bert: str, prompt: Path) -> None:
    for command in ("count", "encode", "show"):
        ran = run(command, "p.txt", "--special", "-e", bert)
        assert ran.exit_code == 2
        assert "--special needs special tokens, and bert.json has none" in ran.stderr


def test_chunks_have_room_for_what_a_tokenizer_adds(run: Run, bert: str, folder: Path) -> None:
    (folder / "t.txt").write_text("The cat sleeps. It dreams of mice, and of a bed. " * 9)
    arguments = ["chunk", "t.txt", "-e", bert, "--size", "12"]
    ran = run(*arguments, "--dry-run", "--json")
    assert '"limit": 12' in ran.stdout and '"added_tokens": 2' in ran.stdout
    assert "chunks of at most 12 tokens, 2 of which the tokenizer adds, from 1 doc" in ran.stderr
    assert run(*arguments, "--dry-run").stdout.splitlines()[-1].startswith("10 to 10")
    ran = run(*arguments, "--no-added-tokens", "--dry-run")
    assert "chunks of at most 12 tokens from 1 document" in ran.stderr
    assert "11 to 12" in ran.stdout
    ran = run("chunk", "t.txt", "-e", bert, "--size", "2")
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert "--size must be > 2, got 2: bert.json itself adds 2 tokens" in ran.stderr
    assert "hint: raise it, or leave these out with --no-added-tokens" in ran.stderr


def test_a_chunk_and_what_is_added_to_it_above_the_limit_of_the_model(
    run: Run, bert: str, folder: Path
) -> None:
    (folder / "ctxtools.toml").write_text(
        f'[[models]]\nname = "ours"\ncontext = 16\ntokenizer = "{bert}"\n'
    )
    for options, noted in (
        (["-s", "16"], ""),
        (["-s", "14", "--no-added-tokens"], ""),
        (["-s", "17"], "--size 17 is above the limit of ours, 16 tokens"),
        (
            ["-s", "15", "--no-added-tokens"],
            "--size 15, with the 2 tokens that its tokenizer adds, is above the limit of ours, 16",
        ),
    ):
        stderr = run("chunk", "-m", "ours", *options, input="a " * 20).stderr
        assert noted in stderr
        assert ("note: " in stderr) == bool(noted)


def test_truncate_with_the_tokens_beside_the_text(run: Run, bert: str, folder: Path) -> None:
    arguments = ["truncate", "--json", "-l", "8", "-e", bert, "--added-tokens"]
    facts = json.loads(run(*arguments, input="a " * 20).stdout)
    assert (facts["tokens_before"], facts["tokens"], facts["added_tokens"]) == (22, 8, 2)
    assert facts["text"].split() == ["a"] * 6
    ran = run("truncate", "-l", "1", "-e", bert, "--added-tokens", input="a")
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert "--limit must be >= 2 with --added-tokens, got 1" in ran.stderr
    arguments = ["truncate", "-e", "qwen2", "--special", "-l", str(SPECIAL - 1)]
    assert run(*arguments, input=PROMPT).stdout == PROMPT.removesuffix("\n")
