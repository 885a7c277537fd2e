"""Packs: how much of the code that answers a question is in them, within a limit of tokens.

``pytest benchmarks/bench_relevance.py --quick -s`` asks a few questions about packages of Python's
own library; without ``--quick``, of the repositories of `benchmarks.relevance` that are there:
``python -m benchmarks.bench_relevance --download`` fetches them. That command also keeps results.
"""

import argparse
import datetime
import json
import sysconfig
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from platformdirs import user_cache_path

from benchmarks.relevance.measure import Answered, measure, write_tree
from benchmarks.relevance.questions import KINDS, Case, make_case, shortened
from benchmarks.relevance.repositories import (
    SOURCES,
    Repository,
    UnavailableError,
    load_repository,
)
from benchmarks.relevance.table import as_json, page
from benchmarks.relevance.ways import Way, ways
from ctxtools import __version__, get_encoding
from ctxtools.bench.machine import machine_info

LIMITS = (8_192, 32_768, 131_072)
_ENCODING = "o200k_base"
_RESULTS = Path(__file__).parent / "results"
_PACKAGES = ("email", "json", "logging", "concurrent")  # of Python, in `--quick`


def bench_relevance(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """All ways on all repositories."""
    if request.config.getoption("--quick"):
        case = shortened(make_case(library()), 4)
        results = run([case], tmp_path, ways().values(), [8_192])
        assert len(results) == len(case.questions) * len({each.way for each in results})
        assert 0 < sum(each.recall for each in results) < len(results)
    else:
        cases = []
        for name in SOURCES:
            try:
                cases.append(make_case(load_repository(name, archives())))
            except UnavailableError as error:
                print(f"without {name}: {error}")
        if not cases:
            pytest.skip("no repository is here; python -m benchmarks.bench_relevance --download")
        results = run(cases, tmp_path, ways().values(), LIMITS)
    print(page(results, ways()))


def library() -> Repository:
    """Some packages of the Python that runs this, which needs no network."""
    root = Path(sysconfig.get_path("stdlib"))
    files = {
        path.relative_to(root).as_posix(): path.read_bytes()
        for package in _PACKAGES
        for path in sorted((root / package).rglob("*.py"))
    }
    return Repository("python", sysconfig.get_python_version(), files)


def archives() -> Path:
    """Where archives are kept."""
    return user_cache_path("ctxtools") / "relevance"


def run(
    cases: Iterable[Case], folder: Path, chosen: Iterable[Way], limits: Sequence[int]
) -> list[Answered]:
    """The results of these ways, with the trees of the cases in a folder."""
    results: list[Answered] = []
    chosen = [*chosen]
    for case in cases:
        tree = write_tree(case, folder / case.repository.name, get_encoding(_ENCODING))
        results += measure(case, tree, chosen, limits, lambda name: print(name, flush=True))
    return results


def main() -> None:
    known = ways()
    parser = argparse.ArgumentParser(description="Measure packs by questions; keep the results.")
    for option, values in (
        ("--repositories", [*SOURCES]),
        ("--ways", [*known]),
        ("--kinds", [*KINDS]),
    ):
        parser.add_argument(option, nargs="+", choices=values, default=values, metavar="NAME")
    parser.add_argument("--limits", nargs="+", type=int, default=LIMITS, metavar="TOKENS")
    parser.add_argument("--each", type=int, help="questions of a kind and repository [all]")
    parser.add_argument("--download", action="store_true", help="fetch archives that are not here")
    parser.add_argument("--cache", type=Path, default=archives(), help="of archives [the user's]")
    parser.add_argument("--misses", action="store_true", help="list what was not found")
    parser.add_argument("--keep", action="store_true", help="write a folder of results")
    options = parser.parse_args()
    cases = []
    for name in options.repositories:
        repository = load_repository(name, options.cache, download=options.download)
        case = make_case(repository, options.kinds)
        cases.append(shortened(case, options.each) if options.each else case)
    with TemporaryDirectory(prefix="ctx-relevance-") as temporary:
        chosen = [known[name] for name in options.ways]
        results = run(cases, Path(temporary), chosen, options.limits)
    tables = page(results, known)
    print(tables)
    if options.misses:
        print(*_misses(results), sep="\n")
    if options.keep:
        print(f"kept in {_keep(results, cases, tables)}")


def _misses(results: Iterable[Answered]) -> list[str]:
    """The questions of which less than half was found."""
    return [
        f"{each.way} at {each.limit}: {each.recall:.2f} {each.question.repository} "
        f"{each.question.kind}: {each.question.text!r} -> "
        + ", ".join(f"{path}:{n[0]}-{n[-1]}" for path, n in each.question.answers.items())
        for each in results
        if each.recall < 0.5
    ]


def _keep(results: Sequence[Answered], cases: Sequence[Case], tables: str) -> Path:
    machine = machine_info()
    cpu = "-".join(str(machine["cpu"]).lower().replace("(r)", "").split()[:2])
    folder = _RESULTS / f"{datetime.date.today()}-{cpu}-relevance"
    folder.mkdir(parents=True, exist_ok=True)
    packages = {"bm25s": version("bm25s")} if "whole files by BM25" in ways() else {}
    facts = {
        "machine": machine,
        "encoding": _ENCODING,
        "versions": {"ctxtools": __version__, **packages},
        "repositories": {
            case.repository.name: {
                "version": case.repository.version,
                "files": len(case.texts),
                "held_out": case.repository.held_out,
            }
            for case in cases
        },
        "questions": as_json(results),
    }
    (folder / "results.json").write_text(json.dumps(facts, indent=1) + "\n", "utf-8")
    (folder / "tables.md").write_text(tables + "\n", "utf-8")
    return folder


if __name__ == "__main__":
    main()
