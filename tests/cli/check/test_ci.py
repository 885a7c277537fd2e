"""What CI services read: annotations, summaries and SARIF, also of names made to break them."""

import json
import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctxtools.cli.output.reports.check.github import print_annotations, summary
from ctxtools.cli.output.reports.check.sarif import as_sarif
from ctxtools.limits import CheckedFile, CheckedLimits, LimitRule
from tests.cli.conftest import Run
from tests.limits.conftest import write

ODD = (
    "a\nb.md",
    "\r\n::error::x.md",
    "::stop-commands::x.md",
    "100%25.md",
    "a,b:c;title=x.md",
    "\x1b[31mred\x1b[0m.md",
    "right\u202eleft.md",
    "`code` | cell <b> [l](x).md",
    "ü 中文.md",
    os.fsdecode(b"\xff\xfe.md"),
)
"""Names that are commands, escapes or markup to somebody."""

_COMMAND = re.compile(r"::(\w+) ((?:[^:,]+=[^:,]*,?)*)::(.*)")


def unescaped(text: str) -> str:
    for code, character in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ",")):
        text = text.replace(code, character)
    return text.replace("%25", "%")


def annotations(printed: str) -> list[tuple[str, dict[str, str], str]]:
    """Kind, properties and message of each command, as the runner of GitHub Actions reads them."""
    found = []
    for line in printed.splitlines():
        if line.lstrip().startswith("::"):
            match = _COMMAND.fullmatch(line)
            assert match, line
            facts = dict(each.split("=", 1) for each in match[2].split(","))
            properties = {name: unescaped(value) for name, value in facts.items()}
            found.append((match[1], properties, unescaped(match[3])))
    return found


@pytest.fixture
def odd(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    monkeypatch.delenv("GITHUB_WORKSPACE", raising=False)
    for number, name in enumerate(ODD):
        try:
            write(folder / "x" / name, number + 2)
        except OSError:
            pytest.skip("the file system takes no such names")
    return folder


def test_annotations_of_odd_names(odd: Path, run: Run) -> None:
    ran = run("check", "-l", "x/**=each:1,all:1", "--format", "github")
    assert ran.exit_code == 1
    printed = ran.stdout_bytes.decode("utf-8", "surrogateescape")
    found = annotations(printed)
    assert len(found) == len(ODD) + 1 and all(kind == "error" for kind, _, _ in found)
    named = {facts["file"] for _, facts, _ in found if "file" in facts}
    plain = {f"x/{name}" for name in ODD if "\x1b" not in name and "\u202e" not in name}
    assert {name for name in plain if name.isascii()} <= named
    for _, facts, message in found:
        assert "\x1b" not in message and "\n" not in message and "\u202e" not in message
        assert set(facts) <= {"file", "title"}
    assert not [
        line for line in printed.splitlines() if not line.startswith(("::error ", "ctx check: "))
    ]


def test_a_rule_on_all_files_is_shown_where_it_is_written(folder: Path, run: Run) -> None:
    (folder / "ctxtools.toml").write_text('[check]\n"*.md" = { all = 1 }\n"*.txt" = 5\n')
    write(folder / "a.md", 2)
    found = annotations(run("check", "--format", "github").stdout)
    assert [(kind, facts) for kind, facts, _ in found] == [
        ("error", {"file": "ctxtools.toml", "title": "Token limit of all files"}),
        ("warning", {"title": "Limit without files"}),
    ]


def test_files_are_named_from_the_workspace(
    folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(folder / "sub/a.md", 2)
    monkeypatch.setenv("GITHUB_WORKSPACE", str(folder))
    monkeypatch.chdir(folder / "sub")
    (found,) = annotations(run("check", "-l", "*=1", "--format", "github").stdout)
    assert found[1]["file"] == "sub/a.md"


def test_what_could_not_be_read_is_annotated(folder: Path, run: Run) -> None:
    ran = run("check", "-l", "*=1", "--format", "github", "gone\n.md")
    assert ran.exit_code == 2
    assert annotations(ran.stdout) == [
        (
            "error",
            {"file": "gone\n.md", "title": "Not checked"},
            "gone\\n.md: no such file or directory",
        )
    ]


# The summary


def test_a_summary_is_added(folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    write(folder / "a.md", 5)
    path = folder.parent / "summary.md"
    path.write_text("# Before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(path))
    run("check", "-l", "*.md=each:4,all:9")
    assert path.read_text() == "# Before\n"  # not of another format
    run("check", "-l", "*.md=each:4,all:9", "--format", "github")
    assert path.read_text() == (
        "# Before\n"
        "### :x: Tokens: 1 file checked: 1 limit is exceeded\n\n"
        "| Files | Tokens | Limit | Of limit |\n"
        "| :-- | --: | --: | --: |\n"
        "| **`a.md`** | 5 | 4 | 125.0% |\n"
        "| `*.md`, all 1 file | 5 | 9 | 55.6% |\n\n"
    )
    run("check", "-l", "*.md=9", "--format", "github", "--summary", "own.md")
    assert (folder / "own.md").read_text().startswith("### :white_check_mark: Tokens: 1 file")
    assert path.read_text().count("###") == 1


def test_a_summary_is_not_counted(folder: Path, run: Run) -> None:
    write(folder / "a.md", 5)
    for _ in range(2):
        ran = run("check", "-l", "*.md=9", "--summary", "s.md")
        assert ran.stdout == "a.md: 5 of 9 tokens (55.6%)\n"
    assert "skipped: s.md: the output itself" in ran.stderr


def test_names_in_a_summary_are_code(odd: Path, run: Run) -> None:
    run("check", "-l", "x/**=1", "--summary", "../s.md")
    text = (odd.parent / "s.md").read_bytes().decode("utf-8", "surrogateescape")
    lines = text.splitlines()
    assert len(lines) == 1 + 1 + 2 + len(ODD) + 1
    assert all(line.startswith("| ") for line in lines[2:-1])
    assert "\x1b" not in text and "\u202e" not in text
    assert "`` x/`code` \\| cell <b> [l](x).md ``" in text


def test_a_summary_of_very_many(folder: Path) -> None:
    rule = LimitRule("*", 1)
    files = tuple(
        CheckedFile(f"{n}.md", f"{n}.md", "o200k_base", 2, None, rule) for n in range(5000)
    )
    text = summary(_result(files=files, added=tuple(f"{n}.md" for n in range(5000))))
    assert len(text) < 1 << 17 and "and 4,900 more" in text and "and 4,980 more" in text


def _result(**more: Any) -> CheckedLimits:
    nothing: dict[str, Any] = dict.fromkeys(
        ("files", "totals", "added", "removed", "skipped", "unmatched", "notes"), ()
    )
    return CheckedLimits(**{**nothing, "other_files": 0, "compared": "", "file_notes": {}, **more})


@settings(max_examples=100)
@given(st.lists(st.text(min_size=1, max_size=12), min_size=1, max_size=4), st.text(max_size=8))
def test_any_name_is_one_command_and_one_row(names: list[str], pattern: str) -> None:
    from contextlib import redirect_stdout
    from io import StringIO

    names = [name.replace("\0", "").encode("utf-8", "replace").decode() or "x" for name in names]
    rule = LimitRule(pattern, 1)
    files = tuple(CheckedFile(name, name, "o200k_base", 2, None, rule) for name in names)
    result = _result(files=files)
    printed = StringIO()
    with redirect_stdout(printed):
        print_annotations(result)
    lines = printed.getvalue().split("\n")
    assert len(lines) == len(names) + 2
    assert len(annotations(printed.getvalue())) == len(names)
    rows = [line for line in summary(result).split("\n") if line.startswith("| **")]
    assert len(rows) == len(names)
    for row in rows:
        assert len(re.findall(r"(?<!\\)\|", row)) == 5
    json.dumps(as_sarif(result))


# SARIF 2.1.0


def check_sarif(found: Any) -> list[dict[str, Any]]:
    """The results, after what the schema of SARIF 2.1.0 requires of what is there."""
    assert found["version"] == "2.1.0" and found["$schema"].endswith("sarif-schema-2.1.0.json")
    (run,) = found["runs"]
    driver = run["tool"]["driver"]
    assert isinstance(driver["name"], str) and driver["name"]
    identifiers = [rule["id"] for rule in driver["rules"]]
    assert len({*identifiers}) == len(identifiers)
    for rule in driver["rules"]:
        assert rule["shortDescription"]["text"]
        assert rule["defaultConfiguration"]["level"] in ("none", "note", "warning", "error")
    for invocation in run["invocations"]:
        assert isinstance(invocation["executionSuccessful"], bool)
        for each in invocation.get("toolExecutionNotifications", ()):
            assert each["message"]["text"] and each["level"] == "error"
            check_locations(each["locations"])
    for result in run["results"]:
        assert set(result) <= {
            *("ruleId", "ruleIndex", "level", "message", "locations"),
            *("partialFingerprints", "properties"),
        }
        assert identifiers[result["ruleIndex"]] == result["ruleId"]
        assert isinstance(result["message"]["text"], str) and result["message"]["text"]
        assert all(isinstance(each, str) for each in result["partialFingerprints"].values())
        check_locations(result["locations"])
    return list(run["results"])


def check_locations(locations: list[Any]) -> None:
    for location in locations:
        physical = location["physicalLocation"]
        assert physical["region"]["startLine"] >= 1
        uri = physical["artifactLocation"]["uri"]
        # A URI reference (RFC 3986), relative unless it has a scheme.
        assert re.fullmatch(r"(?:file://)?[A-Za-z0-9._~!$&'()*+,;=:@/%-]+", uri), uri
        assert not re.search(r"%(?![0-9A-F]{2})", uri)


def test_sarif(odd: Path, run: Run) -> None:
    ran = run("check", "-l", "x/**=each:1,all:1", "--format", "sarif")
    assert ran.exit_code == 1
    results = check_sarif(json.loads(ran.stdout))
    assert [each["ruleId"] for each in results] == ["file-tokens"] * len(ODD) + ["total-tokens"]
    uris = [
        each["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        for each in results
        if each["locations"]
    ]
    found = {unquote(uri, "utf-8", "surrogateescape") for uri in uris}
    assert found == {f"x/{name}" for name in ODD}
    fingerprints = {each["partialFingerprints"]["limit/v1"] for each in results}
    assert len(fingerprints) == len(results)
    write(odd / "x" / ODD[0], 77)
    again = check_sarif(
        json.loads(run("check", "-l", "x/**=each:1,all:1", "--format", "sarif").stdout)
    )
    assert {each["partialFingerprints"]["limit/v1"] for each in again} == fingerprints


def test_sarif_of_nothing_and_of_an_error(folder: Path, run: Run) -> None:
    write(folder / "a.md", 5)
    assert check_sarif(json.loads(run("check", "-l", "*.md=9", "--format", "sarif").stdout)) == []
    ran = run("check", "-l", "*.md=9", "gone.md", "--format", "sarif")
    assert ran.exit_code == 2
    found = json.loads(ran.stdout)
    assert check_sarif(found) == []
    (invocation,) = found["runs"][0]["invocations"]
    assert not invocation["executionSuccessful"]
    assert len(invocation["toolExecutionNotifications"]) == 1
