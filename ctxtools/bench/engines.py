"""One small adapter for each tokenizer that can be installed next to ctxtools.

An adapter uses the fastest exact route of its engine to the *number* of tokens: a counting function
if there is one, else the length of the ids. Special-token spellings are text, so no engine gets
special tokens.

The worker loads this file by its path, so that nothing of ctxtools is imported before the clock
starts: it imports only the standard library, and an engine only when that is loaded.
"""

import os
import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from itertools import chain
from pathlib import Path
from typing import Any, ClassVar, Final

from ctxtools.encodings.files.specs import SPECS

_OPENAI: Final = ("o200k_base", "o200k_harmony", "cl100k_base")
_PACKAGED: Final = frozenset(SPECS)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """A vocabulary on disk, for engines that come without one.

    Attributes:
        encoding: its name in ctxtools.
        pattern: the split pattern, in the syntax of fancy-regex.
        tiktoken_path: a file with a line for each token: base64, space, rank.
        json_path: the same vocabulary as a Hugging Face ``tokenizer.json``.
        nfc: whether the encoding normalises to NFC, which some engines leave to the caller.
    """

    encoding: str
    pattern: str
    tiktoken_path: str
    json_path: str
    nfc: bool


class Engine(ABC):
    """A tokenizer.

    Attributes:
        name: the distribution on PyPI.
        encodings: the encodings it supports.
        route: the call that is timed for a count, shown in results.
    """

    name: ClassVar[str]
    encodings: ClassVar[frozenset[str]] = _PACKAGED
    route: ClassVar[str]

    @classmethod
    def version(cls) -> str | None:
        """The installed version; None if it is not installed."""
        try:
            return version(cls.name)
        except PackageNotFoundError:
            return None

    @abstractmethod
    def load(self, vocab: Vocabulary) -> None:
        """Import the engine and set it up for one encoding."""

    @abstractmethod
    def encode(self, text: str) -> Sequence[int]:
        """The token ids of a text, in the container of the engine."""

    def count(self, text: str) -> int:
        """The number of tokens of a text."""
        return len(self.encode(text))

    def count_batch(self, texts: Sequence[str], threads: int) -> list[int]:
        """The number of tokens of each text; with a thread pool if the engine has no batch call."""
        if threads == 1:
            return [self.count(text) for text in texts]
        with ThreadPoolExecutor(threads) as pool:
            return list(pool.map(self.count, texts))

    def encode_batch(self, texts: Sequence[str], threads: int) -> Any:
        """The ids of each text, in the container of the engine."""
        if threads == 1:
            return [self.encode(text) for text in texts]
        with ThreadPoolExecutor(threads) as pool:
            return list(pool.map(self.encode, texts))

    def joined(self, batch: Any) -> Sequence[int]:
        """The ids of a batch, one text after another."""
        return [*chain.from_iterable(batch)]

    def count_files(self, paths: Sequence[str], threads: int) -> list[int]:
        """The number of tokens of each UTF-8 file, reading included."""
        # Not read_text, which would turn CR LF into LF.
        return self.count_batch([Path(path).read_bytes().decode() for path in paths], threads)

    def detail(self) -> str:
        """Further information on the loaded engine, such as its backend."""
        return ""


class Ctxtools(Engine):
    name = "ctxtools"
    route = "Encoding.count"
    _encoding: Any

    def load(self, vocab: Vocabulary) -> None:
        self._encoding = import_module("ctxtools").get_encoding(vocab.encoding)

    def encode(self, text: str) -> Sequence[int]:
        return self._encoding.encode_to_buffer(text)

    def count(self, text: str) -> int:
        return self._encoding.count(text, (), 1)

    def count_batch(self, texts: Sequence[str], threads: int) -> list[int]:
        return list(self._encoding.count_batch(texts, threads=threads))

    def encode_batch(self, texts: Sequence[str], threads: int) -> Any:
        return self._encoding.encode_batch_to_arrow(texts, threads=threads)

    def joined(self, batch: Any) -> Sequence[int]:
        return memoryview(batch.ids)

    def count_files(self, paths: Sequence[str], threads: int) -> list[int]:
        return list(self._encoding.count_files(paths, threads=threads))

    def detail(self) -> str:
        return f"{self._encoding.backend.name} backend"


class Tiktoken(Engine):
    name = "tiktoken"
    route = "len(Encoding.encode_ordinary)"
    _encoding: Any
    _normalize: Callable[[str], str]

    def load(self, vocab: Vocabulary) -> None:
        # What get_encoding does with a cached file, without trying to download others.
        os.environ["TIKTOKEN_CACHE_DIR"] = ""
        ranks = import_module("tiktoken.load").load_tiktoken_bpe(vocab.tiktoken_path)
        self._encoding = import_module("tiktoken").Encoding(
            vocab.encoding, pat_str=vocab.pattern, mergeable_ranks=ranks, special_tokens={}
        )
        self._normalize = _nfc if vocab.nfc else str

    def encode(self, text: str) -> Sequence[int]:
        return self._encoding.encode_ordinary(self._normalize(text))

    def count_batch(self, texts: Sequence[str], threads: int) -> list[int]:
        return [len(ids) for ids in self.encode_batch(texts, threads)]

    def encode_batch(self, texts: Sequence[str], threads: int) -> Any:
        inputs = [self._normalize(text) for text in texts]
        return self._encoding.encode_ordinary_batch(inputs, num_threads=threads)


class Tokenizers(Engine):
    name = "tokenizers"
    route = "len(Tokenizer.encode_batch_fast)"  # encode() computes offsets too
    _tokenizer: Any

    def load(self, vocab: Vocabulary) -> None:
        self._tokenizer = import_module("tokenizers").Tokenizer.from_file(vocab.json_path)

    def encode(self, text: str) -> Sequence[int]:
        return self._tokenizer.encode_batch_fast([text], add_special_tokens=False)[0].ids

    def count(self, text: str) -> int:
        return self.count_batch([text], 1)[0]

    def count_batch(self, texts: Sequence[str], threads: int) -> list[int]:
        encoded = self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
        return [len(encoding) for encoding in encoded]


class Gigatoken(Engine):
    name = "gigatoken"
    route = "len(Tokenizer.encode)"
    _tokenizer: Any

    def load(self, vocab: Vocabulary) -> None:
        gigatoken = import_module("gigatoken")
        if vocab.encoding in _OPENAI:
            split = "cl100k" if vocab.encoding == "cl100k_base" else "o200k"
            self._tokenizer = gigatoken.Tokenizer.from_tiktoken(vocab.tiktoken_path, split, {})
        else:
            self._tokenizer = gigatoken.Tokenizer(vocab.json_path)

    def encode(self, text: str) -> Sequence[int]:
        return self._tokenizer.encode(text)

    def count_batch(self, texts: Sequence[str], threads: int) -> list[int]:
        return self._lengths(self.encode_batch(texts, threads))

    def encode_batch(self, texts: Sequence[str], threads: int) -> Any:
        return self._tokenizer.encode_batch(list(texts), parallel=threads > 1)

    def joined(self, batch: Any) -> Sequence[int]:
        return import_module("awkward").flatten(batch).to_numpy()

    def count_files(self, paths: Sequence[str], threads: int) -> list[int]:
        return self._lengths(self._tokenizer.encode_files(list(paths), parallel=threads > 1))

    @staticmethod
    def _lengths(batch: Any) -> list[int]:
        return import_module("awkward").num(batch).tolist()


class Quicktok(Engine):
    name = "quicktok-v1"
    encodings = frozenset((*_OPENAI, "qwen2"))
    route = "Tokenizer.count"
    _encoding: Any

    def load(self, vocab: Vocabulary) -> None:
        name = "qwen3" if vocab.encoding == "qwen2" else vocab.encoding
        self._encoding = import_module("quicktok").get_encoding(name)

    def encode(self, text: str) -> Sequence[int]:
        return self._encoding.encode_ordinary(text)

    def count(self, text: str) -> int:
        return self._encoding.count(text)

    def count_batch(self, texts: Sequence[str], threads: int) -> list[int]:
        counts = import_module("quicktok").count_batch(self._encoding, texts, threads)
        return [int(count) for count in counts]


class _CountingEngine(Engine):
    """An engine whose tokenizer has ``encode`` and ``count``."""

    _tokenizer: Any

    def encode(self, text: str) -> Sequence[int]:
        return self._tokenizer.encode(text)

    def count(self, text: str) -> int:
        return self._tokenizer.count(text)


class BpeOpenai(_CountingEngine):
    name = "bpe-openai"
    encodings = frozenset(("o200k_base", "cl100k_base"))
    route = "PyTokenizer.count"  # the public Encoding only encodes, and loads a second vocabulary

    def load(self, vocab: Vocabulary) -> None:
        bindings = import_module("bpe_openai._bindings")
        self._tokenizer = bindings.tokenizer_for_encoding(vocab.encoding)


class RsBpe(_CountingEngine):
    name = "rs-bpe"
    encodings = frozenset(("o200k_base", "cl100k_base"))
    route = "Tokenizer.count"
    _openai: Any

    def load(self, vocab: Vocabulary) -> None:
        self._openai = import_module("rs_bpe.bpe").openai
        self._tokenizer = getattr(self._openai, vocab.encoding)()

    def count_batch(self, texts: Sequence[str], threads: int) -> list[int]:
        if threads == 1:
            return [self.count(text) for text in texts]
        options = self._openai.ParallelOptions(1, 1, threads)  # texts a batch, texts a task
        return [len(ids) for ids in self._tokenizer.encode_batch_parallel(list(texts), options)[0]]


class Riptoken(Tiktoken):
    name = "riptoken"
    route = "len(CoreBPE.encode_ordinary)"

    def load(self, vocab: Vocabulary) -> None:
        riptoken = import_module("riptoken")
        ranks = riptoken.load_tiktoken_bpe(vocab.tiktoken_path)
        self._encoding = riptoken.CoreBPE(ranks, {}, vocab.pattern)
        self._normalize = _nfc if vocab.nfc else str

    def count_batch(self, texts: Sequence[str], threads: int) -> list[int]:
        inputs = [self._normalize(text) for text in texts]
        return [len(ids) for ids in self._encoding.encode_ordinary_batch(inputs)]


class Splintr(Engine):
    name = "splintr-rs"
    route = "len(Tokenizer.encode_flat)"  # ids as bytes, not as Python ints
    _tokenizer: Any

    def load(self, vocab: Vocabulary) -> None:
        splintr = import_module("splintr")
        if vocab.encoding in _OPENAI:
            # Its regex engine has no possessive quantifiers, so it has equivalent patterns.
            prefix = "CL100K" if vocab.encoding == "cl100k_base" else "O200K"
            pattern = getattr(splintr, f"{prefix}_BASE_PATTERN")
            self._tokenizer = splintr.Tokenizer(vocab.tiktoken_path, pattern, {})
        else:
            self._tokenizer = splintr.from_json(vocab.json_path)

    def encode(self, text: str) -> Sequence[int]:
        return self._tokenizer.encode(text)

    def count(self, text: str) -> int:
        return len(self._tokenizer.encode_flat(text)) // 4

    def count_batch(self, texts: Sequence[str], threads: int) -> list[int]:
        return _lengths(self._tokenizer.encode_batch_flat(list(texts))[1])


class Fastokens(Engine):
    name = "fastokens"
    route = "len(Tokenizer.encode_batch_flat)"  # ids as bytes, not as Python ints
    _tokenizer: Any

    def load(self, vocab: Vocabulary) -> None:
        self._tokenizer = import_module("fastokens").Tokenizer.from_file(vocab.json_path)

    def encode(self, text: str) -> Sequence[int]:
        return self._tokenizer.encode_ordinary(text).ids

    def count(self, text: str) -> int:
        return self.count_batch([text], 1)[0]

    def count_batch(self, texts: Sequence[str], threads: int) -> list[int]:
        return _lengths(self._tokenizer.encode_batch_flat(list(texts))[1])


def _nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _lengths(offsets: bytes) -> list[int]:
    """The length of each item of a flat batch, from its offsets (64 bits each)."""
    ends = memoryview(offsets).cast("Q")
    return [ends[i + 1] - ends[i] for i in range(len(ends) - 1)]


ENGINES: Final[dict[str, type[Engine]]] = {
    engine.name: engine
    for engine in (
        Ctxtools,
        Tiktoken,
        Tokenizers,
        Gigatoken,
        Quicktok,
        BpeOpenai,
        RsBpe,
        Riptoken,
        Splintr,
        Fastokens,
    )
}
