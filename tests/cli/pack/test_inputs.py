"""``ctx pack``: what goes in, under which names, and what is left out, elided or redacted."""

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from ctxtools.encodings import get_encoding
from tests.cli.conftest import Run

O200K = get_encoding("o200k_base")


def parse(text: str) -> Any:
    return json.loads(text)


def test_a_pipe_and_records(run: Run, folder: Path) -> None:
    """They are called as they are everywhere: "-" for programs, "stdin" in a text."""
    ran = run("pack", "-", "-q", "--json", input="some text")
    assert json.loads(ran.stdout)["documents"][0]["path"] == "-"
    assert 'source="stdin"' in run("pack", "-", "-q", input="some text").stdout
    (folder / "a.jsonl").write_text('{"text": "one"}\n{"text": "two"}\n')
    text = run("pack", "a.jsonl", "--field", "text", "-q").stdout
    assert 'source="a.jsonl#1">\none\n' in text and 'source="a.jsonl#2">\ntwo\n' in text


def sources(text: str) -> list[str]:
    return re.findall(r'<document index="\d+" source="([^"]*)"', text)


def test_paths_do_not_say_where_the_folder_is(run: Run, tree: Path) -> None:
    """The name of a home folder was in each path of `ctx pack ~/project`."""
    everything = ["README.md", "notes.txt", "src/main.py", "src/util.py"]
    for folder in (".", tree, f"{tree}/", f"../{tree.name}", tree / "src" / ".."):
        arguments = ["pack", folder, "--tree", "--json", "-l", "100k", "--explain"]
        ran = run(
            *arguments,
            "--pin",
            "src/main.py",
            "--priority",
            f"{os.path.join(folder, 'notes.txt')}=2",
        )
        facts = parse(ran.stdout)
        assert sources(facts["text"]) == everything
        assert [each["path"] for each in facts["documents"]] == everything
        assert str(tree) not in facts["text"] and str(tree) not in str(facts["documents"])
        assert {"path": "logo.png", "reason": "binary (PNG image)", "tokens": None} in facts[
            "omitted"
        ]
        assert "skipped: logo.png: " in ran.stderr and str(tree) not in ran.stderr
        assert facts["documents"][2]["pinned"] and not facts["notes"]
        assert "weight 2" in ran.stderr
    parts = run("pack", tree, "--parts", "2", "--json").stdout.replace("\\", "")
    assert set(sources(parts)) == set(everything)


@pytest.mark.parametrize(
    ("style", "named", "shown"),
    [
        ("as-given", "src", ["src/main.py", "src/util.py"]),
        ("as-given", "../here/src/util.py", ["../here/src/util.py"]),
        ("absolute", "src/main.py", ["{tree}/src/main.py"]),
        ("absolute", "{tree}/src", ["{tree}/src/main.py", "{tree}/src/util.py"]),
        ("relative", "{tree}/src/main.py", ["src/main.py"]),
    ],
)
def test_styles_of_paths(style: str, named: str, shown: list[str], run: Run, tree: Path) -> None:
    ran = run("pack", named.format(tree=tree), "--paths", style, "-q")
    assert sources(ran.stdout) == [each.format(tree=tree) for each in shown]


def test_secrets(run: Run, tree: Path) -> None:
    """A key and a password went into the prompt without a word."""
    pytest.importorskip("detect_secrets")
    token, password = f"gh{'p_'}{'a1B2c3D4e5' * 4}", "hunter2-x9"
    (tree / "config.yml").write_text(f"token: {token}\npassword: {password}\n")
    ran = run("pack", ".", "--json")
    assert "note: config.yml:1: looks like a secret (GitHub Token)\n" in ran.stderr
    assert "note: 1 line may hold a secret (Secret Keyword): config.yml:2\n" in ran.stderr
    assert "--redact-secrets replaces them" in ran.stderr
    assert token not in ran.stderr and password not in ran.stderr
    assert token in parse(ran.stdout)["text"]
    assert [each["kind"] for each in parse(ran.stdout)["secrets"]] == [
        "GitHub Token", "Secret Keyword",
    ]  # fmt: skip
    assert "secret" not in run("pack", ".", "--secrets", "off").stderr
    assert run("pack", ".", "--secrets", "off", "--redact-secrets").exit_code == 2
    assert "note: stdin:1: looks like" in run("pack", "-", input=f"x {token}\n").stderr
    in_parts = ["--redact-secrets", "--parts", "2"]
    for arguments in (["--redact-secrets"], ["--secrets", "redact"], in_parts):
        ran = run("pack", ".", "--json", *arguments)
        assert token not in ran.stdout and password not in ran.stdout + ran.stderr
        assert "note: 2 secrets were replaced: config.yml:1 (GitHub Token), " in ran.stderr
        assert [each["redacted"] for each in parse(ran.stdout)["secrets"]] == [True, True]
    ran = run("pack", ".", "--secrets", "omit")
    assert token not in ran.stdout
    assert "left out, looks like it holds secrets (line 1: GitHub Token): config.yml" in ran.stderr
    ran = run("pack", ".", "--secrets", "fail", "-o", "out.xml", "--json")
    assert ran.exit_code == 1 and not (tree / "out.xml").exists()
    assert len(parse(ran.stdout)["secrets"]) == 2 and token not in ran.stdout
    assert run("pack", "src", "--secrets", "fail").exit_code == 0
    ran = run("pack", "config.yml", "--secrets", "omit", "-o", "out.xml")
    assert ran.exit_code == 2 and not (tree / "out.xml").exists()
    assert "nothing to pack: config.yml looks like it holds secrets" in ran.stderr


def test_without_the_extra_secrets_are_reported_and_not_replaced(
    run: Run, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ctxtools.packing.secrets.find.find_spec", lambda name: None)
    (tree / "key.txt").write_text(f"gh{'p_'}{'a1B2c3D4e5' * 4}\n")
    ran = run("pack", ".")
    assert ran.exit_code == 0 and "key.txt:1: looks like a secret (GitHub Token)" in ran.stderr
    ran = run("pack", ".", "--redact-secrets", "-o", "out.xml")
    assert ran.exit_code == 2 and "[secrets]" in ran.stderr and not (tree / "out.xml").exists()


def test_nothing_is_written_if_a_named_file_cannot_be_read(run: Run, tree: Path) -> None:
    """It was a prompt that looked complete, and replaced the one of the last run."""
    (tree / "out.xml").write_text("the last one")
    for named in (["missing.md"], ["none/*.md", "gone"], ["--files-from", "list"]):
        (tree / "list").write_text("notes.txt\nmissing.md\n")
        ran = run("pack", "README.md", *named, "-o", "out.xml", "--stats", "stats.json")
        assert (ran.exit_code, ran.stdout) == (2, "")
        assert "error: " in ran.stderr and "nothing was written" in ran.stderr
        assert (tree / "out.xml").read_text() == "the last one"
        assert not (tree / "stats.json").exists()
    assert "missing.md: no such file" in run("pack", "README.md", "missing.md", "-q").stderr


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_file_in_a_folder_exits_2_and_the_rest_is_packed(
    run: Run, tree: Path
) -> None:
    (tree / "notes.txt").chmod(0)
    ran = run("pack", ".")
    assert ran.exit_code == 2
    assert "# A project" in ran.stdout
    assert "error: notes.txt" in ran.stderr


def test_strict(run: Run, tree: Path) -> None:
    assert run("pack", ".", "--strict").exit_code == 2  # the binary file


def test_a_pipe_of_file_names_is_not_packed(run: Run, tree: Path) -> None:
    listed = "README.md\nsrc/main.py\n"
    ran = run("pack", "-o", "out.xml", input=listed)
    assert ran.exit_code == 2 and "--files-from -" in ran.stderr
    assert not (tree / "out.xml").exists()
    assert "--files0-from -" in run("pack", input=listed.replace("\n", "\0")).stderr
    packed = run("pack", "--files-from", "-", "-q", input=listed).stdout
    assert 'source="src/main.py"' in packed and "# A project" in packed
    # A list that is named, and a text that is no list
    assert "README.md\nsrc/main.py" in run("pack", "-", "-q", input=listed).stdout
    assert run("pack", "-q", input=f"{listed}and more").exit_code == 0


@pytest.mark.parametrize(
    "wrong",
    [
        ["--priority", "src"], ["--priority", "src=much"], ["--pin", "nothing"],
        ["--forms", "half"], ["--requires", "a"], ["--part-limit", "9"], ["--parts", "auto"],
        ["--parts", "some", "-l", "9"], ["-m", "gpt-5", "-e", "o200k_base"],
        ["-o", "x", "--stats", "x"], ["--parts", "2", "--pin", "README.md"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_what_cannot_be_is_said(wrong: list[str], run: Run, tree: Path) -> None:
    ran = run("pack", ".", *wrong)
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert ran.stderr.startswith("error: ")


def test_a_repository_with_lock_files_generated_code_and_an_environment(
    run: Run, tree: Path
) -> None:
    for name, text in {
        "package-lock.json": '{"packages": {' + '"a": {"version": "1"}, ' * 300 + '"b": {}}}',
        "src/api.py": "# Code generated by gen. DO NOT EDIT.\n" + "Y = 2\n" * 300,
        "src/handmade_pb2.py": "Z = 3\n" * 30,
        "lib/big.py": "W = 4\n" * 200,
        "my-env/pyvenv.cfg": "home = /usr/bin\n",
        "my-env/lib/a.py": "V = 5\n" * 300,
        ".gitattributes": "lib/** linguist-vendored\n*handmade* -linguist-generated\n",
    }.items():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text(text)
    facts = parse(run("pack", ".", "--json").stdout)
    forms = {each["path"]: each["form"] for each in facts["documents"]}
    assert forms["package-lock.json"] == "path" and forms["src/handmade_pb2.py"] == "whole"
    assert {each["path"]: each["reason"] for each in facts["omitted"]} == {
        "lib/big.py": "vendored (linguist-vendored)",
        "my-env/lib/a.py": "virtual environment (pyvenv.cfg)",
        "my-env/pyvenv.cfg": "virtual environment (pyvenv.cfg)",
        "logo.png": "binary (PNG image)",
    }
    small = run("pack", ".", "-l", "1100", "--explain")
    assert "generated (marker) 0.05" in small.stderr
    assert 'source="src/api.py">' not in small.stdout and 'source="src/main.py"' in small.stdout
    only = parse(run("pack", ".", "--json", "--include", "*.py").stdout)
    assert "my-env/lib/a.py" in {each["path"] for each in only["omitted"]}
    named = parse(run("pack", ".", "package-lock.json", "--json").stdout)
    assert "package-lock.json" in {e["path"] for e in named["documents"] if e["form"] == "whole"}
    pinned = parse(run("pack", ".", "--pin", "lib/big.py", "--json").stdout)
    assert "lib/big.py" in {e["path"] for e in pinned["documents"] if e["form"] == "whole"}
    parts = parse(run("pack", ".", "--parts", "2", "--json").stdout)
    assert len(parts["omitted"]) == 5 and "package-lock.json" in str(parts["omitted"])


def test_an_earlier_pack_of_any_name_is_left_out(run: Run, tree: Path) -> None:
    """The second pack had the first one in it, whole."""
    run("pack", ".", "-o", "first.xml", "--stats", "first.json")
    run("pack", ".", "-o", "second.md", "--format", "markdown", "--parts", "2")
    ran = run("pack", ".", "--json")
    facts = parse(ran.stdout)
    left_out = {each["path"]: each["reason"] for each in facts["omitted"]}
    assert left_out.keys() == {
        "first.xml", "first.json", "second.1-of-2.md", "second.2-of-2.md", "logo.png",
    }  # fmt: skip
    assert left_out["first.xml"] == "earlier pack (its start)"
    assert "left out, earlier pack (its start): first.json (" in ran.stderr
    named = parse(run("pack", ".", "first.xml", "--json").stdout)
    assert "first.xml" in {each["path"] for each in named["documents"]}


def test_data_uris_are_elided(run: Run, tree: Path) -> None:
    uri = "data:image/png;base64," + "iVBORw0KGgo" * 100
    (tree / "page.html").write_text(f'<img src="{uri}">\n')
    ran = run("pack", "page.html")
    assert '<img src="data:image/png;base64,[1,100 bytes elided]">' in ran.stdout
    assert "note: 1 data URI elided, 1,100 bytes: page.html" in ran.stderr
    assert uri in run("pack", "page.html", "--keep-data-uris").stdout
    assert run("count", "page.html").stdout.strip() == str(O200K.count(f'<img src="{uri}">\n'))


def test_rows_add_up_to_the_total(run: Run, folder: Path) -> None:
    for name in "abc":
        (folder / f"{name}.txt").write_text(f"{name} word " * 20)
    lines = run("pack", ".", "--tree", "-o", "../p.xml").stderr.splitlines()
    figures = [line.split() for line in lines if "%" in line]
    shares = [next(cell for cell in row if cell.endswith("%")) for row in figures]
    *rows, total = [
        (int(row[0]), float(share[:-1])) for row, share in zip(figures, shares, strict=True)
    ]
    assert sum(tokens for tokens, _ in rows) == total[0]
    assert sum(share for _, share in rows) == pytest.approx(total[1], abs=0.3)
    assert any("(around the documents)" in line for line in lines)


def test_skipped_records_are_noted(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.jsonl").write_text('{"t": "good"}\n{\n{"u": 1}\n')
    options = ["--field", "t", "--skip-bad-records"]
    for command in (["pack"], ["count"], ["fits", "--limit", "99"], ["chunk"]):
        ran = run(command[0], "a.jsonl", *command[1:], *options)
        assert ran.exit_code == 0, ran.stderr
        assert "2 bad records were skipped: line 2: not JSON" in ran.stderr, command


def test_a_list_of_files_may_have_binary_ones(run: Run, tree: Path) -> None:
    """`git ls-files` lists images too: nothing was packed because of one."""
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 1\n"
    (tree / "model.bin").write_text(pointer)
    (tree / "logo.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(20))
    (tree / "list").write_text("README.md\nlogo.png\nmodel.bin\n")
    ran = run("pack", "--files-from", "list")
    assert ran.exit_code == 0 and "# A project" in ran.stdout
    assert "skipped: logo.png: binary (PNG image)" in ran.stderr
    assert "skipped: model.bin: Git LFS pointer" in ran.stderr
    assert run("count", "--files-from", "list").exit_code == 0
    assert run("count", "--files-from", "list", "--strict").exit_code == 2
    # What is named as well is an error.
    ran = run("count", "logo.png", "--files-from", "list")
    assert ran.exit_code == 2 and "error: logo.png: PNG image, not text" in ran.stderr


def test_a_pack_of_nothing_is_not_written(run: Run, folder: Path) -> None:
    for name in ("a.txt", "b.txt"):
        (folder / name).write_text("word " * 400)
    (folder / "out.xml").write_text("old")
    arguments = ["pack", "a.txt", "b.txt", "-o", "out.xml", "-l"]
    ran = run(*arguments, "5")
    assert (ran.exit_code, (folder / "out.xml").read_text()) == (1, "old")
    assert "error: no document fits; the smallest, a.txt, takes " in ran.stderr
    assert " tokens of 5\n" in ran.stderr
    found = json.loads(run("pack", "a.txt", "--json", "-l", "5").stdout)
    assert (found["available"], found["conflict"][0]["name"]) == (5, "a.txt")
    assert run(*arguments, "200", "--forms", "whole").exit_code == 1
    for limit in ("0", "1", "20"):
        assert run("pack", ".", "-l", limit).stdout == ""
    assert run("pack", "a.txt", "-l", "5", "--dry-run").exit_code == 1
    assert run(*arguments, "200").exit_code == 0
    (folder / "empty.txt").write_text("")
    assert run("pack", "empty.txt", "-l", "200").exit_code == 0
