"""What users of LangChain rely on, with characters for tokens."""

import asyncio
import copy
import pickle
from pathlib import Path
from typing import Any

import pytest

from ctxtools.chunking.chunker import Chunker
from ctxtools.errors import UnknownEncodingError, UsageError
from tests.oracles import reference

pytest.importorskip("langchain_text_splitters")

from langchain_core.documents import Document

from ctxtools.chunking.integrations.langchain import CtxtoolsTextSplitter
from ctxtools.documents import Document as ReadDocument
from tests.chunking.integrations.read_documents import PAPER, RECORD, REPORT

TEXT = "The same line.\n" * 20 + "Größe, 漢字かな。\n\nThe same line.\n" * 4
MARKDOWN = "# One\n\nSome words here.\n\n## Two\n\n" + "More words here. " * 12


@pytest.fixture
def splitter() -> CtxtoolsTextSplitter:
    return CtxtoolsTextSplitter(Chunker(len, 50))


def test_the_texts_are_the_chunks(splitter: CtxtoolsTextSplitter) -> None:
    texts = splitter.split_text(TEXT)
    assert texts == [chunk.text for chunk in Chunker(len, 50).chunk(TEXT)]
    assert "".join(texts) == TEXT


@pytest.mark.parametrize("overlap", [0, 16])
def test_a_document_says_where_it_is_from(overlap: int) -> None:
    """Guards against searching for the chunk, which finds another offset in repetitive text."""
    splitter = CtxtoolsTextSplitter(Chunker(len, 50, overlap))
    documents = splitter.create_documents([TEXT, "", "short"], [{"n": 0}, {"n": 1}, {"n": 2}])
    assert {document.metadata["n"] for document in documents} == {0, 2}
    starts = []
    for document in documents[:-1]:
        about = document.metadata
        assert TEXT[about["start_index"] : about["end_index"]] == document.page_content
        assert about["token_count"] == len(document.page_content) <= 50
        assert about["start_line"] == TEXT.count("\n", 0, about["start_index"]) + 1
        starts.append(about["start_index"])
    assert starts == sorted(set(starts))
    assert [document.metadata["chunk_index"] for document in documents[:-1]] == [
        *range(len(starts))
    ]


def test_split_documents_keeps_metadata_and_knows_the_source() -> None:
    splitter = CtxtoolsTextSplitter(Chunker(len, 80, format="auto"))
    given = [Document(MARKDOWN, metadata={"source": "a.md"}), Document(MARKDOWN, metadata={})]
    documents = splitter.split_documents(given)
    marked = [document for document in documents if "source" in document.metadata]
    assert marked[-1].metadata["headings"] == "One > Two"
    assert not any(d.metadata["headings"] for d in documents if "source" not in d.metadata)
    assert given[0].metadata == {"source": "a.md"}


def test_metadata_of_the_user_is_never_overwritten() -> None:
    """``kind`` and ``headings`` of a document were replaced without a word."""
    theirs = {"kind": "invoice", "headings": ["Q3"], "start_index": 7, "page": 3, "parent_id": None}
    splitter = CtxtoolsTextSplitter(Chunker(len, (80, 40), format="markdown"))
    once = splitter.split_documents([Document(MARKDOWN, metadata=theirs)])
    for document in once:
        about = document.metadata
        assert theirs.items() <= about.items()
        assert about["ctxtools_kind"] != "invoice"
        start, end = about["ctxtools_start_index"], about["end_index"]
        assert MARKDOWN[start:end] == document.page_content
        assert about["token_count"] == len(document.page_content)
    assert once[-1].metadata["ctxtools_headings"] == "One > Two"
    assert {"ctxtools_parent_id" in document.metadata for document in once} == {True, False}
    for again in splitter.split_documents(once):
        assert theirs.items() <= again.metadata.items()
        assert again.metadata["ctxtools_ctxtools_kind"] and again.metadata["ctxtools_token_count"]


def test_ids_are_stable_and_of_one_document() -> None:
    def ids(source: str) -> list[str | None]:
        splitter = CtxtoolsTextSplitter(Chunker(len, 50), source_key="path")
        documents = splitter.create_documents([TEXT], [{"path": source}])
        return [document.id for document in documents]

    assert ids("a") == ids("a")
    assert len(set(ids("a") + ids("b"))) == 2 * len(ids("a"))


def test_equal_pages_have_different_ids(splitter: CtxtoolsTextSplitter) -> None:
    """With equal ids a vector store would keep one page of three."""
    pages = [Document(TEXT, metadata={"source": "a.pdf", "page": n}) for n in range(3)]
    ids = [document.id for document in splitter.split_documents(pages)]
    assert ids == [document.id for document in splitter.split_documents(pages)]
    assert len(set(ids)) == len(ids)
    first = [document.id for document in splitter.split_documents(pages[:1])]
    assert ids[: len(first)] == first


def test_metadata_can_be_kept_by_any_vector_store(splitter: CtxtoolsTextSplitter) -> None:
    """Chroma and others reject lists and None."""
    nested = CtxtoolsTextSplitter(Chunker(len, (100, 50)))
    for document in [*splitter.create_documents([TEXT]), *nested.create_documents([TEXT])]:
        assert all(isinstance(value, str | int) for value in document.metadata.values())
    assert any("parent_id" in document.metadata for document in nested.create_documents([TEXT]))


def test_as_a_transformation_of_documents(splitter: CtxtoolsTextSplitter) -> None:
    documents: list[Any] = [Document(TEXT)]
    made = splitter.transform_documents(documents)
    assert "".join(document.page_content for document in made) == TEXT


def test_a_metadata_for_each_text(splitter: CtxtoolsTextSplitter) -> None:
    with pytest.raises(UsageError, match="got 2 texts but 1 metadatas"):
        splitter.create_documents(["a", "b"], [{}])


def test_the_attributes_of_the_splitter_are_those_of_the_chunker() -> None:
    made = CtxtoolsTextSplitter(Chunker(lambda text: len(text.split()), (50, 20), 7))
    assert (made._chunk_size, made._chunk_overlap, made._length_function("a b c")) == (50, 7, 3)


def test_what_a_document_has_to_say_is_a_choice() -> None:
    splitter = CtxtoolsTextSplitter(Chunker(len, 50), add_start_index=False)
    (document,) = splitter.create_documents(["short"])
    assert not {"start_index", "end_index"} & document.metadata.keys()
    text = "One page. " * 4 + "\f" + "Two pages. " * 9
    documents = CtxtoolsTextSplitter(Chunker(len, 50)).create_documents([text])
    assert {document.metadata["page_end"] for document in documents} == {1, 2}


def test_texts_and_metadatas_of_any_kind(splitter: CtxtoolsTextSplitter) -> None:
    assert splitter.create_documents([]) == splitter.split_documents([]) == []
    assert len(splitter.create_documents(iter(["a", "b"]), [])) == 2
    documents = splitter.split_documents(Document(text) for text in (TEXT, "a"))
    assert documents[-1].page_content == "a"
    with pytest.raises(UsageError, match="texts must be a list of str"):
        splitter.create_documents("abc")
    with pytest.raises(UsageError, match="text must be a str"):
        splitter.create_documents([3])  # type: ignore[list-item]


def test_the_metadata_of_a_document_are_its_own(splitter: CtxtoolsTextSplitter) -> None:
    theirs = {"tags": ["x"], "path": Path("a.md"), 7: "seven"}
    first, second = splitter.create_documents(["a" * 60], [theirs])
    first.metadata["tags"].append("y")
    assert second.metadata["tags"] == theirs["tags"] == ["x"]
    assert second.metadata[7] == "seven"


def test_copies_and_other_processes(splitter: CtxtoolsTextSplitter) -> None:
    expected = splitter.create_documents([TEXT])
    for again in (pickle.loads(pickle.dumps(splitter)), copy.deepcopy(splitter)):
        assert again.create_documents([TEXT]) == expected
    assert asyncio.run(splitter.atransform_documents([Document(TEXT)])) == expected


def test_the_encoding_of_tiktoken() -> None:
    """Guards against a download of GPT-2's vocabulary."""
    by_model = CtxtoolsTextSplitter.from_tiktoken_encoder(
        model_name="gpt-4o", chunk_size=20, chunk_overlap=4, source_key="path"
    )
    by_name = CtxtoolsTextSplitter.from_tiktoken_encoder("o200k_base", chunk_size=20)
    count = reference("o200k_base")
    for splitter in (by_model, by_name):
        documents = splitter.create_documents([TEXT + "<|endoftext|>"])
        for document in documents:
            assert document.metadata["token_count"] == len(count(document.page_content)) <= 20
    assert by_model._chunk_overlap == 4
    with pytest.raises(UsageError, match="no encoding is named"):
        CtxtoolsTextSplitter.from_tiktoken_encoder(chunk_size=20)
    with pytest.raises(UsageError, match="counted as text"):
        CtxtoolsTextSplitter.from_tiktoken_encoder("o200k_base", allowed_special={"<|endoftext|>"})
    with pytest.raises(UsageError, match="unknown option 'strip_whitespace'") as error:
        CtxtoolsTextSplitter.from_tiktoken_encoder("o200k_base", strip_whitespace=True)
    assert "chunk_size, chunk_overlap" in str(error.value.hint)
    with pytest.raises(UnknownEncodingError):
        CtxtoolsTextSplitter.from_tiktoken_encoder("gone")


class TestHuggingFace:
    @pytest.fixture
    def tokenizer(self) -> Any:
        """WordPiece with [CLS] and [SEP], set to truncate and to pad, as transformers does."""
        tokenizers = pytest.importorskip("tokenizers")
        from tokenizers import models, pre_tokenizers, processors

        words = ["[UNK]", "[CLS]", "[SEP]", *["same", "line", "the", ".", "#", "##s", "a", "b"]]
        made = tokenizers.Tokenizer(
            models.WordPiece({word: i for i, word in enumerate(words)}, unk_token="[UNK]")
        )
        made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
        made.post_processor = processors.BertProcessing(("[SEP]", 2), ("[CLS]", 1))
        made.enable_truncation(4)
        made.enable_padding(length=8)
        return made

    @pytest.mark.parametrize("wrapped", [False, True])
    def test_a_fast_one(self, tokenizer: Any, wrapped: bool) -> None:
        given = tokenizer
        if wrapped:
            given = type("Fast", (), {"backend_tokenizer": tokenizer, "name_or_path": "bert"})()
        splitter = CtxtoolsTextSplitter.from_huggingface_tokenizer(given, chunk_size=10)
        documents = splitter.create_documents(["the same line. " * 20])
        tokenizer.no_truncation()
        tokenizer.no_padding()
        sizes = [len(tokenizer.encode(document.page_content).ids) for document in documents]
        assert max(sizes) == 10 and sum(sizes) == 80 + 2 * len(documents)

    def test_any_other(self) -> None:
        splitter = CtxtoolsTextSplitter.from_huggingface_tokenizer(Words(), chunk_size=3)
        texts = splitter.split_text("the same line. " * 20)
        assert max(len(text.split()) for text in texts) == 3
        assert pickle.loads(pickle.dumps(splitter)).split_text("a b") == ["a b"]
        with pytest.raises(UsageError, match="must be one of transformers or tokenizers"):
            CtxtoolsTextSplitter.from_huggingface_tokenizer("bert-base-uncased")


class Words:
    """A tokenizer that is not a fast one."""

    def tokenize(self, text: str) -> list[str]:
        return text.split()


def test_documents_that_were_read_have_their_pages_and_headings() -> None:
    splitter = CtxtoolsTextSplitter(Chunker(len, 24, format="auto"))
    found = [each.metadata for each in splitter.split_read_documents([PAPER, REPORT])]
    assert [each["source"] for each in found] == ["paper.pdf"] * 2 + ["report.docx"] * 2
    assert [each["headings"] for each in found] == ["Introduction", "Method", "One", "One > Two"]
    assert [each.get("page_start") for each in found] == [1, 2, None, None]


def test_fields_of_a_record_that_was_read_are_kept() -> None:
    given: list[ReadDocument] = [RECORD, RECORD]
    documents = CtxtoolsTextSplitter(Chunker(len, 50)).split_read_documents(given)
    assert len({document.id for document in documents}) == len(documents) == 2
    about = documents[0].metadata
    assert (about["source"], about["ctxtools_source"]) == ("the user's", "data.jsonl#3")
    assert (about["kind"], about["ctxtools_kind"]) == (7, "text")
