"""Ids over the borders of documents, with characters for tokens."""

from ctxtools.chunking.chunk import Chunk
from ctxtools.chunking.chunker import Chunker
from ctxtools.chunking.integrations.distinct import DistinctIds

LINES = {letter: letter * 49 + "\n" for letter in "abc"}
TEXT = "The same line.\n" * 20 + "Another line of it.\n" * 3


def _made(*texts: str) -> list[list[Chunk]]:
    chunker, distinct = Chunker(len, (100, 50)), DistinctIds()
    return [list(distinct.of(chunker.chunk(text))) for text in texts]


def test_the_first_document_keeps_its_ids_and_all_ids_are_distinct() -> None:
    made = _made(TEXT, "Other.", TEXT, TEXT + "More.", TEXT)
    assert made[0] == list(Chunker(len, (100, 50)).chunk(TEXT))
    ids = [chunk.id for chunks in made for chunk in chunks]
    assert len(set(ids)) == len(ids)
    assert all(len(id) == 32 and int(id, 16) for id in ids)
    assert made == _made(TEXT, "Other.", TEXT, TEXT + "More.", TEXT)


def test_tuples_are_renamed_as_chunks_are() -> None:
    texts = [TEXT, TEXT, TEXT + "More.", LINES["a"] * 3]
    chunker, distinct = Chunker(len, (100, 50)), DistinctIds()
    rows = [row for text in texts for row in distinct.of_rows(chunker.chunk(text).rows())]
    chunks = [chunk for made in _made(*texts) for chunk in made]
    assert rows == [tuple(getattr(chunk, name) for name in Chunk.__slots__) for chunk in chunks]


def test_children_have_the_new_id_of_their_parent() -> None:
    """Guards against children that name the parent of another document."""
    # The last document has a parent that is known, whose child is the second one of its text.
    again = LINES["a"] + LINES["b"]
    for chunks in _made(TEXT, TEXT, TEXT + "More.", again, LINES["a"] + LINES["c"] + again):
        large = {chunk.id: chunk for chunk in chunks if chunk.parent_id is None}
        small = [chunk for chunk in chunks if chunk.parent_id is not None]
        assert len(small) > len(large) > 0
        for chunk in small:
            parent = large[chunk.parent_id or ""]
            assert parent.start_index <= chunk.start_index < chunk.end_index <= parent.end_index
