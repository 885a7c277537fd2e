"""Chunks of small documents in a form that a reviewer can read.

After a change that is meant to move cuts, write the expected files again, and review their diff::

    UPDATE_SNAPSHOTS=1 pytest tests/chunking/test_snapshots.py

`snapshots/NAME.chunks` holds the chunks of `snapshots/NAME`. Each line of a chunk is preceded by
``h`` if it is from the header, ``o`` if from the overlap, and ends with ``$`` where it has a line
break, as with ``cat -E``.
"""

import os
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from ctxtools import Chunker
from ctxtools.chunking import Chunk
from ctxtools.documents import read_documents

SNAPSHOTS = Path(__file__).parent / "snapshots"

CASES: dict[str, dict[str, Any]] = {
    "guide.md": {"chunk_size": 90, "header": True},
    "rate_limit.ts": {"chunk_size": (240, 100)},
    "timetable.html": {"chunk_size": 110, "header": True},
    "harbour.ipynb": {"chunk_size": 80, "header": True},
    "orders.json": {"chunk_size": 110, "header": True},
    "sensors.csv": {"chunk_size": 100},
    "deploy.yaml": {"chunk_size": 90, "header": True},
    "gauges.rst": {"chunk_size": 110, "header": True},
    "surges.tex": {"chunk_size": 120, "header": True},
    "harbours.xml": {"chunk_size": 130, "header": True},
    "tides.sql": {"chunk_size": 110, "header": True},
    "logbook.org": {"chunk_size": 110, "header": True},
    "harbour.toml": {"chunk_size": 80, "header": True},
    "harbour.ini": {"chunk_size": 60, "header": True},
    "harbour.adoc": {"chunk_size": 110, "header": True},
    "mooring.diff": {"chunk_size": 160, "header": True},
    "talk.srt": {"chunk_size": 60},
    "talk.vtt": {"chunk_size": 60},
    "tide.log": {"chunk_size": 100},
    "tide_table.py": {"chunk_size": 110, "header": True},
    "lock.go": {"chunk_size": 120, "header": True},
    "buoy.rs": {"chunk_size": 120, "header": True},
    "Berth.java": {"chunk_size": 120, "header": True},
    "pump.c": {"chunk_size": 120, "header": True},
    "signal.cpp": {"chunk_size": 110, "header": True},
    "gull.js": {"chunk_size": 110, "header": True},
    "Timetable.tsx": {"chunk_size": 120, "header": True},
    "Ticket.vue": {"chunk_size": 100, "header": True},
    "Wind.svelte": {"chunk_size": 90, "header": True},
    "index.astro": {"chunk_size": 80, "header": True},
    "backup.sh": {"chunk_size": 100, "header": True},
    "Invoice.cs": {"chunk_size": 110, "header": True},
    "pilot.rb": {"chunk_size": 100, "header": True},
    "levels.tsv": {"chunk_size": 70, "chunk_overlap": 20},
    "calls.jsonl": {"chunk_size": 60},
    "letter.txt": {"chunk_size": 80, "chunk_overlap": 20},
    "river.zh.txt": {"chunk_size": 48, "chunk_overlap": 12},
}


@pytest.mark.parametrize("name", CASES)
def test_chunks_are_those_of_the_snapshot(name: str) -> None:
    if name.endswith((".ts", ".ipynb")):
        pytest.importorskip("tree_sitter_typescript")
    (document,) = read_documents(SNAPSHOTS / name, outputs=True)
    text = document.text
    chunks = [*Chunker("o200k_base", **CASES[name], format="auto").chunk(text, source=name)]
    shown = "".join(f"{line}\n" for line in _lines(chunks, CASES[name]))
    expected = SNAPSHOTS / f"{name}.chunks"
    if os.environ.get("UPDATE_SNAPSHOTS"):
        expected.write_text(shown, encoding="utf-8")
    assert shown == expected.read_text(encoding="utf-8")


def test_there_is_a_case_for_every_document() -> None:
    assert {path.name for path in SNAPSHOTS.iterdir()} == {
        *chain.from_iterable((name, f"{name}.chunks") for name in CASES)
    }


def _lines(chunks: list[Chunk], options: dict[str, Any]) -> Iterator[str]:
    yield ", ".join(f"{name}={value}" for name, value in options.items())
    ends = {False: 0, True: 0}  # of the last chunk, without and with a parent
    for chunk in chunks:
        nested = chunk.parent_id is not None
        size = f"{chunk.token_count} tokens"
        span = f"{chunk.start_index}..{chunk.end_index}"
        yield ""
        yield f"{'inner ' * nested}chunk {chunk.index}: {size}, {span}, {chunk.kind}"
        if chunk.headings:
            yield f"headings: {' > '.join(chunk.headings)}"
        body = chunk.text[len(chunk.header) :]
        overlap = max(0, ends[nested] - chunk.start_index)
        ends[nested] = chunk.end_index
        for mark, part in (("h", chunk.header), ("o", body[:overlap]), (" ", body[overlap:])):
            for line in part.splitlines(keepends=True):
                yield f"{mark}|{line[:-1]}$" if line.endswith("\n") else f"{mark}|{line}"
