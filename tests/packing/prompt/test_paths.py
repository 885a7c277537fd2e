"""What a pack calls its documents: short, no two alike, and nothing of where they are on a disk."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools.documents import read_documents
from ctxtools.packing import pack, pack_parts
from ctxtools.packing.prompt.paths import shown_paths

HOME = "/home/mia"
HERE = f"{HOME}/project"


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getcwd", lambda: HERE)
    monkeypatch.setenv("HOME", HOME)


@pytest.mark.parametrize(
    ("roots", "paths", "shown"),
    [
        # one folder
        (["."], ["a.py", "src/b.py"], ["a.py", "src/b.py"]),
        (["src"], ["src/a.py", "src/x/b.py"], ["a.py", "x/b.py"]),
        ([HERE], [f"{HERE}/a.py", f"{HERE}/src/b.py"], ["a.py", "src/b.py"]),
        (["/opt/lib/"], ["/opt/lib/a.py"], ["a.py"]),
        ([".."], ["../a.py", "../project/b.py"], ["a.py", "project/b.py"]),
        ([HERE, "src"], [f"{HERE}/a.py", "src/b.py"], ["a.py", "src/b.py"]),
        (["/"], ["/etc/hosts"], ["etc/hosts"]),
        # several, in the current folder
        (["src", "tests"], ["src/a.py", "tests/a.py"], ["src/a.py", "tests/a.py"]),
        ([f"{HERE}/src", "tests"], [f"{HERE}/src/a.py", "tests/a.py"], ["src/a.py", "tests/a.py"]),
        (["src"], ["src/a.py", "README.md"], ["src/a.py", "README.md"]),
        # several, elsewhere
        (["/opt/one", "/srv/two"], ["/opt/one/a.py", "/srv/two/a.py"], ["one/a.py", "two/a.py"]),
        (["/a/lib", "/b/lib"], ["/a/lib/x", "/b/lib/y"], ["a/lib/x", "b/lib/y"]),
        (["/a/lib", "/b/lib"], ["/a/lib/x", "/b/lib/x"], ["a/lib/x", "b/lib/x"]),
        ([".", "../other"], ["a.py", "../other/a.py"], ["project/a.py", "other/a.py"]),
        (["src/app", "/opt/lib"], ["src/app/a.py", "/opt/lib/b.py"], ["src/app/a.py", "lib/b.py"]),
        # files
        ([], ["a.py", "src/b.py", f"{HERE}/c.py"], ["a.py", "src/b.py", "c.py"]),
        ([], ["/opt/lib/a.py"], ["a.py"]),
        ([], ["../a.py", "b.py"], ["a.py", "b.py"]),
        ([], ["/opt/lib/src/a.py", "/opt/lib/b.py"], ["src/a.py", "b.py"]),
        ([], [f"{HOME}/x/a.py", "/opt/a.py"], ["x/a.py", "opt/a.py"]),
        ([], [f"{HOME}/x/a.py", "/opt/b.py"], ["a.py", "b.py"]),
        ([], [f"{HOME}/x/a.py", "/home/ben/b.py"], ["a.py", "b.py"]),
        (["/opt/lib"], ["/opt/lib/a.py", "/srv/b.txt"], ["a.py", "b.txt"]),
        (["/opt/lib"], ["/opt/lib/b.txt", "/srv/b.txt"], ["lib/b.txt", "srv/b.txt"]),
        (["/opt/lib"], ["/opt/lib/b.txt", "-"], ["b.txt", "-"]),
    ],
)  # fmt: skip
def test_relative_paths(roots: list[str], paths: list[str], shown: list[str]) -> None:
    assert shown_paths(paths, roots, "relative") == shown
    assert shown_paths(paths, roots, "as-given") == paths


NAMES = st.sampled_from(["a", "b", "home", "mia", "project", "lib"])
PATHS = st.lists(NAMES, min_size=1, max_size=5).map(lambda names: "/" + "/".join(names))


@given(st.lists(PATHS, max_size=3), st.lists(PATHS, max_size=8, unique=True))
def test_no_two_names_are_alike(roots: list[str], paths: list[str]) -> None:
    shown = shown_paths(paths, roots, "relative")
    assert len(set(shown)) == len(paths)
    for path, name in zip(paths, shown, strict=True):
        assert path.endswith(name) and not name.startswith("/") and name


def test_in_python(tmp_path: Path) -> None:
    """Documents that were read know their folder; pairs have the names that they were given."""
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "a.py").write_text("x = 1")
    path = f"{tmp_path}/src/a.py"
    documents = read_documents(str(tmp_path))
    for pins in (["src/a.py"], [path]):
        packed = pack(documents, "o200k_base", budget=100, pins=pins, values={path: 3.0})
        (found,) = packed.documents
        assert (found.path, found.pinned, found.value) == ("src/a.py", True, 3.0)
    assert 'source="src/a.py"' in pack_parts(documents, "o200k_base", parts=1)[0].text
    pairs = {path: "x = 1"}
    assert pack(pairs, "o200k_base", budget=100).documents[0].path == path
    assert (
        pack(pairs, "o200k_base", budget=100, roots=[str(tmp_path)]).documents[0].path == "src/a.py"
    )
    given = pack(documents, "o200k_base", budget=100, paths="as-given")
    assert given.documents[0].path == path
