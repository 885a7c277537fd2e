"""What the graph makes of the value of each file: a factor by how much others use it, and one by
how near it is to what is pinned.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from ctxtools.documents.filetypes import document_kind
from ctxtools.packing.cache import UNKNOWN, Known
from ctxtools.packing.relevance.graph.edges import Graph, make_graph
from ctxtools.packing.relevance.graph.rank import distances, rank
from ctxtools.packing.relevance.graph.sources import code_of, normalized

# What a file says grows with its size to this power; with 0.5, files of a line or two came first.
SIZE_POWER = 0.8
_POWER = 0.5  # of a file's share against what its size would give it
_LOWEST, _HIGHEST = 0.5, 4.0
_TEST_START = 0.5  # how often a reader starts at a test, against other code
_BACK = 0.25  # of the weight of a use, from what is used to its user: it shows how that is used
_FEW = 3  # files of which nobody can say that they are the core
_NEAR = 3.0  # the factor of what a pinned file uses itself, less 1
_DECAY = 0.5  # of that with each further step
_MAX_STEPS = 3
_ASKED = 0.3  # the factor of what a file uses that a question finds, less 1, by that file's score
_MIN_ASKED = 0.3  # the score of such a file, against the highest
_MANIFESTS = ("go.mod", "package.json", "Cargo.toml", "tsconfig.json", "jsconfig.json")


class Importance(NamedTuple):
    """The factors of a document's value that the graph gives.

    Attributes:
        is_code: whether the graph knows it.
        used: by how much others use it; 1 is what code of its size has on average.
        users: the number of files that do.
        near: by its distance to what is pinned; 1 is far away.
        steps: that distance; 0 if it is not near.
        seed: the name of the pinned document that is nearest, itself if it is pinned.
    """

    is_code: bool = False
    used: float = 1.0
    users: int = 0
    near: float = 1.0
    steps: int = 0
    seed: str = ""

    @property
    def formula(self) -> str:
        """The factors in words, each with a space after it; "" of what is no code."""
        if not self.is_code:
            return ""
        files = "1 file" if self.users == 1 else f"{self.users:,} files"
        used = f"x used {self.used:.2f} (by {files}) "
        if not self.seed:
            return used
        if not self.steps:
            return f"{used}x near {self.near:.2f} (itself) "
        steps = "1 step" if self.steps == 1 else f"{self.steps} steps"
        return f"{used}x near {self.near:.2f} ({steps} from {self.seed}) "


AVERAGE = Importance()
"""Of what the graph says nothing of."""


def code_graph(
    documents: Sequence[tuple[str, str]],
    without: Collection[int] = (),
    known: Known = UNKNOWN,
    threads: int = 1,
) -> Graph:
    """The graph of the code among some documents.

    Args:
        documents: the path and text of each.
        without: the numbers of those that take no part: what nobody of the project wrote.
        known: what is known of the texts.
        threads: how many may work; 0 is one per core.
    """
    numbers = [number for number in range(len(documents)) if number not in without]
    sources = code_of((number, *documents[number]) for number in numbers)
    manifests = {
        normalized(path): text
        for path, text in (documents[number] for number in numbers)
        if path.rpartition("/")[2] in _MANIFESTS
    }
    return make_graph(sources, manifests, known, threads)


def importances(graph: Graph, seeds: Collection[int] = ()) -> dict[int, Importance]:
    """The importance of each document of code, by its number; others have none.

    Args:
        graph: of the code.
        seeds: the numbers of documents whose context matters.
    """
    sources = graph.sources
    if len(sources) < _FEW:
        return {}
    used = used_factors(graph)
    users = graph.users()
    positions = [i for i, source in enumerate(sources) if source.number in seeds]
    steps = distances(graph.uses, positions, _MAX_STEPS) if positions else {}
    found = {}
    for i, source in enumerate(sources):
        distance, seed = steps.get(i, (0, -1))
        # Of a file that is shown for its changes, the rest is as near as what it uses.
        near = 1.0 + (_NEAR * _DECAY ** max(distance - 1, 0) if seed >= 0 else 0.0)
        name = sources[seed].path if seed >= 0 else ""
        found[source.number] = Importance(True, used[i], len(users[i]), near, distance, name)
    return found


def asked_factors(graph: Graph, scores: Mapping[int, float]) -> dict[int, tuple[float, str]]:
    """By how much a question raises what the files that it finds use themselves.

    Args:
        graph: of the code.
        scores: the number of a document -> the score of its best span, at most 1.

    Returns:
        The number of a document -> (its factor, the file that uses it and that is found best). One
        step, and little: a factor of 4 lost what the question itself finds.
    """
    found: dict[int, tuple[float, str]] = {}
    for source, uses in zip(graph.sources, graph.uses, strict=True):
        score = scores.get(source.number, 0.0)
        if score < _MIN_ASKED or document_kind(source.path) == "test":
            continue
        factor = 1.0 + _ASKED * score
        for used in uses:
            number = graph.sources[used].number
            if factor > found.get(number, (1.0, ""))[0]:
                found[number] = factor, source.path
    return found


def used_factors(graph: Graph) -> list[float]:
    """By how much the use of each file raises or lowers its value.

    A long file defines much and so is used by many, each of which may use little of it. So a share
    counts against the one that the file's size would give it: a reader starts in proportion to that
    as well. Otherwise a few long files of types would take the capacity of all the others.
    """
    tests = [document_kind(source.path) == "test" for source in graph.sources]
    sizes = [max(source.size, 1) ** SIZE_POWER for source in graph.sources]
    starts = [
        size * (_TEST_START if test else 1.0) for size, test in zip(sizes, tests, strict=True)
    ]
    shares = rank(_both_ways(graph), starts)
    code = [i for i, test in enumerate(tests) if not test] or range(len(tests))
    average = sum(shares[i] for i in code) / sum(sizes[i] for i in code)
    return [
        min(max((share / (average * size)) ** _POWER, _LOWEST), _HIGHEST)
        for share, size in zip(shares, sizes, strict=True)
    ]


def _both_ways(graph: Graph) -> list[dict[int, float]]:
    """The uses of each file, and with less weight its users."""
    both: list[dict[int, float]] = [dict(each) for each in graph.uses]
    for user, used in enumerate(graph.uses):
        for each, weight in used.items():
            both[each][user] = both[each].get(user, 0.0) + _BACK * weight
    return both
