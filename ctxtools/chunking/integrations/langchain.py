"""A Chunker where LangChain wants a text splitter. Needs the extra ``ctxtools[langchain]``.

from ctxtools.chunking.integrations.langchain import CtxtoolsTextSplitter

splitter = CtxtoolsTextSplitter(Chunker("o200k_base", chunk_size=512, chunk_overlap=64))
splitter.split_documents(documents)
"""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any, NoReturn

from ctxtools.chunking.chunk import Chunk
from ctxtools.chunking.chunker import Chunker
from ctxtools.chunking.integrations.distinct import DistinctIds
from ctxtools.errors import UsageError, missing_extra

try:
    from langchain_core.documents import Document
    from langchain_text_splitters import TextSplitter
except ImportError as error:
    raise missing_extra("CtxtoolsTextSplitter", "langchain-text-splitters", "langchain") from error


class CtxtoolsTextSplitter(TextSplitter):
    """LangChain's TextSplitter, by a Chunker.

    Documents are made with the chunk's id, and with these beside their own metadata:
    ``start_index``, ``end_index``, ``token_count``, ``start_line``, ``headings`` (joined by
    ``" > "``, since many vector stores keep no lists), ``kind``, ``chunk_index``, and ``parent_id``
    where sizes are nested. Each is right for a text that is repeated in its document, too. No two
    documents made in one call have the same id.

    Args:
        chunker: what cuts; limit and overlap are its own.
        source_key: the key of the metadata that names a document's source. It tells a chunker with
            ``format="auto"`` what a document is, and makes ids differ between documents that have
            the same text.
    """

    def __init__(self, chunker: Chunker, *, source_key: str = "source") -> None:
        self._chunker = chunker
        self._source_key = source_key
        super().__init__(
            chunk_size=chunker._settings.chunk_sizes[0],
            chunk_overlap=chunker._settings.chunk_overlap,
            length_function=self._length,
            add_start_index=True,
            strip_whitespace=False,
        )

    def _length(self, text: str) -> int:
        return self._chunker._counter.count_batch([text])[0]

    @classmethod
    def from_tiktoken_encoder(cls, *_: Any, **__: Any) -> NoReturn:
        """Not of use here: a chunker knows its encoding. Raises UsageError."""
        raise UsageError(
            "CtxtoolsTextSplitter is made of a Chunker, not of a tiktoken encoding",
            hint='CtxtoolsTextSplitter(Chunker("o200k_base", chunk_size=512, chunk_overlap=64)); '
            "ctxtools.encoding_for_model knows the encoding of a model",
        )

    @classmethod
    def from_huggingface_tokenizer(cls, *_: Any, **__: Any) -> NoReturn:
        """Not of use here: a chunker knows its encoding. Raises UsageError."""
        raise UsageError(
            "CtxtoolsTextSplitter is made of a Chunker, not of a Hugging Face tokenizer",
            hint='CtxtoolsTextSplitter(Chunker(ctxtools.load_encoding("tokenizer.json"), 512)), or '
            "pass Chunker a function that counts with the tokenizer",
        )

    def split_text(self, text: str) -> list[str]:
        """The texts of a text's chunks. Raises as `Chunker.chunk` does."""
        return [chunk.text for chunk in self._chunker.chunk(text)]

    def create_documents(
        self, texts: Sequence[str], metadatas: Sequence[Mapping[Any, Any]] | None = None
    ) -> list[Document]:
        """A document for each chunk of each text.

        Args:
            texts: each is cut on its own.
            metadatas: of each text; given to each of its chunks.

        Raises:
            UsageError: there are not as many metadatas as texts; and as `Chunker.chunk` does.
        """
        if metadatas is not None and len(metadatas) != len(texts):
            raise UsageError(
                f"there are {len(texts):,} texts and {len(metadatas):,} metadatas",
                hint="give one for each text, or none at all",
            )
        documents = []
        distinct = DistinctIds()
        for text, metadata in zip(texts, metadatas or [{}] * len(texts), strict=True):
            source = str(metadata.get(self._source_key) or "")
            for chunk in distinct.of(self._chunker.chunk(text, source=source)):
                documents.append(
                    Document(
                        page_content=chunk.text,
                        metadata={**deepcopy(dict(metadata)), **_metadata(chunk)},
                        id=chunk.id,
                    )
                )
        return documents


def _metadata(chunk: Chunk) -> dict[str, str | int]:
    parent = {} if chunk.parent_id is None else {"parent_id": chunk.parent_id}
    return {
        "start_index": chunk.start_index,
        "end_index": chunk.end_index,
        "token_count": chunk.token_count,
        "start_line": chunk.start_line,
        "headings": " > ".join(chunk.headings),
        "kind": chunk.kind,
        "chunk_index": chunk.index,
        **parent,
    }
