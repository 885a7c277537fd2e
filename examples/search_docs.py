"""Retrieval with nothing but SQLite: chunk a folder, search it, fit the best chunks into a prompt.

    python examples/search_docs.py docs "how are cuts chosen?"

The ids of chunks are the same from run to run: an index on disk would replace only what changed.
"""

import re
import sqlite3
import sys

import ctxtools as ctx

ENCODING = ctx.get_encoding("o200k_base")
PROMPT_LIMIT = 2_000


def build_index(folder: str) -> sqlite3.Connection:
    """A full-text index of the chunks of all documents of a folder."""
    index = sqlite3.connect(":memory:")
    index.execute("CREATE VIRTUAL TABLE chunks USING fts5(id UNINDEXED, source, text)")
    for document in ctx.read_documents(folder):
        chunks = ctx.Chunker(ENCODING, chunk_size=256, header=True).chunk_document(document)
        rows = [(chunk.id, document.path, chunk.text) for chunk in chunks]
        index.executemany("INSERT INTO chunks VALUES (?, ?, ?)", rows)
    return index


def prompt_for(index: sqlite3.Connection, question: str) -> str:
    """The question with the best chunks that fit in front of it, of at most PROMPT_LIMIT tokens."""
    words = " OR ".join(re.findall(r"\w+", question))
    found = index.execute(
        "SELECT source, text FROM chunks WHERE chunks MATCH ? ORDER BY rank LIMIT 50", (words,)
    )
    prompt = f"Question: {question}\n"
    for source, text in found:
        longer = f"From {source}:\n{text}\n\n{prompt}"
        if ENCODING.fits(longer, PROMPT_LIMIT):
            prompt = longer
    return prompt


def main() -> None:
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    folder, question = sys.argv[1:]
    prompt = prompt_for(build_index(folder), question)
    assert ENCODING.count(prompt) <= PROMPT_LIMIT
    print(prompt)


if __name__ == "__main__":
    main()
