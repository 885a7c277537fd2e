"""What users of LlamaIndex rely on, with characters for tokens."""

import asyncio
import copy
import json
import pickle
import re
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ctxtools.chunking.chunker import Chunker
from ctxtools.errors import UsageError

pytest.importorskip("llama_index.core")

from llama_index.core import Document
from llama_index.core.ingestion import IngestionPipeline
from llama_index.core.schema import MetadataMode, NodeRelationship

from ctxtools.chunking.integrations.llamaindex import CtxtoolsNodeParser
from tests.chunking.integrations.read_documents import PAPER, RECORD, REPORT

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


def words(text: str) -> int:
    """Counts that do not add up: a comma is a token unless a letter follows."""
    return len(re.findall(r",?\w+|[^\w\s]", text))


keys = st.text("abc", min_size=1, max_size=3)


@given(
    text=st.text("ab ,\n.", min_size=20, max_size=200),
    metadata=st.dictionaries(keys, st.text("ab ,\n", max_size=9) | st.integers(0, 99), max_size=3),
    hidden=st.lists(keys, max_size=2),
    sizes=st.sampled_from([(24,), (60, 30)]),
    count=st.sampled_from([len, words]),
    template=st.sampled_from(["{metadata_str}\n\n{content}", "M: {metadata_str}, C: {content},"]),
)
@example(
    text="a,b " * 20, metadata={"a": ","}, hidden=[], sizes=(24,), count=words,
    template="{metadata_str},{content}",
)  # fmt: skip
def test_what_a_model_sees_of_a_node_keeps_the_limit(
    text: str,
    metadata: dict[str, Any],
    hidden: list[str],
    sizes: tuple[int, ...],
    count: Any,
    template: str,
) -> None:
    """With its metadata a node had 131 tokens of 100."""
    document = Document(text=text, metadata=metadata, excluded_embed_metadata_keys=hidden)
    document.text_template = template
    document.metadata_separator = ", "
    chunker = Chunker(count, sizes, 4, format="markdown")
    around = document.get_content(MetadataMode.LLM).replace(text.strip(), "")
    if count(around) > sizes[-1] - 6:
        return
    nodes = parse(chunker, document)
    limits: dict[str | None, int] = {None: sizes[0]}
    for node in nodes:
        limit = limits[node.metadata.get("parent_id")]
        limits[node.node_id] = sizes[-1]
        for mode in (MetadataMode.EMBED, MetadataMode.LLM):
            shown = node.get_content(mode)
            assert count(shown) <= limit
            assert str(node.metadata["kind"]) not in shown or "kind" not in shown
        assert {**metadata}.items() <= node.metadata.items()
        assert node.text.endswith(text[node.start_char_idx : node.end_char_idx])
    largest = [node for node in nodes if "parent_id" not in node.metadata]
    assert largest[-1].end_char_idx == len(text)


def test_metadata_that_are_excluded_take_nothing() -> None:
    document = Document(text=TEXT, metadata={"secret": "x" * 100})
    document.excluded_embed_metadata_keys = document.excluded_llm_metadata_keys = ["secret"]
    nodes = parse(Chunker(len, 50), document)
    assert [node.text for node in nodes] == [chunk.text for chunk in Chunker(len, 50).chunk(TEXT)]
    assert all(node.metadata["secret"] for node in nodes)


def test_metadata_that_leave_no_tokens() -> None:
    document = Document(text=TEXT, metadata={"long": "x" * 100})
    with pytest.raises(UsageError, match="metadata of a document have 108 tokens") as error:
        parse(Chunker(len, 50), document)
    assert "exclude" in str(error.value.hint)
    nodes = parse(Chunker(len, 50), document, include_metadata=False)
    assert all("long" not in node.metadata for node in nodes)


def test_as_a_text_splitter() -> None:
    parser = CtxtoolsNodeParser(Chunker(len, 50, 7))
    texts = [chunk.text for chunk in Chunker(len, 50, 7).chunk(TEXT)]
    assert parser.split_text(TEXT) == texts
    assert parser.split_texts([TEXT, "a"]) == [*texts, "a"]
    aware = parser.split_text_metadata_aware(TEXT, "m" * 20)
    assert max(map(len, aware)) <= 50 - 22
    assert parser.split_text_metadata_aware(TEXT, "") == texts
    assert (parser.chunk_size, parser.chunk_overlap) == (50, 7)


def test_what_is_stored_can_be_restored() -> None:
    """LlamaIndex stores the transformations of a pipeline."""
    options: dict[str, Any] = {"format": "markdown", "header": True, "min_size": 9}
    parser = CtxtoolsNodeParser(
        Chunker("o200k_base", (60, 20), 5, **options), include_prev_next_rel=False
    )
    again = CtxtoolsNodeParser.from_dict(json.loads(parser.to_json()))
    assert again.to_dict() == parser.to_dict() and not again.include_prev_next_rel
    document = Document(text="# One\n\n" + TEXT, id_="a", metadata={"by": "me"})
    nodes = parser.get_nodes_from_documents([document])
    assert [(node.node_id, node.text) for node in again.get_nodes_from_documents([document])] == [
        (node.node_id, node.text) for node in nodes
    ]
    assert CtxtoolsNodeParser.from_dict(again.to_dict()).to_dict() == parser.to_dict()


def test_what_cannot_be_stored_is_asked_for() -> None:
    stored = CtxtoolsNodeParser(Chunker(len, 50)).to_dict()
    with pytest.raises(UsageError, match="cannot be restored") as error:
        CtxtoolsNodeParser.from_dict(stored)
    assert "chunker=" in str(error.value.hint)
    parser = CtxtoolsNodeParser.from_dict(stored, chunker=Chunker(len, 50))
    assert parser.split_text("a") == ["a"]
    named = CtxtoolsNodeParser(Chunker("o200k_base", 50), id_func=lambda i, _: f"n{i}").to_dict()
    with pytest.raises(UsageError, match="'<lambda>' that makes ids cannot be restored"):
        CtxtoolsNodeParser.from_dict(named)
    assert CtxtoolsNodeParser.from_dict(named, id_func=str).id_func is str
    with pytest.raises(UsageError, match="takes a Chunker"):
        CtxtoolsNodeParser()
    for change in ({"encoding": "gone"}, {"chunk_size": [0]}, {"unknown": 1}, {"header": True}):
        parser = CtxtoolsNodeParser(Chunker("o200k_base", 50))
        stored = parser.to_dict()
        stored["chunker_options"] = stored["chunker_options"] | change
        with pytest.raises(UsageError, match="cannot be restored"):
            CtxtoolsNodeParser.from_dict(stored)


@pytest.mark.parametrize("encoding", ["o200k_base", len])
def test_copies_and_other_processes(encoding: Any) -> None:
    parser = CtxtoolsNodeParser(Chunker(encoding, 50))
    document = Document(text=TEXT, id_="a")
    nodes = [node.node_id for node in parser.get_nodes_from_documents([document])]
    for again in (pickle.loads(pickle.dumps(parser)), copy.deepcopy(parser), parser.model_copy()):
        assert [node.node_id for node in again.get_nodes_from_documents([document])] == nodes


def test_without_waiting() -> None:
    parser = CtxtoolsNodeParser(Chunker(len, 50))
    documents = [Document(text=TEXT, id_="a")]
    expected = [node.node_id for node in parser.get_nodes_from_documents(documents)]
    nodes = asyncio.run(parser.aget_nodes_from_documents(documents))
    assert [node.node_id for node in nodes] == expected
    assert [node.node_id for node in asyncio.run(parser.acall(documents))] == expected


def test_metadata_of_the_user_is_never_overwritten() -> None:
    """``kind`` and ``headings`` of a document were replaced without a word."""
    theirs = {"kind": "invoice", "headings": ["Q3"], "start_line": 9, "page": 3}
    document = Document(text="# One\n\n" + TEXT, metadata=theirs)
    for node in parse(Chunker(len, 150, format="markdown"), document):
        assert theirs.items() <= node.metadata.items()
        assert node.metadata["ctxtools_headings"] == "One"
        embedded = node.get_content(MetadataMode.EMBED)
        assert "kind: invoice" in embedded and "ctxtools_" not in embedded
        assert node.metadata["token_count"] == len(node.text)
    for node in parse(Chunker(len, 50), document, include_metadata=False):
        assert len(node.text) > 20
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


def test_documents_that_were_read_have_their_pages_and_headings() -> None:
    parser = CtxtoolsNodeParser(Chunker(len, 60, format="auto"))
    nodes: list[Any] = parser.get_nodes_from_read_documents([PAPER, REPORT])
    found = [node.metadata for node in nodes]
    assert [node.ref_doc_id for node in nodes] == ["paper.pdf"] * 2 + ["report.docx"] * 2
    assert [each["file_path"] for each in found] == ["paper.pdf"] * 2 + ["report.docx"] * 2
    assert [each["headings"] for each in found] == ["Introduction", "Method", "One", "One > Two"]
    assert [each.get("page_start") for each in found] == [1, 2, None, None]
    assert all(len(node.get_content(MetadataMode.EMBED)) <= 60 for node in nodes)


def test_fields_of_a_record_that_was_read_are_kept() -> None:
    parser = CtxtoolsNodeParser(Chunker(len, 200))
    nodes: list[Any] = parser.get_nodes_from_read_documents([RECORD, RECORD])
    assert len({node.node_id for node in nodes}) == len(nodes) == 2
    about = nodes[0].metadata
    assert (about["file_path"], about["ctxtools_file_path"]) == (8, "data.jsonl#3")
    assert (about["kind"], about["ctxtools_kind"]) == (7, "text")
