"""Ways to pack documents into a prompt: how to choose among them, and full commands."""

import random
from collections.abc import Callable, Mapping
from functools import cache
from itertools import pairwise
from pathlib import Path

from benchmarks.corpora import CACHE, corpus_text
from benchmarks.peers import Program
from ctxtools import get_encoding, pack
from ctxtools.packing.arguments import Form
from ctxtools.packing.prompt.render import Entry, XmlLayout

ENCODING = "o200k_base"
Documents = Mapping[str, str]
Values = Mapping[str, float]
Chosen = tuple[str, tuple[str, ...]]  # the text, and the names of the documents in it
Packer = Callable[[Documents, Values, int], Chosen]


@cache
def make_documents(n: int) -> tuple[dict[str, str], dict[str, float]]:
    """Source code in ``n`` files of all sizes, and the value of each: higher per token if small."""
    draw = random.Random(1)
    sizes = [int(draw.lognormvariate(0, 1) * 3000) + 40 for _ in range(n)]
    text = corpus_text("code", sum(sizes)).path.read_text("utf-8")
    ends = [0]
    for size in sizes:
        ends.append(ends[-1] + size)
    documents = {f"src/{i:05}.py": text[a:b] for i, (a, b) in enumerate(pairwise(ends))}
    values = {k: len(v) ** 0.8 * draw.lognormvariate(0, 0.7) for k, v in documents.items()}
    return documents, values


def with_ctxtools(documents: Documents, values: Values, budget: int) -> Chosen:
    """The knapsack of complete documents only, so that all choose among the same."""
    found = pack(documents, get_encoding(ENCODING), budget=budget, values=values, forms=["whole"])
    return found.text, tuple(each.path for each in found.documents)


def priority_then_stop(documents: Documents, values: Values, budget: int) -> Chosen:
    """What most tools do: the most valuable first, up to the first that does not fit."""
    return _greedy(documents, budget, lambda name, _: values[name], stop=True)


def density_greedy(documents: Documents, values: Values, budget: int) -> Chosen:
    """The most valuable per token first; what does not fit is skipped."""
    return _greedy(documents, budget, lambda name, cost: values[name] / cost, stop=False)


def _greedy(
    documents: Documents, budget: int, rank: Callable[[str, int], float], *, stop: bool
) -> Chosen:
    layout = XmlLayout(documents.values())
    entries = {k: layout.entry(1, Entry(k, Form.WHOLE, text)) for k, text in documents.items()}
    before, after = layout.frame("", None)
    count = get_encoding(ENCODING).count_batch([before + after, *entries.values()])
    remaining, costs = budget - count[0], dict(zip(entries, count[1:], strict=True))
    taken = []
    for name in sorted(costs, key=lambda name: -rank(name, costs[name])):
        if costs[name] <= remaining:
            taken.append(name)
            remaining -= costs[name]
        elif stop:
            break
    taken.sort()
    return before + "".join(entries[name] for name in taken) + after, tuple(taken)


PACKERS: dict[str, Packer] = {
    "ctxtools": with_ctxtools,
    "density greedy": density_greedy,
    "priority, then stop": priority_then_stop,
}


PROGRAMS = {
    program.name: program
    for program in (
        Program(
            "ctxtools",
            ("ctx", "pack", "{folder}", "-l", "{limit}", "-o", "{output}", "--no-cache"),
            has_limit=True,
        ),
        # The first round knows nothing of the files, the others what it has kept.
        Program(
            "ctxtools again",
            ("ctx", "pack", "{folder}", "-l", "{limit}", "-o", "{output}"),
            has_limit=True,
        ),
        Program("files-to-prompt", ("files-to-prompt", "{folder}", "--cxml", "-o", "{output}")),
        Program("repomix", ("repomix", "{folder}", "--style", "xml", "-o", "{output}")),
    )
}


@cache
def make_folder(n: int) -> Path:
    """The same files on disk, each with a mark in it; one in a hundred is Latin-1."""
    folder = CACHE / f"pack-{n}"
    latin = latin_numbers(n)
    (folder / "src").mkdir(parents=True, exist_ok=True)
    for number, (name, text) in enumerate(make_documents(n)[0].items()):
        marked = f"# {mark(number)}\n{text}"
        if number in latin:
            body = f"# caf\u00e9, d\u00e9j\u00e0 vu\n{marked}".encode("latin-1", "replace")
        else:
            body = marked.encode()
        (folder / name).write_bytes(body)
    return folder


def latin_numbers(n: int) -> range:
    """Which of n files are Latin-1; not the first, which its own first line calls generated."""
    return range(1, n, 100)


def mark(number: int) -> str:
    """What shows that a file is in a text."""
    return f"file-{number:05}-of-the-folder"
