"""What is compared with a baseline, or with a revision."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctxtools.documents import File, FoundFiles, find_files
from ctxtools.errors import CtxtoolsError, FormatError, ReadError, Skipped, UsageError
from ctxtools.limits import CheckedLimits, check, check_limits
from tests.documents.git.repositories import git
from tests.limits.conftest import write

RULES = {"docs/**": 1000, "*.md": {"each": 900}}


def changes(checked: CheckedLimits) -> dict[str, tuple[int | None, int]]:
    """Name -> tokens before and now."""
    return {each.name: (each.before, each.tokens) for each in checked.files}


# A revision


def test_a_revision_is_compared_without_a_checkout(repository: Path) -> None:
    write(repository / "docs/a.md", 230)
    write(repository / "docs/new.md", 5)
    (repository / "docs/b.md").unlink()
    rules = {"AGENTS.md": 150, "docs/**": "each:1k,all:1k"}
    before = git(repository, "status", "--porcelain")
    checked = check_limits(rules, against="HEAD", max_growth="each:10%,all:0")
    assert changes(checked) == {
        "AGENTS.md": (100, 100),
        "docs/a.md": (200, 230),
        "docs/new.md": (None, 5),
    }
    assert (checked.added, checked.removed) == (("docs/new.md",), ("docs/b.md",))
    assert [(each.kind, each.path, each.limit) for each in checked.exceeded] == [
        ("growth", "docs/a.md", 220)
    ]
    assert checked.exceeded[0].message == (
        "docs/a.md grew by 30 to 230 o200k_base tokens (from 200, 15.0%), and may grow by 10%"
    )
    totals = {each.rule.pattern: (each.before, each.tokens) for each in checked.totals}
    assert totals == {"AGENTS.md": (100, 100), "docs/**": (500, 235)}
    assert checked.compared == "revision HEAD"
    assert git(repository, "status", "--porcelain") == before


def test_all_files_may_not_grow_by_new_ones(repository: Path) -> None:
    write(repository / "docs/new.md", 60)
    grown = check_limits(RULES, against="HEAD", max_growth={"all": "10%"})
    assert [(each.kind, each.rule.pattern, each.limit) for each in grown.exceeded] == [
        ("total growth", "docs/**", 550)
    ]
    assert "docs/** (3 files) grew by 60 to 560" in grown.exceeded[0].message
    assert check_limits(RULES, against="HEAD", max_growth={"all": 60}).fits


def test_named_files_are_compared_alone(repository: Path) -> None:
    write(repository / "docs/a.md", 230)
    write(repository / "docs/new.md", 5)
    (repository / "docs/b.md").unlink()
    named = ["docs/a.md", "docs/new.md"]
    checked = check_limits(RULES, named, against="HEAD", max_growth=29)
    assert changes(checked) == {"docs/a.md": (200, 230), "docs/new.md": (None, 5)}
    assert (checked.added, checked.removed) == (("docs/new.md",), ())
    assert [each.path for each in checked.exceeded] == ["docs/a.md"]


def test_from_a_folder_below_and_of_a_folder_that_is_new(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (repository / "ctxtools.toml").write_text('[check]\n"docs/**" = { each = 1000, all = 1000 }\n')
    write(repository / "fresh/x.md", 5)
    write(repository / "docs/a.md", 201)
    monkeypatch.chdir(repository / "docs")
    checked = check_limits(against="HEAD", max_growth=0)
    assert changes(checked) == {"docs/a.md": (200, 201), "docs/b.md": (300, 300)}
    assert [each.kind for each in checked.exceeded] == ["growth"]
    assert changes(check_limits(None, "a.md", against="HEAD")) == {"docs/a.md": (200, 201)}
    (repository / "docs/b.md").unlink()
    assert check_limits(against="HEAD").removed == ("../docs/b.md",)
    monkeypatch.chdir(repository)
    fresh = check_limits({"*.md": 9}, "fresh", against="HEAD")
    assert fresh.added == ("fresh/x.md",) and fresh.complete


def test_without_a_rule_every_file_may_grow_as_much(repository: Path) -> None:
    write(repository / "AGENTS.md", 111)
    checked = check_limits({}, against="HEAD", max_growth="10%")
    assert [(each.path, each.limit) for each in checked.exceeded] == [("AGENTS.md", 110)]


def test_renamed_files_and_those_out_of_the_index(repository: Path) -> None:
    git(repository, "mv", "docs/a.md", "docs/moved.md")
    git(repository, "rm", "-q", "--cached", "docs/b.md")
    write(repository / "docs/b.md", 301)
    checked = check_limits(RULES, against="HEAD")
    assert changes(checked) == {
        "AGENTS.md": (100, 100),
        "docs/b.md": (300, 301),
        "docs/moved.md": (None, 200),
    }
    assert (checked.added, checked.removed) == (("docs/moved.md",), ("docs/a.md",))


@pytest.mark.parametrize(
    ("revision", "message"),
    [
        ("nope", "no commit 'nope'"),
        ("HEAD..HEAD", "against is one revision, not two"),
        ("", "against is empty"),
        ("--upload-pack=x", "no commit"),
        ("a\nb\x1b[2J", "no commit"),
    ],
)
def test_what_is_no_revision(repository: Path, revision: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        check_limits(RULES, against=revision)


def test_no_repository_and_no_git(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(folder / "a.md", 5)
    with pytest.raises(UsageError, match="not in a repository of git"):
        check_limits(RULES, against="HEAD")
    monkeypatch.setenv("PATH", str(folder))
    with pytest.raises(UsageError, match="git is not installed"):
        check_limits(RULES, against="HEAD")


def test_a_repository_runs_nothing(repository: Path, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    config = repository / ".git/config"
    with config.open("a") as file:
        file.write(f'[diff]\nexternal = "touch {ran}"\n[core]\nfsmonitor = "touch {ran}"\n')
        file.write(f'[filter "x"]\nclean = "touch {ran}"\nsmudge = "touch {ran}"\n')
    (repository / ".gitattributes").write_text("* filter=x diff=x\n")
    write(repository / "docs/a.md", 201)
    assert changes(check_limits(RULES, against="HEAD"))["docs/a.md"] == (200, 201)
    assert not ran.exists()


# A baseline


def test_a_baseline_is_written_and_compared_with(folder: Path) -> None:
    for name, tokens in (("b.md", 100), ("a.md", 50), ("z/é.md", 7)):
        write(folder / name, tokens)
    rules = {"*.md": "each:1k,all:1k"}
    written = check_limits(rules, baseline="base.json", update_baseline=True)
    assert written.fits and written.compared == "" and written.added == ()
    content = (folder / "base.json").read_bytes()
    kept = json.loads(content)
    assert kept["ctxtools_baseline"] == 1
    files = kept["tokenizers"]["o200k_base"]["files"]
    assert files == {"a.md": 50, "b.md": 100, "z/é.md": 7} and [*files] == sorted(files)
    assert b"\xc3\xa9" in content and content.endswith(b"}\n")
    check_limits(rules, baseline="base.json", update_baseline=True, threads=1)
    assert (folder / "base.json").read_bytes() == content
    write(folder / "a.md", 56)
    write(folder / "new.md", 1)
    (folder / "b.md").unlink()
    checked = check_limits(rules, baseline="base.json", max_growth="10%")
    assert changes(checked) == {"a.md": (50, 56), "new.md": (None, 1), "z/é.md": (7, 7)}
    assert (checked.added, checked.removed) == (("new.md",), ("b.md",))
    assert [each.path for each in checked.exceeded] == ["a.md"]
    assert checked.totals[0].before == 157
    assert checked.compared == "baseline base.json"


def test_a_baseline_is_not_counted(folder: Path) -> None:
    write(folder / "a", 50)
    rules = {"**": "each:1k"}
    for path in ("base.json", "./base.json", str(folder / "base.json"), "link.json"):
        if path == "link.json":
            (folder / path).symlink_to("base.json")
        assert [
            each.path for each in check_limits(rules, baseline=path, update_baseline=True).files
        ] == ["a"]
        assert [each.path for each in check_limits(rules, baseline=path).files] == ["a"]


def test_a_baseline_is_of_folders_as_far_as_they_are_named(folder: Path) -> None:
    write(folder / "x/a", 5)
    write(folder / "y/b", 6)
    rules = {"a": "all:9", "b": "all:9"}
    check_limits(rules, baseline="base", update_baseline=True)
    checked = check_limits(rules, "x", baseline="base")
    assert checked.removed == ()
    assert [(each.before, each.tokens) for each in checked.totals] == [(5, 5), (0, 0)]
    for paths in ("x", "x/a", ["x", "y"]):
        with pytest.raises(UsageError, match="is for all files that rules match"):
            check_limits(rules, paths, baseline="base", update_baseline=True)


def test_several_tokenizers_in_one_baseline(folder: Path) -> None:
    (folder / "a.md").write_text("深度求索" * 9)
    rules: dict[str, Any] = {
        "a.md": {"each": 900, "encoding": "qwen2", "max_growth": 0},
        "*.md": {"all": 900, "model": "claude-opus-4-8", "max_growth": {"all": 0}},
    }
    check_limits(rules, baseline="base", update_baseline=True)
    assert [*json.loads((folder / "base").read_text())["tokenizers"]] == [
        "claude-opus-4-8",
        "qwen2",
    ]
    assert check_limits(rules, baseline="base").fits
    (folder / "a.md").write_text("深度求索" * 10)
    assert [each.kind for each in check_limits(rules, baseline="base").exceeded] == [
        "growth",
        "total growth",
    ]


def _other_version(kept: dict[str, Any]) -> None:
    kept["ctxtools_baseline"] = 2


def _huge_version(kept: dict[str, Any]) -> None:
    kept["ctxtools_baseline"] = 10**400


def _no_version(kept: dict[str, Any]) -> None:
    kept["ctxtools_baseline"] = "1"


def _other_tokenizer(kept: dict[str, Any]) -> None:
    kept["tokenizers"] = {"cl100k_base\x1b[2J": kept["tokenizers"]["o200k_base"]}


def _same_name(kept: dict[str, Any]) -> None:
    kept["tokenizers"]["o200k_base"]["fingerprint"] = "0" * 16


def _no_tokenizers(kept: dict[str, Any]) -> None:
    kept["tokenizers"] = []


def _no_files(kept: dict[str, Any]) -> None:
    del kept["tokenizers"]["o200k_base"]["files"]


def _no_number(kept: dict[str, Any]) -> None:
    kept["tokenizers"]["o200k_base"]["files"]["a\x1b.md"] = True


def _negative(kept: dict[str, Any]) -> None:
    kept["tokenizers"]["o200k_base"]["files"]["a.md"] = -1


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (_other_version, "a baseline of version 2, and this ctxtools reads 1"),
        (_huge_version, "a baseline of another version"),
        (_no_version, "it is no baseline of ctx check"),
        (_other_tokenizer, "it has counts of cl100k_base.x1b.2J, and o200k_base is what counts"),
        (_same_name, "of another tokenizer that is called o200k_base too"),
        (_no_tokenizers, "a damaged baseline: it lists no tokenizers"),
        (_no_files, "a damaged baseline: it lists no files"),
        (_no_number, "a damaged baseline: a.x1b.md has no number of tokens"),
        (_negative, "a damaged baseline: a.md has no number of tokens"),
    ],
)
def test_a_baseline_of_another_kind(folder: Path, damage: Any, message: str) -> None:
    write(folder / "a.md", 5)
    check_limits({"*.md": 9}, baseline="base", update_baseline=True)
    kept = json.loads((folder / "base").read_text())
    damage(kept)
    (folder / "base").write_text(json.dumps(kept))
    with pytest.raises(FormatError, match=message) as raised:
        check_limits({"*.md": 9}, baseline="base")
    assert "--update-baseline" in (raised.value.hint or "")


def test_nothing_but_a_baseline_is_replaced(folder: Path) -> None:
    """``--baseline README.md --update-baseline`` wrote the counts over that file."""
    write(folder / "a.md", 5)
    for content in ("# By hand\n", '{"name": "package"}\n'):
        (folder / "base").write_text(content)
        for update in (True, False):
            with pytest.raises(FormatError, match="no baseline") as raised:
                check_limits({"*.md": 9}, baseline="base", update_baseline=update)
            assert (raised.value.hint or "").startswith("name another file")
        assert (folder / "base").read_text() == content
    (folder / "base").write_text("")
    check_limits({"*.md": 9}, baseline="base", update_baseline=True)
    good = (folder / "base").read_text()
    (folder / "base").write_text(f"<<<<<<< ours\n{good}")  # of a merge
    check_limits({"*.md": 9}, baseline="base", update_baseline=True)
    assert (folder / "base").read_text() == good


@settings(max_examples=50)
@given(st.data())
def test_a_damaged_baseline_is_an_error_or_the_same(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    from ctxtools.limits.baseline import read_baseline, write_baseline
    from ctxtools.limits.tokenizers import find_tokenizer

    path = tmp_path_factory.mktemp("base") / "base.json"
    tokenizer, _ = find_tokenizer(None, "o200k_base")
    counts = data.draw(st.dictionaries(st.text(max_size=5), st.integers(0, 10**15), max_size=4))
    counts = {
        name.encode("utf-8", "surrogatepass").decode("utf-8", "surrogateescape"): n
        for name, n in counts.items()
    }
    write_baseline(str(path), [tokenizer], [counts])
    assert read_baseline(str(path), [tokenizer]) == [counts]
    content = path.read_bytes()
    at = data.draw(st.integers(0, len(content) - 1))
    path.write_bytes(content[:at])
    if content[:at].strip() != content.strip():
        with pytest.raises(FormatError):
            read_baseline(str(path), [tokenizer])
    path.write_bytes(content[:at] + data.draw(st.binary(max_size=3)) + content[at + 1 :])
    try:
        (found,) = read_baseline(str(path), [tokenizer])
    except CtxtoolsError:
        return
    assert all(type(n) is int and 0 <= n <= 10**15 for n in found.values())


def test_a_baseline_that_is_not_there(folder: Path) -> None:
    write(folder / "a.md", 5)
    with pytest.raises(ReadError, match="base: no such file") as raised:
        check_limits({"*.md": 9}, baseline="base")
    assert raised.value.hint == "--update-baseline writes it"
    with pytest.raises(UsageError, match="update_baseline needs a baseline"):
        check_limits({"*.md": 9}, update_baseline=True)
    with pytest.raises(UsageError, match="cannot be used together"):
        check_limits({"*.md": 9}, baseline="base", against="HEAD")
    with pytest.raises(UsageError, match="max_growth needs something to compare with"):
        check_limits({"*.md": 9}, max_growth="10%")


class _Failing(FoundFiles):
    """A search that ends with a file that the disk does not give."""

    def __init__(self, found: FoundFiles) -> None:
        self.unmatched = []
        failed = Skipped("b.md", "input/output error", error=True)
        self._all: Iterator[File | Skipped] = iter([*found, failed])

    def __next__(self) -> File | Skipped:
        return next(self._all)


def test_a_baseline_is_not_written_where_a_file_could_not_be_read(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(folder / "a.md", 5)
    check_limits({"*.md": 9}, baseline="base", update_baseline=True)
    before = (folder / "base").read_bytes()
    write(folder / "a.md", 6)
    monkeypatch.setattr(check, "find_files", lambda *a, **k: _Failing(find_files(*a, **k)))
    checked = check_limits({"*.md": 9}, baseline="base", update_baseline=True)
    assert not checked.complete and (folder / "base").read_bytes() == before
    assert "base was not written, since not all files could be read" in checked.notes
    compared = check_limits({"*.md": 9}, baseline="base")
    assert compared.removed == ()


def test_growth_without_anything_to_compare_with_is_told(folder: Path) -> None:
    write(folder / "a.md", 5)
    checked = check_limits({"a.md": {"each": 9, "max_growth": 0}})
    assert checked.notes == ("growth is not checked: there is nothing to compare with",)


@settings(max_examples=25)
@given(
    st.dictionaries(st.sampled_from(["a", "b", "c/d", "c/e"]), st.integers(0, 9), min_size=1),
    st.dictionaries(st.sampled_from(["a", "b", "c/d", "c/e"]), st.integers(0, 9), min_size=1),
    st.sampled_from(["0", "1", "3", "10%", "50%", "100%", "33.3%"]),
)
def test_growth_is_that_of_an_oracle(
    tmp_path_factory: pytest.TempPathFactory, old: dict[str, int], new: dict[str, int], by: str
) -> None:
    folder = tmp_path_factory.mktemp("grown")
    here = Path.cwd()
    rules = {"**": "each:99"}

    def fill(files: dict[str, int]) -> None:
        for path in ("a", "b", "c/d", "c/e"):
            (folder / path).unlink(missing_ok=True)
        for path, tokens in files.items():
            write(folder / path, tokens)

    def allowed(before: int) -> float:
        share = float(by[:-1]) * before / 100 + 1e-9 if by.endswith("%") else int(by)
        return before + share

    os.chdir(folder)
    try:
        fill(old)
        check_limits(rules, baseline=folder / "../base.json", update_baseline=True)
        fill(new)
        growth = {"each": by, "all": by}
        checked = check_limits(rules, baseline=folder / "../base.json", max_growth=growth)
    finally:
        os.chdir(here)
        (folder / "../base.json").unlink(missing_ok=True)
    expected = {("growth", n) for n in new if n in old and new[n] > allowed(old[n])}
    if sum(new.values()) > allowed(sum(old.values())):
        expected.add(("total growth", ""))
    assert {(each.kind, each.path or "") for each in checked.exceeded} == expected
    assert {*checked.added} == {*new} - {*old} and {*checked.removed} == {*old} - {*new}
