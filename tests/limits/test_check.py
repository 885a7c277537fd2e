"""Which files are checked, and the verdicts."""

import os
import sys
from pathlib import Path
from typing import Any

import pytest

import ctxtools as ctx
from ctxtools.errors import UnknownEncodingError, UnknownModelError, UsageError
from ctxtools.limits import CheckedLimits, check_limits
from tests.documents.git.repositories import git
from tests.limits.conftest import write


def verdicts(checked: CheckedLimits) -> dict[str, tuple[int, int | None]]:
    """Path -> tokens and limit."""
    return {each.path: (each.tokens, each.limit) for each in checked.files}


def test_each_file_and_all_together(folder: Path) -> None:
    write(folder / "AGENTS.md", 30)
    write(folder / "docs/a.md", 10)
    write(folder / "docs/deep/b.md", 20)
    write(folder / "other.txt", 99)
    checked = check_limits({"AGENTS.md": 29, "docs/**": "each:20,all:29"})
    assert verdicts(checked) == {
        "AGENTS.md": (30, 29),
        "docs/a.md": (10, 20),
        "docs/deep/b.md": (20, 20),
    }
    assert [(each.kind, each.path, each.limit) for each in checked.exceeded] == [
        ("each", "AGENTS.md", 29),
        ("all", None, 29),
    ]
    (total,) = checked.totals
    assert (total.tokens, total.files, total.before) == (30, 2, None)
    assert not checked.fits and checked.complete
    assert checked.exceeded[0].message == (
        "AGENTS.md has 30 o200k_base tokens, 1 over the limit of 29 (AGENTS.md)"
    )
    assert checked.exceeded[1].message == (
        "docs/** (2 files) has 30 o200k_base tokens, 1 over the limit of 29"
    )


def test_the_last_rule_counts_for_each_file_and_every_rule_for_all(folder: Path) -> None:
    write(folder / "docs/a.md", 10)
    write(folder / "docs/big.md", 50)
    rules = {"docs/**": "each:20,all:60", "docs/big.md": 60, "*.md": "all:59"}
    checked = check_limits(rules)
    assert verdicts(checked) == {"docs/a.md": (10, 20), "docs/big.md": (50, 60)}
    assert [(each.kind, each.rule.pattern) for each in checked.exceeded] == [("all", "*.md")]
    checked = check_limits({"docs/big.md": 60, "docs/**": 20})
    assert verdicts(checked)["docs/big.md"] == (50, 20)
    assert checked.notes == (
        "the limit of 'docs/big.md' on each file counts for none: later rules match the same files",
    )


def test_a_limit_of_nothing(folder: Path) -> None:
    (folder / "empty").touch()
    assert check_limits({"empty": 0}).fits
    write(folder / "full", 1)
    assert not check_limits({"full": 0}).fits


def test_patterns_are_those_of_gitignore(folder: Path) -> None:
    for name in ("a.md", "sub/a.md", "sub/b[1].md", "b1.md", "c/d/e.txt"):
        write(folder / name, 5)
    found = {
        pattern: {each.path for each in check_limits({pattern: 9}).files}
        for pattern in (
            "a.md",
            "/a.md",
            "sub",
            "sub/",
            "b[1].md",
            "{c,sub}/**",
            "**/e.txt",
            "./a.md",
        )
    }
    assert found == {
        "a.md": {"a.md", "sub/a.md"},
        "/a.md": {"a.md"},
        "sub": {"sub/a.md", "sub/b[1].md"},
        "sub/": {"sub/a.md", "sub/b[1].md"},
        "b[1].md": {"b1.md", "sub/b[1].md"},
        "{c,sub}/**": {"c/d/e.txt", "sub/a.md", "sub/b[1].md"},
        "**/e.txt": {"c/d/e.txt"},
        "./a.md": {"a.md"},
    }


def test_hidden_names_are_matched_where_a_rule_names_one(folder: Path) -> None:
    write(folder / ".github/a.md", 5)
    write(folder / "docs/.hidden/b.md", 5)
    write(folder / "c.md", 5)
    assert verdicts(check_limits({"*.md": 9})) == {"c.md": (5, 9)}
    both = check_limits({"*.md": 9, ".github/*.md": 4})
    assert verdicts(both) == {".github/a.md": (5, 4), "c.md": (5, 9)}
    every = check_limits({"*.md": 9, "{.github,x}/*.md": 4}, hidden=True)
    assert verdicts(every) == {
        ".github/a.md": (5, 4),
        "c.md": (5, 9),
        "docs/.hidden/b.md": (5, 9),
    }
    named = check_limits({"*.md": 9}, [".github/a.md", "c.md"])
    assert verdicts(named) == {"c.md": (5, 9)} and named.other_files == 1


def test_ignored_and_excluded_files_are_not_checked(folder: Path) -> None:
    (folder / ".gitignore").write_text("built/\n")
    git(folder, "init", "-q")
    for name in ("built/a.md", "vendor/b.md", "c.md"):
        write(folder / name, 5)
    assert set(verdicts(check_limits({"*.md": 9}, exclude=["vendor/"]))) == {"c.md"}
    assert len(check_limits({"*.md": 9}, ignore=False).files) == 3
    assert set(verdicts(check_limits({"*.md": 9}, include=["vendor/**"]))) == {"vendor/b.md"}
    named = check_limits({"*.md": 9}, ["vendor/b.md", "c.md"], exclude=["vendor/"])
    assert [each.reason for each in named.skipped] == ["excluded by exclude 'vendor/'"]


def test_named_files_are_checked_each_and_not_together(folder: Path) -> None:
    write(folder / "docs/a.md", 10)
    write(folder / "docs/b.md", 20)
    write(folder / "c.txt", 20)
    rules = {"docs/**": "each:15,all:15", "nothing": 5}
    checked = check_limits(rules, ["docs/a.md", "c.txt"])
    assert verdicts(checked) == {"docs/a.md": (10, 15)}
    assert (checked.totals, checked.other_files, checked.unmatched) == ((), 1, ())
    assert checked.notes == (
        "limits on all files of a rule are not checked, since files were named",
    )
    assert checked.fits
    assert not check_limits(rules, "docs/*.md").fits  # a pattern of files
    (total,) = check_limits(rules, "docs").totals
    assert total.tokens == 30


def test_a_named_file_may_be_binary_and_must_exist(folder: Path) -> None:
    (folder / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(200))
    checked = check_limits({"**": 5}, ["a.png"])
    assert checked.complete and [each.path for each in checked.skipped] == ["a.png"]
    checked = check_limits({"**": 5}, ["gone.md"])
    assert not checked.complete and checked.fits and checked.as_json()["fits"] is None


def test_from_below_the_folder_of_the_rules(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "ctxtools.toml").write_text(
        '[check]\n"docs/**" = "each:5,all:9"\n".x/*" = 1\n"docs/sub/a.md" = 4\n'
    )
    write(folder / "docs/sub/a.md", 5)
    write(folder / "docs/b.md", 5)
    write(folder / ".x/c", 1)
    monkeypatch.chdir(folder / "docs/sub")
    checked = check_limits()
    assert verdicts(checked) == {
        "../../.x/c": (1, 1),
        "../../docs/b.md": (5, 5),
        "../../docs/sub/a.md": (5, 4),
    }
    assert [each.name for each in checked.files] == [".x/c", "docs/b.md", "docs/sub/a.md"]
    assert [each.kind for each in checked.exceeded] == ["each", "all"]
    for path in (
        "a.md",
        "./a.md",
        "../sub/a.md",
        str(folder / "docs/sub/a.md"),
        "../sub/../sub/a.md",
    ):
        named = check_limits(None, path)
        assert [(each.name, each.limit) for each in named.files] == [("docs/sub/a.md", 4)], path


def test_what_a_link_leads_to_is_not_followed_out(folder: Path) -> None:
    write(folder.parent / "secret.md", 9)
    write(folder / "docs/a.md", 1)
    (folder / "docs/link.md").symlink_to("../../secret.md")
    (folder / "docs/folder").symlink_to("../..")
    checked = check_limits({"**": 5})
    assert set(verdicts(checked)) == {"docs/a.md"}
    assert {each.path for each in checked.skipped} == {"docs/link.md", "docs/folder"}


def test_a_rule_without_files_is_told(folder: Path) -> None:
    write(folder / "docs/guide.md", 5)
    write(folder / ".a.txt", 5)
    checked = check_limits({"docs/**": 9, "dosc/**": 9, "*.txt": 9})
    assert [each.pattern for each in checked.unmatched] == ["dosc/**", "*.txt"]
    assert "did you mean" in checked.unmatched[0].hint
    assert checked.unmatched[1].hint == "what it matches is left out: 1 hidden"
    assert checked.fits


def test_rules_for_other_folders_are_passed_over(folder: Path) -> None:
    """Each rule for another folder was told as one without files, and an error with --strict."""
    write(folder / "docs/guide.md", 5)
    write(folder / "src/a.md", 5)
    limits = {"docs/**": 9, "src/**": 9, "srx/**": 9}
    assert check_limits(limits, ["docs"]).unmatched == ()
    for everything in (["."], [str(folder)], ["docs", "."]):
        assert [each.pattern for each in check_limits(limits, everything).unmatched] == ["srx/**"]
    with pytest.raises(UsageError, match=r"nothing was checked: no file matches 'src/\*\*'"):
        check_limits({"src/**": 9}, ["docs"])


def test_nothing_checked_is_no_answer(folder: Path) -> None:
    write(folder / "docs/guide.md", 5)
    with pytest.raises(UsageError, match=r"nothing was checked: no file matches 'a.txt'"):
        check_limits({"a.txt": 5})
    for wrong, match in (
        ("-", "stdin has no name"),
        (["docs", "-"], "stdin has no name"),
    ):
        with pytest.raises(UsageError, match=match):
            check_limits({"**": 5}, wrong)


@pytest.mark.skipif(
    sys.platform == "win32" or (hasattr(os, "geteuid") and os.geteuid() == 0),
    reason="everything can be read",
)
def test_an_unreadable_file_is_an_error(folder: Path) -> None:
    write(folder / "a.md", 5)
    write(folder / "b.md", 5)
    (folder / "b.md").chmod(0)
    checked = check_limits({"*.md": 9})
    assert not checked.complete and checked.as_json()["fits"] is None


def test_remarks_on_files_are_kept(folder: Path) -> None:
    (folder / "a.ipynb").write_text("{")
    checked = check_limits({"*.ipynb": 9})
    assert "read as plain text" in checked.file_notes["a.ipynb"][0]


def test_the_number_of_threads_changes_nothing(folder: Path) -> None:
    for number in range(150):
        write(folder / f"{number % 7}/{number}.md", number % 20)
    rules = {"*.md": "each:15,all:1k", "3/**": {"each": 9, "encoding": "cl100k_base"}}
    first = check_limits(rules, threads=1).as_json()
    assert first["exceeded"] and all(
        check_limits(rules, threads=threads).as_json() == first for threads in (2, 5, 0)
    )


def test_outputs_are_not_counted(folder: Path) -> None:
    write(folder / "a.md", 5)
    write(folder / "out.md", 5)
    checked = check_limits({"*.md": 9}, outputs=["out.md"])
    assert set(verdicts(checked)) == {"a.md"}
    assert [each.reason for each in checked.skipped] == ["the output itself"]


# What counts


def test_rules_may_count_with_different_tokenizers(folder: Path) -> None:
    text = "深度求索，通义千问。" * 20
    (folder / "a.md").write_text(text)
    (folder / "b.md").write_text(text)
    counts = {name: ctx.get_encoding(name).count(text) for name in ("cl100k_base", "qwen2")}
    rules = {
        "*.md": {"each": 10_000, "all": 3, "encoding": "cl100k_base"},
        "b.md": {"max_growth": "10%", "encoding": "qwen2"},
        "a.md": {"each": 1, "model": "qwen2.5-7b-instruct"},
    }
    checked = check_limits(rules)
    assert [(each.path, each.tokenizer, each.tokens) for each in checked.files] == [
        ("a.md", "qwen2", counts["qwen2"]),
        ("b.md", "cl100k_base", counts["cl100k_base"]),
        ("b.md", "qwen2", counts["qwen2"]),
    ]
    assert checked.totals[0].tokens == 2 * counts["cl100k_base"]


def test_the_encoding_is_the_rules_own_or_what_is_asked_for(folder: Path) -> None:
    (folder / "a.md").write_text("hello 深度求索")
    rules = {"a.md": 100}
    for asked in (
        {"encoding": "qwen2"},
        {"encoding": ctx.get_encoding("qwen2")},
        {"model": "qwen3-8b"},
    ):
        arguments: dict[str, Any] = asked
        (file,) = check_limits(rules, **arguments).files
        assert (file.tokenizer, file.tokens) == (
            "qwen2",
            ctx.get_encoding("qwen2").count("hello 深度求索"),
        )
    (file,) = check_limits(rules).files
    assert file.tokenizer == "o200k_base"
    with pytest.raises(UnknownModelError):
        check_limits(rules, model="nothing-of-this-name-5")
    with pytest.raises(UnknownEncodingError):
        check_limits(rules, encoding="nothing")
    with pytest.raises(UsageError, match="cannot be used together"):
        check_limits(rules, model="gpt-4o", encoding="qwen2")


def test_an_estimate_is_compared_by_its_upper_bound(folder: Path) -> None:
    write(folder / "a.md", 1000)
    write(folder / "b.md", 1000)
    model = ctx.get_model("claude-opus-4-8")
    high = model.estimate_tokens((folder / "a.md").read_text()).high
    exact = check_limits({"*.md": high}, model="claude-opus-4-8")
    (a, b) = exact.files
    assert a.interval is not None and a.interval.high == high and exact.fits
    assert a.tokens == a.interval.typical and a.tokenizer == "claude-opus-4-8"
    below = check_limits({"*.md": f"each:{high - 1},all:{2 * high}"}, model=model)
    assert len(below.exceeded) == 2
    assert "which may be over the limit" in below.exceeded[0].message
    (total,) = below.totals
    assert total.tokens == a.tokens + b.tokens
    assert total.interval is not None and total.interval.high == 2 * high
    assert any("is an estimate (~)" in note for note in below.notes)
