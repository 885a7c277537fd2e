"""A Chunker as a LangChain text splitter. Needs the extra ``ctxtools[langchain]``.

from ctxtools.chunking.integrations.langchain import CtxtoolsTextSplitter

splitter = CtxtoolsTextSplitter(Chunker("o200k_base", chunk_size=512, chunk_overlap=64))
splitter.split_documents(documents)
"""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any, NoReturn

from ctxtools.chunking.chunker import Chunker
from ctxtools.chunking.integrations.distinct import DistinctIds
from ctxtools.chunking.integrations.metadata import chunk_metadata, free_names
from ctxtools.errors import UsageError, missing_extra

try:
    from langchain_core.documents import Document
    from langchain_text_splitters import TextSplitter
except ImportError as error:
    raise missing_extra("CtxtoolsTextSplitter", "langchain-text-splitters", "langchain") from error


class CtxtoolsTextSplitter(TextSplitter):
    """A LangChain TextSplitter that uses a Chunker.

    Documents get the chunk's id and, in addition to the metadata of the text they are from,
    ``start_index``, ``end_index``, ``token_count``, ``start_line``, ``headings`` (joined by
    ``" > "``), ``kind``, ``chunk_index``, and ``parent_id`` if sizes are nested. They are right
    also for text that occurs several times in its document. Metadata of the text that has one of
    these names is kept: ours is then ``ctxtools_kind``, say. No two documents of one call have the
    same id.

    Args:
        chunker: it sets limit and overlap.
        source_key: the metadata key that names a document's source. A chunker with
            ``format="auto"`` derives the format from it, and it makes the ids of documents with
            the same text differ.
    """

    def __init__(self, chunker: Chunker, *, source_key: str = "source") -> None:
        self._chunker = chunker
        self._source_key = source_key
        super().__init__(
            chunk_size=chunker.chunk_size,
            chunk_overlap=chunker.chunk_overlap,
            length_function=chunker.count,
            add_start_index=True,
            strip_whitespace=False,
        )

    @classmethod
    def from_tiktoken_encoder(cls, *_: Any, **__: Any) -> NoReturn:
        """Not supported, since a chunker has an encoding. Raises UsageError."""
        raise UsageError(
            "CtxtoolsTextSplitter takes a Chunker, not a tiktoken encoding",
            hint='CtxtoolsTextSplitter(Chunker("o200k_base", chunk_size=512, chunk_overlap=64)); '
            "ctxtools.encoding_for_model returns the encoding of a model",
        )

    @classmethod
    def from_huggingface_tokenizer(cls, *_: Any, **__: Any) -> NoReturn:
        """Not supported, since a chunker has an encoding. Raises UsageError."""
        raise UsageError(
            "CtxtoolsTextSplitter takes a Chunker, not a Hugging Face tokenizer",
            hint='CtxtoolsTextSplitter(Chunker(ctxtools.load_encoding("tokenizer.json"), 512)), or '
            "pass Chunker a function that counts with the tokenizer",
        )

    def split_text(self, text: str) -> list[str]:
        """The texts of the chunks of a text. Raises what `Chunker.chunk` raises."""
        return [chunk.text for chunk in self._chunker.chunk(text)]

    def create_documents(
        self, texts: Sequence[str], metadatas: Sequence[Mapping[Any, Any]] | None = None
    ) -> list[Document]:
        """A document for each chunk of each text.

        Args:
            texts: each is chunked separately.
            metadatas: one per text, copied to each of its chunks.

        Raises:
            UsageError: texts and metadatas differ in number; and as `Chunker.chunk`.
        """
        if metadatas is not None and len(metadatas) != len(texts):
            raise UsageError(
                f"got {len(texts):,} texts but {len(metadatas):,} metadatas",
                hint="pass one for each text, or None",
            )
        documents = []
        distinct = DistinctIds()
        for text, metadata in zip(texts, metadatas or [{}] * len(texts), strict=True):
            source = str(metadata.get(self._source_key) or "")
            for chunk in distinct.of(self._chunker.chunk(text, source=source)):
                about = {
                    "start_index": chunk.start_index,
                    "end_index": chunk.end_index,
                    "chunk_index": chunk.index,
                    **chunk_metadata(chunk),
                }
                documents.append(
                    Document(
                        page_content=chunk.text,
                        metadata={**deepcopy(dict(metadata)), **free_names(about, metadata)},
                        id=chunk.id,
                    )
                )
        return documents
