"""What nobody of a project wrote, by folders and names, and what only looks like it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools.documents.filetypes import NAMED_KINDS
from ctxtools.documents.origins import Folders, Origin, find_origin
from tests.hanging import no_hang

LOCK_FILES = """
package-lock.json npm-shrinkwrap.json yarn.lock pnpm-lock.yaml bun.lock bun.lockb deno.lock
poetry.lock uv.lock pdm.lock pixi.lock Pipfile.lock pylock.toml Cargo.lock go.sum go.work.sum
composer.lock Gemfile.lock gems.locked flake.lock packages.lock.json paket.lock mix.lock
rebar.lock pubspec.lock Podfile.lock Package.resolved gradle.lockfile stack.yaml.lock
.terraform.lock.hcl Chart.lock conda-lock.yml renv.lock MODULE.bazel.lock
"""
NOT_NAMES = """
README.md main.go block.py lock.py lock.json Lock.java src/lockfile.ts clock.yaml map.py
generated.py test_generated.py mock_user.go vendor.py target.rs src/min.js env.py
environments/prod.py
"""
NOT_FOLDERS = """
target/a.py src/target/x86.c env/settings.py config/env/prod.py src/out/port.kt deps/a.py
coverage/report.go bin/run.py obj/model.py _build/a.py Lib/sitepackages/a.py venv/__init__.py
pip/operations/build/__init__.py go/build/read.go dist/mod.rs
"""


def origin(path: str, *others: str, marks: tuple[str, ...] = (), text: str = "") -> Origin | None:
    return find_origin(path, text, Folders([path, *others]), frozenset(marks))


@pytest.mark.parametrize(
    "name",
    LOCK_FILES.split(),
)
def test_lock_files(name: str) -> None:
    for path in (name, f"sub/folder/{name}"):
        assert origin(path) == Origin("lock file", "name")


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("a.pb.go", "generated"), ("a_pb2.py", "generated"), ("a_pb2_grpc.pyi", "generated"),
        ("a.pb.cc", "generated"), ("a.pb.gw.go", "generated"), ("a_pb.d.ts", "generated"),
        ("a.g.dart", "generated"), ("a.freezed.dart", "generated"), ("F.Designer.cs", "generated"),
        ("a.generated.ts", "generated"), ("a_generated.rs", "generated"),
        ("zz_generated.deepcopy.go", "generated"), ("a/bindata.go", "generated"),
        ("a.test.ts.snap", "generated"), ("app.min.js", "minified"), ("app-min.css", "minified"),
        ("app.js.map", "minified"), ("x/app.d.ts.map", "minified"),
        ("repomix-output.xml", "earlier pack"), ("gradlew", "vendored"),
    ],
)  # fmt: skip
def test_names(path: str, kind: str) -> None:
    found = origin(path)
    assert found and found.kind == kind


@pytest.mark.parametrize(
    "path",
    NOT_NAMES.split(),
)
def test_names_that_only_look_like_it(path: str) -> None:
    assert origin(path) is None


@pytest.mark.parametrize(
    ("path", "kind", "others"),
    [
        ("node_modules/a/index.js", "vendored", []),
        ("web/node_modules/a/index.js", "vendored", []),
        ("third_party/zlib/zlib.c", "vendored", []),
        ("ios/Pods/A/a.m", "vendored", []),
        ("vendor/github.com/x/y/a.go", "vendored", []),
        ("vendor/x/a.php", "vendored", ["composer.json"]),
        ("deps/cowboy/a.erl", "vendored", ["mix.exs"]),
        ("venv/lib/python3.11/site.py", "virtual environment", []),
        (".venv/bin/activate", "virtual environment", []),
        ("env/lib/a.py", "virtual environment", ["env/pyvenv.cfg"]),
        ("tools/my-env/lib/a.py", "virtual environment", ["tools/my-env/pyvenv.cfg"]),
        ("tools/conda/lib/a.py", "virtual environment", ["tools/conda/conda-meta/history"]),
        ("renv/library/a.R", "virtual environment", ["renv/activate.R"]),
        ("coverage/src/a.html", "build output", ["coverage/lcov.info"]),
        ("docs/_build/html/a.html", "build output", []),
        ("a/python3.11/site-packages/x.py", "vendored", []),
        ("__pycache__/a.txt", "build output", []),
        ("a.egg-info/PKG-INFO", "build output", []),
        ("target/debug/a.rs", "build output", ["Cargo.toml"]),
        ("server/target/classes/a.xml", "build output", ["server/pom.xml"]),
        ("stuff/a.rs", "build output", ["stuff/CACHEDIR.TAG"]),
        ("dist/index.js", "build output", ["package.json"]),
        ("build/libs/a.txt", "build output", ["build.gradle.kts"]),
        ("A/obj/a.cs", "build output", ["A/A.csproj"]),
        ("htmlcov/index.html", "build output", []),
        ("site/index.html", "build output", ["mkdocs.yml"]),
        ("artifacts/A.json", "build output", ["hardhat.config.ts"]),
        ("lib/forge-std/a.sol", "vendored", ["foundry.toml"]),
    ],
)  # fmt: skip
def test_folders(path: str, kind: str, others: list[str]) -> None:
    found = origin(path, *others)
    assert found and (found.kind, found.certain) == (kind, True)
    assert 0 < found.depth <= path.count("/")


@pytest.mark.parametrize(
    "path",
    NOT_FOLDERS.split(),
)
def test_folders_whose_name_says_nothing_alone(path: str) -> None:
    assert origin(path) is None


@pytest.mark.parametrize(
    "path", ["app/models/vendor/list.rb", "dist/a.py", "build/tasks.js", "src/generated/api.ts"]
)
def test_a_name_that_may_mean_something_else_is_uncertain(path: str) -> None:
    found = origin(path)
    assert found and not found.certain


def test_a_folder_that_the_user_named_is_uncertain() -> None:
    folders = Folders(["venv/lib/a.py", "src/a.py"])
    named = find_origin("venv/lib/a.py", "", folders, named=1)
    assert named and (named.kind, named.certain) == ("virtual environment", False)
    inner = find_origin("venv/lib/site-packages/a.py", "", folders, named=1)
    assert inner and inner.certain


def test_attributes_outrank_everything_but_lock_files() -> None:
    assert origin("a.py", marks=("linguist-generated",)) == Origin(
        "generated", "linguist-generated", certain=False
    )
    assert origin("a.py", marks=("linguist-vendored",)) == Origin("vendored", "linguist-vendored")
    assert origin("a.pb.go", marks=("-linguist-generated",)) is None
    assert origin("vendor/github.com/a.go", marks=("-linguist-vendored",)) is None
    assert origin("uv.lock", marks=("linguist-generated",)) == Origin("lock file", "name")
    marked = "// Code generated by x. DO NOT EDIT.\n"
    assert origin("a.go", marks=("-linguist-generated",), text=marked) is None


def test_what_is_certain_outranks_what_is_not() -> None:
    minified = "var a=function(b){return b+1};" * 100
    for path in ("dist/app.js", "main.chunk.js", "generated/app.js"):
        assert origin(path, text=minified) == Origin("minified", "long lines")
        found = origin(path, text="let a = 1\n")
        assert found and not found.certain
    assert origin("generated/uv.lock") == Origin("lock file", "name")


def test_the_readme_of_a_project_is_its_readme() -> None:
    text = "<!-- This file is generated by cargo-readme. Do not edit. -->\n# Tides\n"
    assert origin("README.md", text=text) is None
    assert origin("docs/api.md", text=text)


def test_the_text_of_a_record_is_not_that_of_a_file() -> None:
    folders = Folders(["a.py"])
    assert find_origin("a.py", "# @generated\n", folders)
    assert find_origin("a.py", None, folders) is None


NAMES = st.lists(
    st.sampled_from(
        [
            "package-lock",
            ".json",
            ".lock",
            "a",
            "a.min",
            ".js",
            ".JS",
            "test_",
            "Test_",
            ".pb",
            ".go",
            "/",
            "gradle/wrapper/",
            "gradlew",
            "_pb2",
            ".py",
            ".map",
            "repomix-output",
            ".md",
            "x",
        ]
    ),
    min_size=1,
    max_size=5,
)


@given(NAMES.map("".join))
def test_the_first_kind_that_a_name_has_counts(name: str) -> None:
    kinds = [kind for pattern, kind in NAMED_KINDS if re.search(pattern, name)]
    found = find_origin(name, None, Folders([]))
    assert (found and found.kind) == next(iter(kinds), None)


@pytest.mark.parametrize("top", ["build", "obj"])
def test_a_folder_is_looked_at_once_for_all_below_it(top: str) -> None:
    paths = [f"{top}/{number}/a.js" for number in range(30_000)]
    with no_hang():
        folders = Folders(paths)
        found = [folders.origins(path) for path in paths]
    assert {len(each) for each in found} == {1 if top == "build" else 0}
