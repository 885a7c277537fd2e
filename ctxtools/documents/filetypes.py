"""The one table of file types: what a file's name says about how to read, chunk, show and rank it.

A new file type is one entry in `_TYPES`. The values of the kinds in a pack are in
`ctxtools.packing.prompt.values.KINDS`, the parsers of the formats in `ctxtools.chunking.formats`.
"""

import os
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple, get_args

ChunkFormat = Literal[
    "markdown", "python", "javascript", "typescript", "tsx", "go", "rust", "java", "c", "cpp",
    "json", "jsonl", "html", "csv", "tsv", "text",
]  # fmt: skip
"""The structures that a chunker knows; "text" has none but its paragraphs and sentences."""

Kind = Literal[
    "readme", "manifest", "code", "prose", "configuration", "test", "data", "legal",
    "generated", "build output", "vendored", "virtual environment", "lock file", "minified",
    "earlier pack",
]  # fmt: skip
"""What a document is for, by which `ctx pack` values it. From "generated" on, those that nobody of
the project wrote (`ctxtools.documents.origins`)."""

Container = Literal["jsonl", "notebook", "parquet", "table", "binary"]
"""What holds the text, if that is not the file itself; nothing is read from "binary"."""


class FileType(NamedTuple):
    """What a file name's suffix says.

    Attributes:
        kind: what such files are for.
        format: their structure, for a chunker.
        language: the name of a fenced Markdown block that shows one, "" if there is none.
        container: what holds the texts of such a file; None if it is a text.
        newest_last: its end matters more than its start.
    """

    kind: Kind
    format: ChunkFormat = "text"
    language: str = ""
    container: Container | None = None
    newest_last: bool = False


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


_TYPES: Mapping[str, FileType] = {
    # Prose
    "md markdown mdown mkd mdx qmd rmd": FileType("prose", "markdown", "markdown"),
    "txt rst adoc org tex": FileType("prose"),
    "ipynb": FileType("prose", container="notebook"),
    # Code whose structure is parsed
    "py pyi pyw": FileType("code", "python", "python"),
    "js jsx mjs cjs": FileType("code", "javascript", "javascript"),
    "ts mts cts": FileType("code", "typescript", "typescript"),
    "tsx": FileType("code", "tsx", "typescript"),
    "go": FileType("code", "go", "go"),
    "rs": FileType("code", "rust", "rust"),
    "java": FileType("code", "java", "java"),
    "c h": FileType("code", "c", "c"),  # the parser finds out whether a .h is C++
    "cc cpp cxx c++ hh hpp hxx h++ ipp inl": FileType("code", "cpp", "cpp"),
    # Other code
    "sh bash zsh": FileType("code", language="bash"),
    "cs": FileType("code", language="csharp"),
    "kt kts": FileType("code", language="kotlin"),
    "lua": FileType("code", language="lua"),
    "php": FileType("code", language="php"),
    "rb": FileType("code", language="ruby"),
    "scala": FileType("code", language="scala"),
    "sql": FileType("code", language="sql"),
    "swift": FileType("code", language="swift"),
    "pl pm r jl ex exs erl hs ml mli clj cljs el vim fish ps1 bat": FileType("code"),
    "proto graphql vue svelte dart zig nim f90 f asm s v sv vhd m mm": FileType("code"),
    "tf cmake gradle groovy": FileType("code"),
    # Data and markup
    "json geojson webmanifest": FileType("data", "json", "json"),
    "jsonl ndjson jsonlines": FileType("data", "jsonl", "json", "jsonl"),
    "csv": FileType("data", "csv", "csv"),
    "tsv tab": FileType("data", "tsv", "tsv"),
    "html htm xhtml": FileType("data", "html", "html"),
    "xml svg": FileType("data", language="xml"),
    "css": FileType("data", language="css"),
    "scss po pot": FileType("data"),
    "log": FileType("data", newest_last=True),
    "parquet": FileType("data", container="parquet"),
    "arrow feather xlsx db sqlite gz zst bz2 xz zip": FileType("data", container="binary"),
    # Configuration, which is also the default
    "toml": FileType("configuration", language="toml"),
    "yaml yml": FileType("configuration", language="yaml"),
    "diff patch": FileType("configuration", language="diff"),
}

BY_SUFFIX: Mapping[str, FileType] = MappingProxyType(
    {suffix: type for suffixes, type in _TYPES.items() for suffix in suffixes.split()}
)
UNKNOWN = FileType("configuration")
_COMPRESSED = {"gz", "bz2", "xz", "zst", "zstd"}
_HOLDERS = _COMPRESSED | {
    suffix for suffix, type in BY_SUFFIX.items() if type.container not in (None, "binary")
}

FORMATS: tuple[ChunkFormat, ...] = get_args(ChunkFormat)

# Names that outrank a suffix. Compiled when they are first used: counting needs none of them.
_README = r"(?i)readme(?:\.\w+)?"  # in the top folder only
_LOCK = (
    r"(?:^|/)(?:[^/]+\.(?:lock|lockfile)(?:\.(?:ya?ml|json|hcl|toml))?"
    r"|(?:package|pnpm|conda|rush|npm)-lock\.(?:json|ya?ml)|npm-shrinkwrap\.json|bun\.lockb"
    r"|go(?:\.work)?\.sum|gems\.locked|Package\.resolved|Cartfile\.resolved|pylock(?:\.[^/]+)?\.toml"
    r"|cabal\.project\.freeze|dub\.selections\.json|maven_install\.json|project\.assets\.json)$"
)
_MINIFIED = (
    r"(?i)(?:^|/)[^/]+(?:[.-]min\.(?:[cm]?js|css|html?)|\.(?:[cm]?[jt]sx?|css|scss|less)\.map"
    r"|\.tsbuildinfo)$"
)
_GENERATED = (
    r"(?:^|/)(?!test_)(?:[^/]+[._-]generated\.\w+|zz_generated[^/]*|[^/]+\.(?:pb|g|gen)\.\w+"
    r"|[^/]+\.pb\.(?:gw|validate)\.go|[^/]+_pb2(?:_grpc)?\.pyi?|[^/]+_pb\.(?:[cm]?js|(?:d\.)?ts|rb)"
    r"|[^/]+\.(?:freezed|gr|mocks|chopper|pbenum|pbjson|pbserver|pbgrpc)\.dart"
    r"|[^/]+\.(?:[Dd]esigner|g\.i)\.(?:cs|vb)|[^/]+\.feature\.cs|bindata\.go|wire_gen\.go"
    r"|[^/]+_easyjson\.go|(?:moc|qrc)_[^/]+\.cpp|(?:y|[^/]+)\.tab\.(?:c|cc|cpp|h|hpp)"
    r"|lex\.yy\.cc?|(?:parse|lex)tab\.py|[^/]+\.snap|[^/]+\.map|[^/]+\.(?:chunk|bundle)\.(?:js|css)"
    r"|\.pnp\.[^/]+|project\.pbxproj|terraform\.tfstate(?:\.backup)?|[^/]+\.xcworkspacedata)$"
)
_PACKED = r"(?i)(?:^|/)(?:repomix|repopack)-output[^/]*\.(?:xml|md|txt|json)$"
_VENDORED = r"(?:^|/)(?:gradlew(?:\.bat)?|mvnw(?:\.cmd)?|gradle/wrapper/[^/]+)$"
NAMED_KINDS: tuple[tuple[str, Kind], ...] = (
    (_LOCK, "lock file"),
    (_MINIFIED, "minified"),
    (_GENERATED, "generated"),
    (_PACKED, "earlier pack"),
    (_VENDORED, "vendored"),
)
"""Names of files that nobody of the project wrote, as regular expressions, with their kinds."""

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

_TEMPLATE = r"(?i)\.(?:tmpl|tpl|template|j2|jinja2?|mustache|hbs|handlebars|erb|ejs|ftl|vm|in|tt)$"
_TEST = (
    r"(?:^|/)(?:tests?|testing|spec|specs|__tests__|fixtures|testdata)/"
    r"|(?:^|/)(?:test_[^/]*|conftest\.py|[^/]*(?:_test|_spec|\.test|\.spec|Tests?)\.\w+)$"
)
_MANIFEST = (
    r"(?:^|/)(?:pyproject\.toml|setup\.(?:py|cfg)|package\.json|Cargo\.toml|go\.mod|pom\.xml"
    r"|build\.gradle(?:\.kts)?|Makefile|Dockerfile|CMakeLists\.txt|meson\.build|Gemfile)$"
)
_LEGAL = (
    r"(?i)(?:^|/)(?:licen[cs]es?|copying|notice|authors|changelog|changes|news|history)"
    r"(?:[./-][^/]*)?$"
)


def is_readme(path: str) -> bool:
    """Whether a file describes everything in the folder that the user named.

    Args:
        path: relative to that folder.
    """
    return re.fullmatch(_README, path) is not None


def file_type(path: str) -> FileType:
    """What the suffix of a file's name says; `UNKNOWN` if it is not in the table.

    A compressed file is of the kind and format of what it holds.
    """
    name = path.rstrip("/").rpartition("/")[2]
    stem, _, suffix = name.rpartition(".")
    found = BY_SUFFIX.get(suffix.lower(), UNKNOWN) if stem else UNKNOWN
    if found.container == "binary" and (inner := uncompressed_name(name)) != name:
        held = file_type(inner)
        return found if held is UNKNOWN else held._replace(container="binary")
    return found


def uncompressed_name(path: str) -> str:
    """The name of what a compressed file holds: of "a.jsonl.gz" it is "a.jsonl"."""
    stem, _, suffix = path.rpartition(".")
    return stem if stem and suffix.lower() in _COMPRESSED else path


def may_hold_texts(path: str) -> bool:
    """Whether a file's name is that of records, rows or cells, or of something compressed."""
    return path.rpartition(".")[2].lower() in _HOLDERS


def is_template(path: str) -> bool:
    """Whether a file's name says that other files are made from it."""
    return re.search(_TEMPLATE, path) is not None


def is_jsonl(path: str | os.PathLike[str]) -> bool:
    """Whether a file's name says that it holds a JSON value on each line."""
    return file_type(os.fsdecode(path)).container == "jsonl"


def document_kind(path: str) -> Kind:
    """What a document is for, if somebody wrote it (`ctxtools.documents.origins`).

    Args:
        path: relative to the folder that the user named, where a README describes everything.
    """
    if is_readme(path):
        return "readme"
    if re.search(_TEST, path):
        return "test"
    if re.search(_MANIFEST, path):
        return "manifest"
    kind = file_type(path).kind
    return "legal" if kind != "code" and re.search(_LEGAL, path) else kind
