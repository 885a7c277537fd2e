"""What users of LlamaIndex rely on, with characters for tokens."""

from itertools import pairwise
from typing import Any

import pytest

from ctxtools.chunking.chunker import Chunker

pytest.importorskip("llama_index.core")

from llama_index.core import Document
from llama_index.core.ingestion import IngestionPipeline
from llama_index.core.schema import MetadataMode, NodeRelationship

from ctxtools.chunking.integrations.llamaindex import CtxtoolsNodeParser

TEXT = "The same line.\n" * 20 + "Größe, 漢字かな。\n\nThe same line.\n" * 4


def parse(chunker: Chunker, *documents: Document, **options: Any) -> list[Any]:
    nodes: list[Any] = CtxtoolsNodeParser(chunker, **options).get_nodes_from_documents([*documents])
    return nodes


@pytest.mark.parametrize("overlap", [0, 16])
def test_a_node_says_where_it_is_from(overlap: int) -> None:
    """Guards against the search of LlamaIndex, which finds the first offset of repeated text."""
    nodes = parse(Chunker(len, 50, overlap), Document(text=TEXT, id_="a"))
    chunks = list(Chunker(len, 50, overlap).chunk(TEXT))
    assert [node.text for node in nodes] == [chunk.text for chunk in chunks]
    offsets = [(node.start_char_idx, node.end_char_idx) for node in nodes]
    assert offsets == [(chunk.start_index, chunk.end_index) for chunk in chunks]
    assert [node.metadata["token_count"] for node in nodes] == [len(node.text) for node in nodes]


def test_offsets_exclude_the_header() -> None:
    text = "# One\n\n" + "Some words here. " * 20
    nodes = parse(Chunker(len, 80, format="markdown", header=True), Document(text=text))
    assert any(text[n.start_char_idx : n.end_char_idx] != n.text for n in nodes)
    for node in nodes:
        assert node.text.endswith(text[node.start_char_idx : node.end_char_idx])
        assert node.metadata["headings"] == "One"


def test_nodes_know_their_document_and_their_neighbours() -> None:
    a, b = (Document(text=TEXT, id_=name, metadata={"by": name}) for name in "ab")
    nodes = parse(Chunker(len, 50), a, b)
    of_a = [node for node in nodes if node.ref_doc_id == "a"]
    assert len(of_a) * 2 == len(nodes) == len({node.node_id for node in nodes})
    assert {node.metadata["by"] for node in of_a} == {"a"}
    for before, node in pairwise(of_a):
        assert node.relationships[NodeRelationship.PREVIOUS].node_id == before.node_id
        assert before.relationships[NodeRelationship.NEXT].node_id == node.node_id
    assert NodeRelationship.NEXT not in of_a[-1].relationships


def test_ids_are_stable_where_documents_are_named() -> None:
    def ids(**about: Any) -> list[str]:
        return [node.node_id for node in parse(Chunker(len, 50), Document(text=TEXT, **about))]

    assert ids(id_="a") == ids(id_="a")
    assert ids(metadata={"file_path": "a"}) == ids(metadata={"file_path": "a"})
    assert set(ids(id_="a")).isdisjoint(ids(id_="b"))
    nodes = parse(Chunker(len, 50), Document(text=TEXT), id_func=lambda i, _: f"node {i}")
    assert nodes[1].node_id == "node 1"


def test_ids_of_documents_without_a_name_are_of_their_content() -> None:
    def ids(**about: Any) -> list[str]:
        return [node.node_id for node in parse(Chunker(len, 50), Document(**about))]

    assert ids(text=TEXT) == ids(text=TEXT)
    assert set(ids(text=TEXT)).isdisjoint(ids(text=TEXT + "x"))
    assert set(ids(text=TEXT)).isdisjoint(ids(text=TEXT, metadata={"page": 1}))


@pytest.mark.parametrize("metadata", [{}, {"file_path": "a.pdf"}])
def test_equal_documents_have_different_ids(metadata: dict[str, str]) -> None:
    pages = [Document(text=TEXT, metadata=metadata) for _ in range(3)]
    ids = [node.node_id for node in parse(Chunker(len, 50), *pages)]
    assert len(set(ids)) == len(ids) == 3 * len(parse(Chunker(len, 50), pages[0]))
    assert ids == [node.node_id for node in parse(Chunker(len, 50), *pages)]


def test_the_embedded_text_keeps_the_limit() -> None:
    """LlamaIndex puts all metadata before the text by default."""
    document = Document(
        text=TEXT, metadata={"secret": "x"}, excluded_embed_metadata_keys=["secret"]
    )
    for node in parse(Chunker(len, 50), document):
        assert node.get_content(MetadataMode.EMBED) == node.text
        assert "token_count" not in node.get_content(MetadataMode.LLM)
        assert "secret: x" in node.get_content(MetadataMode.LLM)


def test_metadata_of_the_user_is_never_overwritten() -> None:
    """``kind`` and ``headings`` of a document were replaced without a word."""
    theirs = {"kind": "invoice", "headings": ["Q3"], "start_line": 9, "page": 3}
    document = Document(text="# One\n\n" + TEXT, metadata=theirs)
    for node in parse(Chunker(len, 50, format="markdown"), document):
        assert theirs.items() <= node.metadata.items()
        assert node.metadata["ctxtools_headings"] == "One"
        embedded = node.get_content(MetadataMode.EMBED)
        assert "kind: invoice" in embedded and "ctxtools_" not in embedded
        assert node.metadata["token_count"] == len(node.text)
    for node in parse(Chunker(len, 50), document, include_metadata=False):
        assert node.metadata.keys() == {"token_count", "start_line", "headings", "kind"}


def test_nodes_can_be_parsed_again() -> None:
    large = parse(Chunker(len, 100), Document(text=TEXT, id_="a"))
    small = CtxtoolsNodeParser(Chunker(len, 50))(large)
    assert "".join(node.get_content() for node in small) == TEXT
    assert {node.ref_doc_id for node in small} == {"a"}


def test_a_pipeline_distinguishes_two_chunkers() -> None:
    """Guards against LlamaIndex's cache, which compares the fields of a transformation."""
    pipeline = IngestionPipeline(transformations=[CtxtoolsNodeParser(Chunker(len, 50))])
    document = Document(text=TEXT, id_="a")
    first = pipeline.run(documents=[document])
    pipeline.transformations = [CtxtoolsNodeParser(Chunker(len, 100))]
    assert len(pipeline.run(documents=[document])) < len(first)
