"""A Chunker as a LangChain text splitter. Needs the extra ``ctxtools[langchain]``.

from ctxtools.chunking.integrations.langchain import CtxtoolsTextSplitter

splitter = CtxtoolsTextSplitter(Chunker("o200k_base", chunk_size=512, chunk_overlap=64))
splitter.split_documents(documents)
splitter.split_read_documents(ctxtools.read_documents("reports/"))
"""

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from copy import deepcopy
from inspect import signature
from typing import Any, Self

from ctxtools.checks import check_list
from ctxtools.chunking.chunk import Chunk
from ctxtools.chunking.chunker import Chunker
from ctxtools.chunking.integrations.distinct import DistinctIds
from ctxtools.chunking.integrations.metadata import chunk_metadata, free_names
from ctxtools.documents import Document as ReadDocument
from ctxtools.encodings import Encoding, get_encoding
from ctxtools.encodings.from_files import load_tokenizer_json
from ctxtools.errors import UsageError, missing_extra
from ctxtools.models import encoding_for_model

try:
    from langchain_core.documents import Document
    from langchain_text_splitters import TextSplitter
except ImportError as error:
    raise missing_extra("CtxtoolsTextSplitter", "langchain-text-splitters", "langchain") from error


_OPTIONS = ("source_key", "add_start_index")  # of the class itself


class CtxtoolsTextSplitter(TextSplitter):
    """A LangChain TextSplitter that uses a Chunker.

    Documents get the chunk's id and, in addition to the metadata of the text they are from,
    ``start_index``, ``end_index``, ``token_count``, ``start_line``, ``headings`` (joined by
    ``" > "``), ``kind``, ``chunk_index``, ``parent_id`` if sizes are nested, and ``page_start`` and
    ``page_end`` if there are pages. They are right also for text that occurs several times in its
    document. Metadata of the text that has one of these names is kept: ours is then
    ``ctxtools_kind``, say. No two documents of one call have the same id.

    Args:
        chunker: it sets limit and overlap.
        source_key: the metadata key that names a document's source. A chunker with
            ``format="auto"`` derives the format from it, and it makes the ids of documents with
            the same text differ.
        add_start_index: whether documents have ``start_index`` and ``end_index``.
    """

    def __init__(
        self, chunker: Chunker, *, source_key: str = "source", add_start_index: bool = True
    ) -> None:
        self._chunker = chunker
        self._source_key = source_key
        super().__init__(
            chunk_size=chunker.chunk_size,
            chunk_overlap=chunker.chunk_overlap,
            length_function=chunker.count,
            add_start_index=add_start_index,
            strip_whitespace=False,
        )

    @classmethod
    def from_tiktoken_encoder(
        cls,
        encoding_name: str | None = None,
        model_name: str | None = None,
        allowed_special: Collection[str] | None = None,
        disallowed_special: Any = (),
        **options: Any,
    ) -> Self:
        """A splitter that counts as tiktoken does, without tiktoken.

        Args:
            encoding_name: of an encoding; there is no default.
            model_name: of a model, which has one; it comes before the name of an encoding.
            allowed_special: must be empty: the spelling of a special token in a text is text.
            disallowed_special: as that is no error, it makes no difference.
            options: of Chunker, and of the class: ``chunk_size``, ``source_key``.

        Raises:
            UsageError: neither is named, special tokens are allowed, or an option is invalid.
            UnknownEncodingError, UnknownModelError: the name is unknown.
        """
        if allowed_special:
            raise UsageError(
                "special tokens in documents are counted as text",
                hint="leave out allowed_special",
            )
        if model_name is not None:
            return cls._of(encoding_for_model(model_name), options)
        if encoding_name is None:
            raise UsageError(
                "no encoding is named",
                hint='from_tiktoken_encoder("o200k_base", chunk_size=512), or model_name="gpt-5"',
            )
        return cls._of(get_encoding(encoding_name), options)

    @classmethod
    def from_huggingface_tokenizer(cls, tokenizer: Any, **options: Any) -> Self:
        """A splitter that counts with a tokenizer of transformers, or of tokenizers.

        Args:
            tokenizer: a fast one is counted as its ``tokenizer.json`` is, and chunks have room for
                what it adds to each, ``[CLS]`` and ``[SEP]`` say. Any other is asked by its
                ``tokenize``, without that, and takes its time.
            options: of Chunker, and of the class: ``chunk_size``, ``source_key``.

        Raises:
            UsageError: it is no tokenizer, or an option is invalid.
        """
        fast = getattr(tokenizer, "backend_tokenizer", tokenizer)
        if callable(getattr(fast, "to_str", None)):
            data = fast.to_str().encode()
            name = getattr(tokenizer, "name_or_path", "") or hashlib.sha256(data).hexdigest()[:16]
            return cls._of(load_tokenizer_json(data, str(name)), options)
        if not callable(getattr(tokenizer, "tokenize", None)):
            raise UsageError(
                f"tokenizer must be one of transformers or tokenizers, got {tokenizer!r:.40}",
                hint="CtxtoolsTextSplitter(Chunker(count, 512)) takes any function that counts",
            )
        return cls._of(_Tokenize(tokenizer), options)

    @classmethod
    def _of(cls, counter: Encoding | Callable[[str], int], options: Mapping[str, Any]) -> Self:
        ours = {
            name: options[name] for name in ("source_key", "add_start_index") if name in options
        }
        others = {name: value for name, value in options.items() if name not in ours}
        known = signature(Chunker).parameters
        if unknown := [name for name in others if name not in known or name == "encoding"]:
            raise UsageError(
                f"unknown option {unknown[0]!r}",
                hint=f"those of Chunker are {', '.join([*known][1:])}",
            )
        return cls(Chunker(counter, **others), **ours)

    def split_text(self, text: str) -> list[str]:
        """The texts of the chunks of a text. Raises what `Chunker.chunk` raises."""
        return [chunk.text for chunk in self._chunker.chunk(text)]

    def create_documents(
        self, texts: Iterable[str], metadatas: Iterable[Mapping[Any, Any]] | None = None
    ) -> list[Document]:
        """A document for each chunk of each text.

        Args:
            texts: each is chunked separately.
            metadatas: one per text, copied to each of its chunks; None or an empty list for none.

        Raises:
            UsageError: texts and metadatas differ in number; and as `Chunker.chunk`.
        """
        check_list("texts", texts)
        texts, found = list(texts), list(metadatas or ())
        if found and len(found) != len(texts):
            raise UsageError(
                f"got {len(texts):,} texts but {len(found):,} metadatas",
                hint="pass one for each text, or None",
            )
        documents = list[Document]()
        distinct = DistinctIds()
        for text, metadata in zip(texts, found or [{}] * len(texts), strict=True):
            source = str(metadata.get(self._source_key) or "")
            chunks = distinct.of(self._chunker.chunk(text, source=source))
            documents += self._documents(chunks, metadata)
        return documents

    def split_read_documents(self, documents: Iterable[ReadDocument]) -> list[Document]:
        """A document for each chunk of documents that `ctxtools.read_documents` has read.

        So it has the pages and headings of a PDF, say, where LangChain's own documents have text
        alone. Its metadata has the document's name under ``source_key``, and the fields that were
        kept of a record.

        Raises:
            OversizeError: as `Chunker.chunk`.
        """
        found = list[Document]()
        distinct = DistinctIds()
        for each in documents:
            metadata = {**each.metadata, **free_names({self._source_key: each.name}, each.metadata)}
            found += self._documents(distinct.of(self._chunker.chunk_document(each)), metadata)
        return found

    def _documents(
        self, chunks: Iterable[Chunk], metadata: Mapping[Any, Any]
    ) -> Iterator[Document]:
        """The documents of the chunks of one text, which have its metadata."""
        for chunk in chunks:
            about = {"chunk_index": chunk.index, **chunk_metadata(chunk)}
            if self._add_start_index:
                about |= {"start_index": chunk.start_index, "end_index": chunk.end_index}
            yield Document(
                page_content=chunk.text,
                metadata={**deepcopy(dict(metadata)), **free_names(about, metadata)},
                id=chunk.id,
            )


class _Tokenize:
    """Counts with a tokenizer that is not a fast one; of a class, so that it can be pickled."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self.__qualname__ = str(getattr(tokenizer, "name_or_path", "") or type(tokenizer).__name__)

    def __call__(self, text: str) -> int:
        return len(self._tokenizer.tokenize(text))
