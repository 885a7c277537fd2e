"""``ctx count``: figures against the reference, the shapes of its output, and its exit codes."""

import csv
import io
import json
import py_compile
from pathlib import Path
from typing import Any

import pytest

from ctxtools.encodings import list_encodings
from ctxtools.models import get_model
from tests.cli.conftest import Run
from tests.oracles import reference

PROSE = "The quick brown fox, in 2026, wasn't <|endoftext|> yet.\n" * 40
CHINESE = "深度求索，通义千问。\n" * 30


def count(text: str, name: str = "o200k_base") -> int:
    return len(reference(name)(text))


@pytest.fixture
def tree(folder: Path) -> Path:
    """A folder with prose, Chinese, an ignored file, a hidden one and a binary one."""
    (folder / "docs").mkdir()
    (folder / "docs" / "prose.md").write_text(PROSE)
    (folder / "docs" / "中文.md").write_text(CHINESE)
    (folder / "code.py").write_text("x = 1\n")
    (folder / "left_out.log").write_text("log\n")
    (folder / ".hidden").write_text("hidden\n")
    (folder / ".gitignore").write_text("*.log\n")
    (folder / "image.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0")
    return folder


def parse(stdout: str) -> Any:
    return json.loads(stdout)


@pytest.mark.parametrize("name", list_encodings())
def test_one_input_prints_a_bare_number(name: str, run: Run, folder: Path) -> None:
    (folder / "a.txt").write_text(PROSE + CHINESE)
    ran = run("count", "a.txt", "-e", name)
    assert (ran.exit_code, ran.stdout, ran.stderr) == (0, f"{count(PROSE + CHINESE, name)}\n", "")


def test_stdin_is_the_default_in_a_pipe(run: Run) -> None:
    assert run("count", input=PROSE).stdout == f"{count(PROSE)}\n"
    assert run("count", "-", input=PROSE).stdout == f"{count(PROSE)}\n"
    assert run("count", input="").stdout == "0\n"


def test_json(run: Run, tree: Path) -> None:
    ran = run("count", ".", "--json", "-m", "deepseek-v4", "-e", "o200k_base")
    result = parse(ran.stdout)
    assert ran.exit_code == 0
    assert result["columns"] == [
        {
            "name": "deepseek-v4",
            "encoding": "deepseek_v3",
            "model": "deepseek-v4-pro",
            "limit": get_model("deepseek-v4-pro").context,
            "exact": True,
        },
        {
            "name": "o200k_base",
            "encoding": "o200k_base",
            "model": None,
            "limit": None,
            "exact": True,
        },
    ]
    texts = {"code.py": "x = 1\n", "docs/prose.md": PROSE, "docs/中文.md": CHINESE}
    assert result["files"] == [
        {
            "path": path,
            "bytes": len(text.encode()),
            "tokens": {"deepseek-v4": count(text, "deepseek_v3"), "o200k_base": count(text)},
        }
        for path, text in texts.items()
    ]
    assert result["skipped"] == [{"path": "image.png", "reason": "binary (PNG image)"}]
    assert result["total"] == {
        "files": 3,
        "bytes": sum(len(text.encode()) for text in texts.values()),
        "tokens": {
            "deepseek-v4": sum(count(text, "deepseek_v3") for text in texts.values()),
            "o200k_base": sum(count(text) for text in texts.values()),
        },
    }


def test_jsonl_has_a_line_for_each_file_and_one_for_all(run: Run, tree: Path) -> None:
    lines = [json.loads(line) for line in run("count", ".", "--jsonl").stdout.splitlines()]
    assert [line.get("path") for line in lines] == [
        "code.py", "docs/prose.md", "docs/中文.md", "image.png", None,
    ]  # fmt: skip
    assert lines[3] == {"path": "image.png", "skipped": "binary (PNG image)"}
    assert lines[4]["total"]["files"] == 3


def test_csv(run: Run, tree: Path) -> None:
    rows = list(csv.reader(io.StringIO(run("count", ".", "--csv", "--sort", "path").stdout)))
    assert rows[0] == ["path", "bytes", "o200k_base"]
    assert rows[1] == ["code.py", "6", str(count("x = 1\n"))]
    assert len(rows) == 4


def test_a_table_for_people(run: Run, tree: Path) -> None:
    ran = run("count", ".", "-m", "deepseek-v4", "-m", "claude-opus-4-8")
    assert "skipped: image.png: binary (PNG image)" in ran.stderr
    assert "claude-opus-4-8 is an estimate (~): " in ran.stderr
    assert "docs/prose.md" in ran.stdout
    total = count(PROSE, "deepseek_v3") + count(CHINESE, "deepseek_v3") + count("x = 1\n")
    assert f"deepseek-v4: {total:,} tokens, " in ran.stdout
    assert "of 1,000,000; $" in ran.stdout
    assert "total of 3 files" in ran.stdout


@pytest.mark.parametrize(
    ("by", "names"), [("dir", {".": 1, "docs": 2}), ("type", {".py": 1, ".md": 2})]
)
def test_groups(by: str, names: dict[str, int], run: Run, tree: Path) -> None:
    groups = parse(run("count", ".", "--by", by, "--json").stdout)["groups"]
    assert {group["name"]: group["files"] for group in groups} == names
    assert sum(group["tokens"]["o200k_base"] for group in groups) == sum(
        map(count, (PROSE, CHINESE, "x = 1\n"))
    )
    assert all(name in run("count", ".", "--by", by).stdout for name in names)


def test_a_tree(run: Run, tree: Path) -> None:
    lines = run("count", ".", "--tree").stdout.splitlines()
    paths = [line.split("B   ")[-1].rstrip() for line in lines if "──" in line][1:]
    assert paths == ["├── docs", "│   ├── prose.md", "│   └── 中文.md", "└── code.py"]


def test_top_shows_the_rest_as_one(run: Run, tree: Path) -> None:
    stdout = run("count", ".", "--top", "1").stdout
    assert "docs/prose.md" in stdout
    assert "… 2 more (--top 0 shows all)" in stdout
    assert "code.py" not in stdout


def test_which_files(run: Run, tree: Path) -> None:
    def paths(*options: str) -> set[str]:
        return {file["path"] for file in parse(run("count", "--json", *options).stdout)["files"]}

    assert paths(".", "--include", "*.py") == {"code.py"}
    assert paths(".", "--exclude", "docs") == {"code.py"}
    assert paths(".", "--no-ignore", "--include", "*.log") == {"left_out.log"}
    assert paths(".", "--hidden", "--include", ".hidden") == {".hidden"}
    assert paths("docs/*.md", "left_out.log") == {"docs/prose.md", "docs/中文.md", "left_out.log"}
    (tree / "list").write_bytes(b"code.py\0docs/prose.md\0")
    assert paths("--files0-from", "list") == {"code.py", "docs/prose.md"}
    listed = run("count", "--json", "--files0-from", "-", input=b"code.py\0")
    assert [file["path"] for file in parse(listed.stdout)["files"]] == ["code.py"]


@pytest.mark.parametrize("listed", [b"code.py\ndocs/prose.md\n", b"docs/*.md\ncode.py"])
def test_a_list_of_lines_gets_a_hint_about_the_separator(
    listed: bytes, run: Run, tree: Path
) -> None:
    """That one file of such a name is missing did not say what was wrong."""
    ran = run("count", "--files0-from", "-", input=listed)
    assert ran.exit_code == 2
    assert "hint: paths in a list are separated by NUL, as find -print0 does" in ran.stderr
    assert "hint: " not in run("count", "--files0-from", "-", input=b"gone\0code.py").stderr


def test_lists_of_lines(run: Run, tree: Path) -> None:
    listed = "\ufeffcode.py\r\n\r\ndocs/prose.md\r\n".encode("utf-16-le")
    (tree / "list").write_bytes(listed)
    for arguments, input in ((["list"], b""), (["-"], listed)):
        ran = run("count", "--json", "--files-from", *arguments, input=input)
        assert {each["path"] for each in parse(ran.stdout)["files"]} == {"code.py", "docs/prose.md"}
    ran = run("count", "--files-from", "-", input="code.py\ngone.py\n")
    assert ran.exit_code == 2 and "error: gone.py: no such file" in ran.stderr
    assert run("count", "--files-from", "-", "--files0-from", "-").exit_code == 2
    assert run("count", "-", "--files-from", "-").exit_code == 2


def test_files_above_a_size_are_listed(run: Run, tree: Path) -> None:
    (tree / "many").mkdir()
    for number in range(30):
        (tree / "many" / f"{number}.txt").write_text("x" * (1500 + number))
    for command in (["count"], ["fits", "-l", "100k"], ["chunk"], ["pack"]):
        ran = run(*command, "many", "code.py", "--max-file-size", "1.5kB")
        assert ran.exit_code == 0
        assert (
            "skipped: many/1.txt: 1,501 bytes, above the maximum file size of 1,500" in ran.stderr
        )
        assert "9 more (9 above the maximum file size of 1,500)" in ran.stderr
    for command in (["count"], ["pack"]):
        ran = run(*command, "many/1.txt", "--max-file-size", "1k")
        assert (ran.exit_code, ran.stdout) == (2, "")
        assert "1,501 bytes, above" in ran.stderr and "is too large" in ran.stderr
    ran = run("count", "many", "--max-file-size", "much")
    assert ran.exit_code == 2 and "--max-file-size: 'much' is not a size" in ran.stderr


def test_a_pipe_of_file_names_is_explained(run: Run, tree: Path) -> None:
    """`git ls-files | ctx count` counted the names without a word."""
    for command in (["count"], ["chunk"], ["fits", "-l", "9k"], ["pack-sequences", "-w", "99"]):
        ran = run(*command, input="code.py\ndocs/prose.md\n")
        assert ran.exit_code == 0
        assert "note: stdin: holds only names of existing files (code.py, …)" in ran.stderr
        assert "--files-from - reads" in ran.stderr
        assert "names of" not in run(*command, "-q", input="code.py\n").stderr
        assert "names of" not in run(*command, input="code.py\nx = 1\n").stderr


def test_exit_codes_of_what_was_skipped(run: Run, tree: Path) -> None:
    assert run("count", ".").exit_code == 0
    assert run("count", ".", "--strict").exit_code == 2
    ran = run("count", "code.py", "gone.py")
    assert ran.exit_code == 2
    assert "error: gone.py: no such file or directory" in ran.stderr
    assert "code.py" in ran.stdout, "what can be counted is"
    alone = run("count", "gone.py")
    assert (alone.exit_code, alone.stdout) == (2, "")


def test_limits(run: Run, folder: Path) -> None:
    n = count(PROSE)
    (folder / "a.txt").write_text(PROSE)
    assert run("count", "a.txt", "--fail-over", "--limit", str(n)).exit_code == 0
    assert run("count", "a.txt", "--fail-over", "--limit", str(n - 1)).exit_code == 1
    assert run("count", "a.txt", "--fail-over", "--limit", str(n), "--reserve", "1").exit_code == 1
    assert run("count", "a.txt", "--fail-over", "--limit", "0").exit_code == 1
    assert run("count", "a.txt", "--fail-over", "-m", "gpt-4").exit_code == 0
    column = parse(run("count", "a.txt", "--json", "-l", "1Mi", "-r", "1k").stdout)["columns"][0]
    assert (column["limit"], column["available"]) == (2**20, 2**20 - 1000)


@pytest.mark.parametrize(
    ("arguments", "message", "hint"),
    [
        (["--limit", "1.5X"], "'1.5X' is not a size", "200k or 1.5M"),
        (["--limit", "-5"], "--limit must be >= 0, got -5", "8192"),
        (
            ["--limit", "10", "--reserve", "20"],
            "a reserve of 20 tokens leaves nothing",
            "reserve less",
        ),
        (["-m", "deepseek-v5"], "unknown model 'deepseek-v5'", "did you mean deepseek-"),
        (["-e", "o300k_base"], "unknown encoding 'o300k_base'", "did you mean o200k_base"),
        (["-e", "gone/tokenizer.json"], "gone/tokenizer.json: no such file", None),
        (["--fail-over"], "--fail-over needs a limit", "--model"),
        (["--json", "--csv"], "cannot be used together", None),
        (["--charset", "utf-9"], "utf-9", None),
    ],
)
def test_bad_options(arguments: list[str], message: str, hint: str | None, run: Run) -> None:
    ran = run("count", "-", *arguments, input="text")
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert message in ran.stderr
    assert ran.stderr.startswith("error: ")
    if hint:
        assert hint in ran.stderr.split("hint: ")[1]


def test_an_estimate_is_marked_as_one(run: Run, folder: Path) -> None:
    (folder / "a.txt").write_text(PROSE)
    estimate = get_model("claude-opus-4-8").estimate
    assert estimate
    interval = estimate.of(estimate.measure(PROSE))
    ran = run("count", "a.txt", "-m", "claude-opus-4-8")
    assert ran.stdout == f"~{interval.typical} ({interval.low}–{interval.high})\n"
    result = parse(run("count", "a.txt", "-m", "claude-opus-4-8", "--json").stdout)
    assert result["columns"][0]["exact"] is False
    assert result["columns"][0]["estimate"]["basis"] == estimate.basis
    assert result["total"]["intervals"] == {"claude-opus-4-8": [interval.low, interval.high]}
    over = ["count", "a.txt", "-m", "claude-opus-4-8", "--fail-over", "--limit"]
    assert run(*over, str(interval.high)).exit_code == 0
    assert run(*over, str(interval.typical)).exit_code == 1, "by the estimate it may be over"


def test_one_input_for_several_models(run: Run, folder: Path) -> None:
    (folder / "a.txt").write_text(PROSE)
    ran = run("count", "a.txt", "-m", "gpt-5", "-m", "deepseek-v3", "-e", "qwen2")
    for row in (["gpt-5", f"{count(PROSE):,}"], ["qwen2", f"{count(PROSE, 'qwen2'):,}"]):
        assert any(line.split()[:2] == row for line in ran.stdout.splitlines())


def test_configuration(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "a.txt").write_text(PROSE)
    (folder / "ctxtools.toml").write_text(
        'model = "deepseek-v4"\nlimit = "300"\nexclude = ["b*"]\n'
    )
    column = parse(run("count", "a.txt", "--json").stdout)["columns"][0]
    assert (column["name"], column["limit"]) == ("deepseek-v4", 300)
    asked = parse(run("count", "a.txt", "--json", "-m", "gpt-4").stdout)["columns"][0]
    assert asked["limit"] == 8192, "a model that is asked for brings its own limit"
    monkeypatch.setenv("CTXTOOLS_ENCODING", "qwen2")
    assert run("count", "a.txt").stdout == f"{count(PROSE, 'qwen2')}\n"
    monkeypatch.setenv("CTXTOOLS_LIMIT", "many")
    assert "CTXTOOLS_LIMIT" in run("count", "a.txt").stderr


def test_a_model_of_ones_own(run: Run, folder: Path) -> None:
    from tests.oracles import qwen

    qwen().save(str(folder / "tokenizer.json"))
    (folder / "ctxtools.toml").write_text(
        '[[models]]\nname = "mine"\ncontext = "64k"\ntokenizer = "tokenizer.json"\n'
    )
    ran = run("count", "-m", "mine", "--json", input=CHINESE)
    result = parse(ran.stdout)
    assert result["columns"][0]["limit"] == 64_000
    assert result["total"]["tokens"] == {"mine": count(CHINESE, "qwen2")}


@pytest.mark.parametrize("threads", ["0", "1", "3"])
def test_any_number_of_threads_gives_the_same_bytes(threads: str, run: Run, tree: Path) -> None:
    for i in range(200):
        (tree / f"{i:03}.txt").write_text(PROSE[: i * 7])
    assert run("count", ".", "--json", "-j", threads).stdout == run("count", ".", "--json").stdout


@pytest.mark.parametrize("width", [60, 80, 120])
def test_a_table_fits_the_terminal(
    width: int, run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The figures whole, the names shortened where they must be."""
    import io

    from ctxtools.cli.output import console as output

    deep = folder / "a_folder_with_a_long_name" / "another_one" / "and_one_more_below_it"
    deep.mkdir(parents=True)
    for i in range(3):
        (deep / f"chapter_{i}_of_a_book.md").write_text(PROSE * (i + 1))
    drawn = io.StringIO()

    def terminal(color: str = "auto") -> Any:
        console = output.console(color, file=drawn)
        console.width = width
        return console

    monkeypatch.setattr(output, "row_console", terminal)
    run("count", ".", "-m", "gpt-5", "-m", "deepseek-v4", "-m", "qwen3-max")
    lines = drawn.getvalue().splitlines()
    assert max(map(len, lines[:6])) <= width
    for i in range(3):
        figures = f"{count(PROSE * (i + 1)):,}"
        assert any(figures in line and f"_{i}_of_a_book.md" in line for line in lines)


def test_estimates_have_an_interval_wherever_they_are_shown(run: Run, tree: Path) -> None:
    estimate = get_model("claude-opus-4-8").estimate
    assert estimate
    interval = estimate.of(estimate.measure("x = 1\n"))
    figures = [str(interval.typical), str(interval.low), str(interval.high)]
    rows = list(
        csv.reader(io.StringIO(run("count", "code.py", "-m", "claude-opus-4-8", "--csv").stdout))
    )
    assert rows[0][2:] == ["claude-opus-4-8", "claude-opus-4-8 low", "claude-opus-4-8 high"]
    assert rows[1][2:] == figures
    ran = run("count", "code.py", "-m", "claude-opus-4-8", "-m", "gpt-5")
    assert f"{interval.low}–{interval.high}" in ran.stdout
    file = parse(run("count", "code.py", "-m", "claude-opus-4-8", "--json").stdout)["files"][0]
    assert file["intervals"] == {"claude-opus-4-8": [interval.low, interval.high]}


def test_the_reserve_is_reported_as_requested(run: Run, tree: Path) -> None:
    ran = run("count", ".", "-m", "gpt-5", "--reserve", "200k")
    assert "of 200,000 (400,000 minus 200,000 reserved)" in ran.stdout
    limited = run("count", ".", "-m", "gpt-5", "--reserve", "32k").stdout
    assert "of 272,000 (input limit; the reserve fits in the rest);" in limited
    assert "of 272,000 (input limit);" in run("count", ".", "-m", "gpt-5").stdout


@pytest.mark.parametrize(
    "options",
    [["--tree", "--by", "dir"], ["--jsonl", "--by", "dir"], ["--json", "--top", "3"]],
)
def test_options_that_exclude_one_another(options: list[str], run: Run, tree: Path) -> None:
    assert run("count", ".", *options).exit_code == 2


def test_a_name_of_the_other_kind(run: Run) -> None:
    assert "hint: it is a model: -m gpt-5" in run("count", "-e", "gpt-5", input="a").stderr
    as_model = run("count", "-m", "cl100k_base", input="a")
    assert "hint: it is an encoding: -e cl100k_base" in as_model.stderr


def test_compiled_files_are_skipped_in_one_line(run: Run, folder: Path) -> None:
    (folder / "a.py").write_text("a = 1\n")
    (folder / "__pycache__").mkdir()
    for number in range(9):
        compiled = folder / "__pycache__" / f"{number}.pyc"
        py_compile.compile(str(folder / "a.py"), cfile=str(compiled))
    ran = run("count", ".", "--no-ignore")
    assert "skipped: __pycache__/0.pyc and 8 other files: binary (compiled Python)\n" in ran.stderr
    listed = json.loads(run("count", ".", "--no-ignore", "--json").stdout)
    assert len(listed["skipped"]) == 9
