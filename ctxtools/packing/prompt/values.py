"""What a document is worth when the user says nothing, and why.

    value = weight x kind x depth x recency x tokens ** 0.8

- *weight* is the user's (``--priority``), 1 without.
- *kind*: what a reader new to a project opens first is worth most, what a machine wrote least.
- *depth*: a tenth less for each folder below the top one.
- *recency*: up to twice as much for what changed last, halved with every 30 days before the
  newest change; from the history of git where there is one.
- the tokens of its content to a power below 1: a long document says more than a short one, but not
  in proportion, so that of two alike the short one goes in first.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_HALF_LIFE = 30.0  # days
_A_LEVEL = 0.9
_SIZE = 0.8  # with 0.5, the first to go in were files of a line or two

_TEST = re.compile(
    r"(?:^|/)(?:tests?|testing|spec|specs|__tests__|fixtures|testdata)/"
    r"|(?:^|/)(?:test_[^/]*|conftest\.py|[^/]*(?:_test|_spec|\.test|\.spec|Tests?)\.\w+)$"
)
_GENERATED = re.compile(
    r"(?:^|/)(?:package-lock\.json|npm-shrinkwrap\.json|[^/]*[.-]lock(?:\.ya?ml|\.json)?|go\.sum"
    r"|[^/]*\.min\.(?:js|css)|[^/]*\.map|[^/]*_pb2(?:_grpc)?\.pyi?|[^/]*\.(?:pb|g|gen)\.\w+"
    r"|[^/]*\.snap)$"
    r"|(?:^|/)(?:vendor|third_party|node_modules|dist|build|generated)/"
)
_README = re.compile(r"readme(?:\.\w+)?", re.IGNORECASE)  # of the top folder
_MANIFEST = re.compile(
    r"(?:^|/)(?:pyproject\.toml|setup\.(?:py|cfg)|package\.json|Cargo\.toml|go\.mod|pom\.xml"
    r"|build\.gradle(?:\.kts)?|Makefile|Dockerfile|CMakeLists\.txt|meson\.build|Gemfile)$"
)
_LEGAL = re.compile(
    r"(?:^|/)(?:licen[cs]es?|copying|notice|authors|changelog|changes|news|history)(?:[./-][^/]*)?$",
    re.IGNORECASE,
)
_CODE_SUFFIXES = (
    "py pyi js mjs cjs jsx ts tsx mts cts c h cc cpp cxx hh hpp hxx cs go rs java kt kts scala "
    "swift rb php pl pm lua r jl ex exs erl hs ml mli clj cljs el vim sh bash zsh fish ps1 bat "
    "sql proto graphql vue svelte dart zig nim f90 f asm s v sv vhd m mm tf cmake gradle groovy"
)
_CODE = frozenset(_CODE_SUFFIXES.split())
_PROSE = frozenset(("md", "markdown", "rst", "txt", "adoc", "org", "tex", "ipynb"))
_DATA_SUFFIXES = "json jsonl ndjson csv tsv xml svg html htm css scss log po pot geojson"
_DATA = frozenset(_DATA_SUFFIXES.split())

KINDS: Mapping[str, float] = {
    "readme": 3.0,
    "manifest": 1.5,
    "code": 1.0,
    "prose": 0.8,
    "configuration": 0.7,
    "test": 0.4,
    "data": 0.3,
    "legal": 0.2,
    "generated": 0.05,
}


@dataclass(frozen=True, slots=True)
class Worth:
    """The factors of a document's value; the value itself is their product."""

    kind: str
    weight: float
    kind_factor: float
    depth_factor: float
    recency_factor: float
    size_factor: float

    @property
    def unit(self) -> float:
        """The value without the part of its size."""
        return self.weight * self.kind_factor * self.depth_factor * self.recency_factor

    @property
    def value(self) -> float:
        return self.unit * self.size_factor


def worth(
    path: str, tokens: int, *, weight: float = 1.0, depth: int = 0, days: float | None = None
) -> Worth:
    """What a document is worth.

    Args:
        path: its path.
        tokens: of its content.
        weight: the user's.
        depth: folders between the top one and the document.
        days: between its last change and the newest change of all; None where that is not known.
    """
    kind = kind_of(path)
    recency = 1.0 + (0.5 ** (max(days, 0.0) / _HALF_LIFE) if days is not None else 0.0)
    return Worth(kind, weight, KINDS[kind], _A_LEVEL**depth, recency, size_factor(tokens))


def size_factor(tokens: int) -> float:
    """What so many tokens of content are worth."""
    return float(max(tokens, 1) ** _SIZE)


def kind_of(path: str) -> str:
    """What a document is by its path: one of `KINDS`."""
    if _README.fullmatch(path):
        return "readme"
    for kind, pattern in (("generated", _GENERATED), ("test", _TEST)):
        if pattern.search(path):
            return kind
    if _MANIFEST.search(path):
        return "manifest"
    suffix = path.rpartition("/")[2].rpartition(".")[2].lower()
    if suffix in _CODE:
        return "code"
    if _LEGAL.search(path):
        return "legal"
    if suffix in _DATA:
        return "data"
    return "prose" if suffix in _PROSE else "configuration"
