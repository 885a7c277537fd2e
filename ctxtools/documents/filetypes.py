"""The one table of file types: what a file's name says about how to read, chunk, show and rank it.

A new file type is one entry in `_TYPES`. The values of the kinds in a pack are in
`ctxtools.packing.prompt.values.KINDS`, the parsers of the formats in `ctxtools.chunking.formats`.
"""

import os
import re
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Literal, NamedTuple, TypeGuard, get_args

ChunkFormat = Literal[
    "markdown", "python", "javascript", "typescript", "tsx", "go", "rust", "java", "c", "cpp",
    "json", "jsonl", "html", "csv", "tsv", "text",
    "notebook", "vue", "svelte", "astro",
    "rst", "latex", "asciidoc", "org",
    "yaml", "toml", "ini", "xml", "sql",
    "srt", "vtt", "diff", "log",
    # by grammars whose kinds of nodes are found by their names
    "bash", "clojure", "cmake", "csharp", "css", "cuda", "dart", "dockerfile", "elixir", "elm",
    "erlang", "fish", "fortran", "fsharp", "gdscript", "gleam", "glsl", "graphql", "haskell", "hcl",
    "julia", "kotlin", "lua", "make", "nix", "objc", "ocaml", "perl", "php", "powershell", "prisma",
    "protobuf", "r", "ruby", "scala", "scss", "solidity", "starlark", "swift", "thrift", "zig",
]  # fmt: skip
"""The structures that a chunker knows; "text" has none but its paragraphs and sentences."""

Kind = Literal[
    "readme", "manifest", "code", "prose", "configuration", "test", "data", "legal",
    "generated", "build output", "vendored", "virtual environment", "lock file", "minified",
    "earlier pack",
]  # fmt: skip
"""What a document is for, by which `ctx pack` values it. From "generated" on, those that nobody of
the project wrote (`ctxtools.documents.origins`)."""

ExtractedContainer = Literal["pdf", "office", "rtf", "mail"]
"""What a module of `ctxtools.documents.readers.extraction` reads."""

Container = (
    Literal["jsonl", "notebook", "page", "parquet", "table", "archive", "binary"]
    | ExtractedContainer
)
"""What holds the text, if that is not the file itself; of an "archive" each member is a file, and
nothing is read from "binary"."""

_EXTRACTED: frozenset[str] = frozenset(get_args(ExtractedContainer))


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


_TYPES: Mapping[str, FileType] = {
    # Prose
    "md markdown mdown mkd mdx qmd rmd": FileType("prose", "markdown", "markdown"),
    "rst rest": FileType("prose", "rst", "rst"),
    "tex ltx": FileType("prose", "latex", "latex"),
    "adoc asciidoc": FileType("prose", "asciidoc", "asciidoc"),
    "org": FileType("prose", "org", "org"),
    "txt": FileType("prose"),
    "srt": FileType("prose", "srt"),
    "vtt": FileType("prose", "vtt"),
    "ipynb": FileType("prose", "notebook", container="notebook"),
    "pdf": FileType("prose", container="pdf"),
    "docx docm dotx dotm odt ott doc pptx pptm ppsx ppsm potx potm odp otp odg ppt epub": FileType(
        "prose", container="office"
    ),
    "rtf": FileType("prose", container="rtf"),
    "eml mbox mht mhtml": FileType("prose", container="mail"),
    "xlsx xlsm xltx xltm xlsb ods ots xls msg": FileType("data", container="office"),
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
    # Code whose structure is parsed by rules that are not exact
    "sh bash zsh ksh": FileType("code", "bash", "bash"),
    "clj cljs cljc": FileType("code", "clojure", "clojure"),
    "cmake": FileType("code", "cmake", "cmake"),
    "cs csx": FileType("code", "csharp", "csharp"),
    "cu cuh": FileType("code", "cuda", "cuda"),
    "dart": FileType("code", "dart", "dart"),
    "dockerfile containerfile": FileType("configuration", "dockerfile", "dockerfile"),
    "ex exs": FileType("code", "elixir", "elixir"),
    "elm": FileType("code", "elm", "elm"),
    "erl hrl": FileType("code", "erlang", "erlang"),
    "fish": FileType("code", "fish", "fish"),
    "f f90 f95 f03 f08 for": FileType("code", "fortran", "fortran"),
    "fs fsx": FileType("code", "fsharp", "fsharp"),
    "gd": FileType("code", "gdscript", "gdscript"),
    "gleam": FileType("code", "gleam", "gleam"),
    "glsl vert frag comp geom": FileType("code", "glsl", "glsl"),
    "graphql graphqls gql": FileType("code", "graphql", "graphql"),
    "hs": FileType("code", "haskell", "haskell"),
    "tf tfvars hcl nomad": FileType("code", "hcl", "hcl"),
    "jl": FileType("code", "julia", "julia"),
    "kt kts": FileType("code", "kotlin", "kotlin"),
    "lua": FileType("code", "lua", "lua"),
    "mk mak": FileType("configuration", "make", "makefile"),
    "nix": FileType("code", "nix", "nix"),
    "m mm": FileType("code", "objc", "objc"),
    "ml": FileType("code", "ocaml", "ocaml"),
    "pl pm": FileType("code", "perl", "perl"),
    "php phtml": FileType("code", "php", "php"),
    "ps1 psm1": FileType("code", "powershell", "powershell"),
    "prisma": FileType("code", "prisma", "prisma"),
    "proto": FileType("code", "protobuf", "protobuf"),
    "r": FileType("code", "r", "r"),
    "rb rake gemspec ru": FileType("code", "ruby", "ruby"),
    "scala sc sbt": FileType("code", "scala", "scala"),
    "sol": FileType("code", "solidity", "solidity"),
    "bzl star bazel": FileType("code", "starlark", "starlark"),
    "swift": FileType("code", "swift", "swift"),
    "thrift": FileType("code", "thrift", "thrift"),
    "zig": FileType("code", "zig", "zig"),
    "vue": FileType("code", "vue", "vue"),
    "svelte": FileType("code", "svelte", "svelte"),
    "astro": FileType("code", "astro", "astro"),
    # Other code
    "sql ddl": FileType("code", "sql", "sql"),
    "mli vim bat nim asm s v sv vhd gradle groovy": FileType("code"),
    # Data and markup
    "json jsonc geojson topojson jsonld har avsc webmanifest code-workspace": FileType(
        "data", "json", "json"
    ),
    "jsonl ndjson jsonlines": FileType("data", "jsonl", "json", "jsonl"),
    "csv": FileType("data", "csv", "csv"),
    "tsv tab": FileType("data", "tsv", "tsv"),
    "html htm xhtml": FileType("data", "html", "html"),
    "xml svg xsd xsl xslt rss atom dita docbook jats tei plist kml gpx wsdl xliff xlf": FileType(
        "data", "xml", "xml"
    ),
    "css": FileType("data", "css", "css"),
    "scss": FileType("data", "scss", "scss"),
    "po pot": FileType("data"),
    "log": FileType("data", "log", newest_last=True),
    "parquet pq": FileType("data", container="parquet"),
    "arrow feather ipc db sqlite gz zst bz2 xz": FileType("data", container="binary"),
    "zip jar war ear aar apk ipa whl egg nupkg vsix xpi conda": FileType(
        "data", container="archive"
    ),
    "tar tgz tbz tbz2 txz tzst gem crate": FileType("data", container="archive"),
    # Configuration, which is also the default
    "toml": FileType("configuration", "toml", "toml"),
    "ini cfg properties env service timer socket desktop": FileType("configuration", "ini", "ini"),
    "yaml yml": FileType("configuration", "yaml", "yaml"),
    "csproj fsproj vbproj vcxproj props targets nuspec resx xaml": FileType(
        "configuration", "xml", "xml"
    ),
    "diff patch": FileType("configuration", "diff", "diff"),
}

BY_SUFFIX: Mapping[str, FileType] = MappingProxyType(
    {suffix: type for suffixes, type in _TYPES.items() for suffix in suffixes.split()}
)
UNKNOWN = FileType("configuration")

_NAMED_TYPES: Mapping[str, FileType] = {
    "dockerfile containerfile": BY_SUFFIX["dockerfile"],
    "makefile gnumakefile": BY_SUFFIX["mk"],
    "cmakelists.txt": BY_SUFFIX["cmake"],
    "rakefile gemfile vagrantfile podfile": BY_SUFFIX["rb"],
    "pipfile cargo.lock poetry.lock uv.lock pdm.lock": BY_SUFFIX["toml"],
    ".env .editorconfig .gitconfig .gitmodules .npmrc .flake8 .pylintrc .coveragerc .pypirc":
        BY_SUFFIX["ini"],
    ".clang-format .clang-tidy": BY_SUFFIX["yaml"],
    "build workspace build.bazel workspace.bazel": BY_SUFFIX["bzl"],
}  # fmt: skip
GIT_LOG = "git log"
"""What the document of the newest commits is called."""

_BY_NAME = {name: type for names, type in _NAMED_TYPES.items() for name in names.split()}
_BY_NAME[GIT_LOG] = FileType("prose")
_COMPRESSED = {"gz", "bz2", "xz", "zst", "zstd"}
_HOLDERS = _COMPRESSED | {
    suffix
    for suffix, type in BY_SUFFIX.items()
    if type.container not in (None, "archive", "binary")
}
_ARCHIVES = {suffix for suffix, type in BY_SUFFIX.items() if type.container == "archive"}

FORMATS: tuple[ChunkFormat, ...] = get_args(ChunkFormat)

TableFormat = Literal["parquet", "arrow", "jsonl", "csv", "tsv"]
"""What a table of texts is read as."""

TABLES: Mapping[str, TableFormat] = MappingProxyType(
    {
        **{suffix: "parquet" for suffix, type in BY_SUFFIX.items() if type.container == "parquet"},
        **{
            suffix: type.format
            for suffix, type in BY_SUFFIX.items()
            if type.format in ("jsonl", "csv", "tsv")
        },
        **dict.fromkeys(["arrow", "feather", "ipc"], "arrow"),
    }
)
"""The suffixes of tables of texts (`ctxtools.corpus`)."""

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

# Of RFC 3986, Appendix B. A path may go on with parameters: "a.html;jsessionid=7".
_URL = r"\A[A-Za-z][A-Za-z0-9+.-]*+://[^/?#]*+([^?#;]*+).*\Z"
_TEMPLATE = r"(?i)\.(?:tmpl|tpl|template|j2|jinja2?|mustache|hbs|handlebars|erb|ejs|ftl|vm|in|tt)$"
_TEST = (
    r"(?:^|/)(?:tests?|testing|spec|specs|__tests__|fixtures|testdata)/"
    r"|(?:^|/)(?:test_[^/]*|conftest\.py|[^/]*(?:_test|_spec|\.test|\.spec|Tests?)\.\w+)$"
)
_MANIFESTS = frozenset(
    (
        *("pyproject.toml", "setup.py", "setup.cfg", "package.json", "Cargo.toml", "go.mod"),
        *("pom.xml", "build.gradle", "build.gradle.kts", "Makefile", "Dockerfile"),
        *("CMakeLists.txt", "meson.build", "Gemfile"),
    )
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
    return "/" not in path and re.fullmatch(_README, path) is not None


def file_type(path: str) -> FileType:
    """What the suffix of a file's name says; `UNKNOWN` if it is not in the table.

    A compressed file is of the kind and format of what it holds. Of a URL, the path counts.
    """
    name = url_path(path).rstrip("/").rpartition("/")[2]
    stem, _, suffix = name.rpartition(".")
    if (found := _BY_NAME.get(name.lower(), UNKNOWN)) is UNKNOWN and stem:
        found = BY_SUFFIX.get(suffix.lower(), UNKNOWN)
    if found.container == "binary" and (inner := uncompressed_name(name)) != name:
        held = file_type(inner)
        if held.container == "archive":
            return held
        return found if held is UNKNOWN else held._replace(container="binary")
    return found


def is_archive(path: str) -> bool:
    """Whether a file's name says that it is an archive, compressed or not."""
    suffix = path.rpartition(".")[2].lower()
    if suffix in _COMPRESSED:
        return file_type(path).container == "archive"
    return suffix in _ARCHIVES


def may_be_archive(path: str) -> bool:
    """Whether a file's name says that it is an archive or how it is compressed, or nothing."""
    return is_archive(path) or file_type(path) is UNKNOWN or uncompressed_name(path) != path


def is_extracted(container: Container | None) -> TypeGuard[ExtractedContainer]:
    """Whether the text of such a file is extracted from it."""
    return container in _EXTRACTED


def language_format(language: str) -> ChunkFormat:
    """The format of code by the name of its language, as fences and notebooks have it; or "text".

    Args:
        language: "python", "py", "C++", "sh".
    """
    name = language.lower()
    if name in FORMATS:
        return name
    if (found := BY_SUFFIX.get(name)) is None:
        found = next((each for each in BY_SUFFIX.values() if each.language == name), UNKNOWN)
    return found.format


def url_path(source: str) -> str:
    """The path of a URL, without parameters, query and fragment; anything else as it is."""
    if "://" not in source:
        return source
    return re.sub(_URL, r"\1", source, flags=re.DOTALL)


def uncompressed_name(path: str) -> str:
    """The name of what a compressed file holds: of "a.jsonl.gz" it is "a.jsonl"."""
    stem, _, suffix = path.rpartition(".")
    return stem if stem and suffix.lower() in _COMPRESSED else path


def may_hold_texts(path: str) -> bool:
    """Whether a file's name is that of records, rows or cells, or of something compressed."""
    return path.rpartition(".")[2].lower() in _HOLDERS


def unknown_format(path: str) -> str:
    """What a file whose structure nobody knows is called by: ".xyz", or its name without a suffix.

    Returns:
        "" if there is a parser for it, or if it is prose by its name.
    """
    name = uncompressed_name(path).rpartition("/")[2]
    found = file_type(name)
    if found.format != "text" or found.kind == "prose" or found.container:
        return ""
    if re.search(_LEGAL, name) or is_readme(name):
        return ""
    stem, _, suffix = name.rpartition(".")
    return f".{suffix.lower()}" if stem and suffix else name


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
    if path[:6].lower() == "readme" and is_readme(path):
        return "readme"
    # Each test has one of these words, and few other names do.
    if ("test" in path or "spec" in path or "Test" in path or "fixtures" in path) and _found(
        _TEST, path
    ):
        return "test"
    if path.rpartition("/")[2] in _MANIFESTS:
        return "manifest"
    kind = file_type(path).kind
    return "legal" if kind != "code" and _found(_LEGAL, path) else kind


def _found(pattern: str, path: str) -> bool:
    return _compiled(pattern).search(path) is not None


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)
