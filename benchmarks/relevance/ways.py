"""Ways to choose what goes into a prompt: ctxtools', and what is done without it.

A way gets the documents as they were read from a folder, a limit and a question, and makes a
prompt in the XML format of `ctxtools.pack`, so that a difference in recall is one of choice.
"""

import inspect
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from math import inf
from typing import Any

from ctxtools import Encoding, pack
from ctxtools.bench.retrieval.rankers import BM25
from ctxtools.documents import Document
from ctxtools.packing.arguments import Form
from ctxtools.packing.prompt.render import Entry, XmlLayout

Order = Callable[["Tree"], Sequence[str]]


@dataclass(frozen=True)
class Tree:
    """What is chosen from.

    Attributes:
        folder: the documents' common folder.
        documents: as read from it.
        encoding: counts.
        ages: path below the folder -> days since its last change; empty without a history.
        changes: path below the folder -> how many of the last commits changed it.
    """

    folder: str
    documents: Sequence[Document]
    encoding: Encoding
    ages: Mapping[str, float] = field(default_factory=dict)
    changes: Mapping[str, int] = field(default_factory=dict)

    @cached_property
    def texts(self) -> dict[str, str]:
        """Path below the folder, with forward slashes -> text."""
        paths = (os.path.relpath(each.path, self.folder) for each in self.documents)
        return {
            path.replace(os.sep, "/"): each.text
            for path, each in zip(paths, self.documents, strict=True)
        }

    @cached_property
    def _index(self) -> Any:
        bm25s = import_module("bm25s")
        index = bm25s.BM25()
        texts = [f"{path}\n{text}" for path, text in self.texts.items()]
        index.index(bm25s.tokenize(texts, stopwords="en", show_progress=False), show_progress=False)
        return index

    def ranked(self, question: str) -> list[str]:
        """Paths, by BM25 as bm25s has it, the best first."""
        bm25s, numpy = import_module("bm25s"), import_module("numpy")
        (words,) = bm25s.tokenize([question], stopwords="en", return_ids=False, show_progress=False)
        paths = [*self.texts]
        if not words:
            return paths
        return [paths[i] for i in numpy.argsort(-self._index.get_scores(words), kind="stable")]

    @cached_property
    def layout(self) -> XmlLayout:
        return XmlLayout(self.texts.values())

    @cached_property
    def costs(self) -> dict[str, int]:
        """Path -> tokens of its entry."""
        entries = [self.layout.entry(1, Entry(k, Form.WHOLE, v)) for k, v in self.texts.items()]
        return dict(zip(self.texts, self.encoding.count_batch(entries), strict=True))


@dataclass(frozen=True, slots=True)
class Way:
    """A way to choose.

    Attributes:
        name: as shown in tables.
        make: tree, limit in tokens, question -> prompt.
        asks: whether the question matters.
        needs_history: whether it says nothing of a repository without one.
    """

    name: str
    make: Callable[[Tree, int, str], str]
    asks: bool = False
    needs_history: bool = False


def ways() -> dict[str, Way]:
    """All that can be had here: some need a package, or an argument that `pack` may not have."""
    found = [
        Way("path order", _in_order(lambda tree: sorted(tree.texts))),
        Way("files-to-prompt's order", _in_order(walk_order)),
        Way("repomix's order", _in_order(repomix_order)),
        Way("smallest first", _in_order(smallest_first)),
        Way("recency", _in_order(recent_first), needs_history=True),
        Way("ctxtools", lambda tree, limit, _: _packed(tree, limit)),
    ]
    if BM25.versions():
        found.append(Way("whole files by BM25", _by_bm25, asks=True))
    if "query" in inspect.signature(pack).parameters:
        found.append(
            Way("ctxtools --query", lambda tree, limit, q: _packed(tree, limit, query=q), asks=True)
        )
    return {way.name: way for way in found}


def _packed(tree: Tree, limit: int, **options: Any) -> str:
    ages = {os.path.join(tree.folder, path): age for path, age in tree.ages.items()}
    packed = pack(
        tree.documents, tree.encoding, budget=limit, ages=ages, roots=[tree.folder], **options
    )
    return packed.text


def walk_order(tree: Tree) -> list[str]:
    """As files-to-prompt 0.6: ``os.walk``, a folder's files by name before its folders.

    There the folders come as the file system has them; here by name, so that it is one order.
    """
    return sorted(tree.texts, key=lambda path: _parts(path, files_first=True))


def repomix_order(tree: Tree) -> list[str]:
    """As repomix 1.x: folders before files, by name; then the less changed by git first."""
    by_path = sorted(tree.texts, key=lambda path: _parts(path, files_first=False))
    return sorted(by_path, key=lambda path: tree.changes.get(path, 0))


def _parts(path: str, *, files_first: bool) -> list[tuple[bool, str]]:
    *folders, name = path.split("/")
    return [*((files_first, folder) for folder in folders), (not files_first, name)]


def recent_first(tree: Tree) -> list[str]:
    """What changed last first."""
    return sorted(tree.texts, key=lambda path: (tree.ages.get(path, inf), path))


def smallest_first(tree: Tree) -> list[str]:
    """As many files as possible."""
    return sorted(tree.texts, key=lambda path: (tree.costs[path], path))


def _in_order(order: Order) -> Callable[[Tree, int, str], str]:
    return lambda tree, limit, _: cut_at(tree, order(tree), limit)


def _by_bm25(tree: Tree, limit: int, question: str) -> str:
    """The files that bm25s ranks first, whole."""
    return cut_at(tree, tree.ranked(question), limit)


def cut_at(tree: Tree, order: Sequence[str], limit: int) -> str:
    """Whole documents in an order up to the limit, and the start of the first that exceeds it."""
    before, after = tree.layout.frame("", None)
    remaining = limit - tree.encoding.count(before + after)
    entries: list[str] = []
    for path in order:
        index = len(entries) + 1
        entry = tree.layout.entry(index, Entry(path, Form.WHOLE, tree.texts[path]))
        # Up to 4 more tokens: of the entry's number.
        cost = tree.costs[path] + 4
        entries.append(entry if cost <= remaining else tree.encoding.truncate(entry, remaining))
        remaining -= cost
        if remaining <= 0:
            break
    return before + "".join(entries) + after
