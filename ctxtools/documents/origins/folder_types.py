"""What a folder's name says of the files in it, where nobody of the project wrote them."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from ctxtools.documents.filetypes import Kind


class FolderType(NamedTuple):
    """What a folder's name says of the files in it, where nobody of the project wrote them.

    Attributes:
        kind: of the files.
        certain: the name alone leaves no doubt.
        beside: names and patterns (of fnmatch) next to the folder, one of which leaves no doubt.
        inside: the same for paths in the folder.
        evidence: without one of these, the name says nothing.
    """

    kind: Kind
    certain: bool = False
    beside: tuple[str, ...] = ()
    inside: tuple[str, ...] = ()
    evidence: bool = False


_FOLDERS: Mapping[str, FolderType] = {
    "node_modules bower_components jspm_packages site-packages dist-packages __pypackages__ Pods "
    "Carthage Godeps elm-stuff third_party third-party thirdparty 3rdparty 3rd_party 3rd-party":
        FolderType("vendored", certain=True),
    "vendor vendors _vendor vendored": FolderType(
        "vendored",
        beside=(
            "go.mod", "composer.json", "Gemfile", "Cargo.toml", "package.json", "pyproject.toml",
        ),
        inside=("modules.txt", "autoload.php", "bundle", "github.com"),
    ),
    "lib": FolderType("vendored", beside=("foundry.toml",), evidence=True),
    "deps": FolderType("vendored", beside=("mix.exs", "rebar.config"), evidence=True),
    "venv .venv virtualenv .virtualenv": FolderType(
        "virtual environment",
        inside=("bin", "lib", "lib64", "Lib", "Scripts", "include", "conda-meta"),
    ),
    "env .env ENV": FolderType(
        "virtual environment",
        inside=("bin/activate", "bin/python", "Scripts/activate.bat", "conda-meta"),
        evidence=True,
    ),
    "__pycache__ .tox .nox .eggs *.egg-info *.dist-info .next .nuxt .svelte-kit .parcel-cache "
    ".turbo .pytest_cache .mypy_cache .ruff_cache .hypothesis .ipynb_checkpoints .gradle "
    ".terraform htmlcov lcov-report CMakeFiles cmake-build-* DerivedData storybook-static "
    "dist-newstyle nimcache zig-out zig-cache .zig-cache .dart_tool cdk.out":
        FolderType("build output", certain=True),
    "dist": FolderType(
        "build output", beside=("package.json", "pyproject.toml", "setup.py", "setup.cfg")
    ),
    "build": FolderType(
        "build output",
        beside=("build.gradle", "build.gradle.kts", "setup.py"),
        inside=("CMakeCache.txt", "build.ninja", "meson-info"),
    ),
    "out": FolderType(
        "build output", beside=("package.json", "tsconfig.json", "foundry.toml"), evidence=True
    ),
    "target": FolderType(
        "build output", beside=("Cargo.toml", "pom.xml", "build.sbt", "project.clj"), evidence=True
    ),
    "bin obj": FolderType(
        "build output", beside=("*.csproj", "*.fsproj", "*.vbproj"), evidence=True
    ),
    "coverage": FolderType(
        "build output",
        beside=("package.json",),
        inside=("lcov.info", "lcov-report", "coverage-final.json", "clover.xml", "cobertura.xml"),
        evidence=True,
    ),
    "_build": FolderType(
        "build output",
        beside=("mix.exs", "dune-project", "conf.py", "rebar.config"),
        inside=("html", "doctrees"),
        evidence=True,
    ),
    "renv": FolderType("virtual environment", inside=("activate.R",), evidence=True),
    "site": FolderType("build output", beside=("mkdocs.yml", "mkdocs.yaml"), evidence=True),
    "_site": FolderType("build output", beside=("_config.yml",), evidence=True),
    "public": FolderType("build output", beside=("hugo.toml", "hugo.yaml"), evidence=True),
    "artifacts cache": FolderType("build output", beside=("hardhat.config.*",), evidence=True),
    "generated __generated__ _generated autogen": FolderType("generated"),
}  # fmt: skip
FOLDERS: Mapping[str, FolderType] = MappingProxyType(
    {name: type for names, type in _FOLDERS.items() for name in names.split()}
)
FOLDER_PATTERNS = tuple(name for name in FOLDERS if "*" in name)
"""Names of folders with patterns (of fnmatch) instead of names among them."""

MARKED_FOLDERS: Mapping[str, Kind] = MappingProxyType(
    {
        "pyvenv.cfg": "virtual environment",
        "conda-meta": "virtual environment",
        "CACHEDIR.TAG": "build output",
    }
)
"""Names in a folder that say what is in it (PEP 405; https://bford.info/cachedir/)."""
