"""One small adapter for each chunker that can be installed next to ctxtools.

Each is configured to preserve as much as it can: white space is not trimmed and offsets are
requested if there are options for that. Users of chunks want to know where they are from, so
requesting offsets is timed; converting the results is not.

The worker loads this file by its path, as it does engines.py, so it imports only the standard
library, and a chunker only when that is loaded. Chunkers that use tiktoken get the packaged
vocabulary through tiktoken's registry, and count with ``encode_ordinary`` if they allow to choose;
one of them has the vocabulary compiled in.
"""

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any, ClassVar, Final

if TYPE_CHECKING:
    from ctxtools.bench.engines import Vocabulary

_MODELS: Final = {"o200k_base": "gpt-4o", "cl100k_base": "gpt-4"}

# A chunk for contract.py: text, start and end in characters, reported tokens, id, header. None for
# anything that a chunker does not report.
Answer = tuple[str, int | None, int | None, int | None, str | None, str]


class Chunker(ABC):
    """A chunker.

    Attributes:
        name: of the chunker, as shown in tables.
        distribution: its name on PyPI.
        formats: formats whose structure it uses; texts of all others are plain text to it.
        only_formats: whether it is measured on texts of its formats only.
        overlaps: whether it supports overlap.
    """

    name: ClassVar[str]
    distribution: ClassVar[str]
    formats: ClassVar[tuple[str, ...]] = ()
    only_formats: ClassVar[bool] = False
    overlaps: ClassVar[bool] = True
    _chunk: Callable[[str], Any]  # set by load

    @classmethod
    def version(cls) -> str | None:
        """The installed version; None if it is not installed."""
        try:
            return version(cls.distribution)
        except PackageNotFoundError:
            return None

    @abstractmethod
    def load(self, vocab: "Vocabulary", limit: int, overlap: int = 0, format: str = "text") -> None:
        """Import the chunker and set it up.

        Args:
            vocab: the vocabulary.
            limit: the maximum tokens of a chunk.
            overlap: tokens that a chunk shares with the one before.
            format: of the texts to be chunked: one of ``formats``, or "text".
        """

    def chunk(self, text: str) -> Any:
        """The chunks of a text as the chunker returns them. This is timed."""
        return self._chunk(text)

    @abstractmethod
    def answers(self, chunks: Any) -> Iterable[Answer]:
        """The chunks in a common form. This is not timed."""

    def count(self, text: str) -> int:
        """The number of chunks: the worker's first call, which triggers lazy initialisation."""
        return sum(1 for _ in self.answers(self.chunk(text)))

    def detail(self) -> str:
        """Further information on the loaded chunker."""
        return ""


class Ctxtools(Chunker):
    name = "ctxtools"
    distribution = "ctxtools"
    formats: ClassVar[tuple[str, ...]] = ("markdown", "python")
    _options: ClassVar[dict[str, Any]] = {}  # of Chunker
    _encoding: Any

    def load(self, vocab: "Vocabulary", limit: int, overlap: int = 0, format: str = "text") -> None:
        self._encoding = import_module("ctxtools").get_encoding(vocab.encoding)
        chunker = import_module("ctxtools.chunking.chunker").Chunker(
            self._encoding,
            chunk_size=limit,
            chunk_overlap=overlap,
            format=format,
            **self._options,
        )
        self._chunk = lambda text: list(chunker.chunk(text))

    def answers(self, chunks: Any) -> Iterable[Answer]:
        return [(c.text, c.start_index, c.end_index, c.token_count, c.id, c.header) for c in chunks]

    def detail(self) -> str:
        return f"{self._encoding.backend.name} backend"


class CtxtoolsGreedy(Ctxtools):
    name = "ctxtools greedy"
    _options: ClassVar = {"strategy": "greedy"}


class SemanticTextSplitter(Chunker):
    name = "semantic-text-splitter"
    distribution = "semantic-text-splitter"
    _class = "TextSplitter"

    def load(self, vocab: "Vocabulary", limit: int, overlap: int = 0, format: str = "text") -> None:
        splitter = getattr(import_module("semantic_text_splitter"), self._class)
        self._chunk = splitter.from_tiktoken_model(
            _MODELS[vocab.encoding], limit, overlap=overlap, trim=False
        ).chunk_indices

    def answers(self, chunks: Any) -> Iterable[Answer]:
        return [(text, start, start + len(text), None, None, "") for start, text in chunks]


class SemanticTextSplitterMarkdown(SemanticTextSplitter):
    name = "semantic-text-splitter Markdown"
    formats = ("markdown",)
    only_formats = True
    _class = "MarkdownSplitter"


class Semchunk(Chunker):
    name = "semchunk"
    distribution = "semchunk"

    def load(self, vocab: "Vocabulary", limit: int, overlap: int = 0, format: str = "text") -> None:
        tiktoken = _tiktoken(vocab)
        chunker = import_module("semchunk").chunkerify(
            lambda text: len(tiktoken.encode_ordinary(text)), limit
        )
        self._chunk = partial(chunker, offsets=True, overlap=overlap or None)

    def answers(self, chunks: Any) -> Iterable[Answer]:
        pairs = zip(*chunks, strict=True)
        return [(text, start, end, None, None, "") for text, (start, end) in pairs]


class LangChainRecursive(Chunker):
    name = "LangChain recursive"
    distribution = "langchain-text-splitters"

    def load(self, vocab: "Vocabulary", limit: int, overlap: int = 0, format: str = "text") -> None:
        tiktoken = _tiktoken(vocab)
        splitters = import_module("langchain_text_splitters")
        splitter = splitters.RecursiveCharacterTextSplitter(
            chunk_size=limit,
            chunk_overlap=overlap,
            length_function=lambda text: len(tiktoken.encode_ordinary(text)),
            strip_whitespace=False,
            add_start_index=True,
        )
        self._chunk = lambda text: splitter.create_documents([text])

    def answers(self, chunks: Any) -> Iterable[Answer]:
        for chunk in chunks:
            start = chunk.metadata["start_index"]  # -1 if not found
            end = start + len(chunk.page_content)
            yield chunk.page_content, start, end, None, None, ""


class LangChainToken(LangChainRecursive):
    name = "LangChain token"

    def load(self, vocab: "Vocabulary", limit: int, overlap: int = 0, format: str = "text") -> None:
        _tiktoken(vocab)
        splitters = import_module("langchain_text_splitters")
        splitter = splitters.TokenTextSplitter(
            encoding_name=vocab.encoding,
            chunk_size=limit,
            chunk_overlap=overlap,
            disallowed_special=(),
            strip_whitespace=False,
            add_start_index=True,
        )
        self._chunk = lambda text: splitter.create_documents([text])


class ChonkieRecursive(Chunker):
    name = "chonkie recursive"
    distribution = "chonkie"
    overlaps = False
    _class = "RecursiveChunker"

    def load(self, vocab: "Vocabulary", limit: int, overlap: int = 0, format: str = "text") -> None:
        options = {"chunk_overlap": overlap} if self.overlaps else {}
        chunker = getattr(import_module("chonkie"), self._class)
        self._chunk = chunker(tokenizer=_tiktoken(vocab), chunk_size=limit, **options).chunk

    def answers(self, chunks: Any) -> Iterable[Answer]:
        return [(c.text, c.start_index, c.end_index, c.token_count, c.id, "") for c in chunks]


class ChonkieToken(ChonkieRecursive):
    name = "chonkie token"
    overlaps = True
    _class = "TokenChunker"


class ChonkieSentence(ChonkieRecursive):
    name = "chonkie sentence"
    overlaps = True
    _class = "SentenceChunker"


class LlamaIndexSentence(Chunker):
    name = "LlamaIndex sentence"
    distribution = "llama-index-core"

    def load(self, vocab: "Vocabulary", limit: int, overlap: int = 0, format: str = "text") -> None:
        tiktoken = _tiktoken(vocab)
        # Otherwise the default tokenizer is downloaded, even if another one is passed.
        import_module("llama_index.core.utils").set_global_tokenizer(tiktoken.encode_ordinary)
        document = import_module("llama_index.core").Document
        parser = import_module("llama_index.core.node_parser").SentenceSplitter(
            chunk_size=limit, chunk_overlap=overlap, tokenizer=tiktoken.encode_ordinary
        )
        self._chunk = lambda text: parser.get_nodes_from_documents([document(text=text)])

    def answers(self, chunks: Any) -> Iterable[Answer]:
        return [(c.text, c.start_char_idx, c.end_char_idx, None, c.node_id, "") for c in chunks]


def _tiktoken(vocab: "Vocabulary") -> Any:
    """The encoding, registered with tiktoken for those that get it by name."""
    os.environ["TIKTOKEN_CACHE_DIR"] = ""
    tiktoken = import_module("tiktoken")
    registry = import_module("tiktoken.registry")
    if vocab.encoding not in registry.ENCODINGS:
        ranks = import_module("tiktoken.load").load_tiktoken_bpe(vocab.tiktoken_path)
        registry.ENCODINGS[vocab.encoding] = tiktoken.Encoding(
            vocab.encoding, pat_str=vocab.pattern, mergeable_ranks=ranks, special_tokens={}
        )
    return registry.ENCODINGS[vocab.encoding]


CHUNKERS: Final[dict[str, type[Chunker]]] = {
    chunker.name: chunker
    for chunker in (
        Ctxtools,
        CtxtoolsGreedy,
        SemanticTextSplitter,
        SemanticTextSplitterMarkdown,
        Semchunk,
        LangChainRecursive,
        LangChainToken,
        ChonkieRecursive,
        ChonkieToken,
        ChonkieSentence,
        LlamaIndexSentence,
    )
}
ENGINES: Final = CHUNKERS  # the name that the worker looks up


def installed_chunkers(wanted: Sequence[str] = ()) -> list[str]:
    """The installed chunkers, or those wanted among them, by their name or that of the package."""
    return [
        name
        for name, chunker in CHUNKERS.items()
        if chunker.version() is not None
        and (not wanted or name in wanted or chunker.distribution in wanted)
    ]
