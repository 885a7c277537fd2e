"""Tokenizers that are not byte-level BPE, compared with the libraries that they come from.

Vocabularies are trained on the text that is measured, by the libraries' own trainers, once: no
file is needed. Ids are compared before anything is timed; then both count the text by turns, warm,
on one thread. Printed are ctxtools' speed and the median of the ratios.
"""

import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers
from tokenizers.trainers import BpeTrainer, UnigramTrainer, WordPieceTrainer

from benchmarks.corpora import CACHE, Text
from ctxtools.encodings.load import load_encoding

_SIZE = 1_000_000  # of the text, in bytes
_VOCABULARY, _QUICK_VOCABULARY = 16_000, 3_000
_RUNS = 5
_SPECIAL = ["<unk>", "[CLS]", "[SEP]", "[PAD]", "[MASK]"]

Ids = Callable[[str], list[int]]


def _trained(model: str, text: Path, size: int, path: Path) -> None:
    """Writes a ``tokenizer.json``, with the normalizers and splits that the family is used with."""
    trainer: Any
    options: dict[str, Any] = {
        "vocab_size": size,
        "special_tokens": _SPECIAL,
        "show_progress": False,
    }
    if model == "wordpiece":
        tokenizer = Tokenizer(models.WordPiece(unk_token="<unk>"))
        tokenizer.normalizer = normalizers.BertNormalizer()
        tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
        trainer = WordPieceTrainer(**options)
    elif model == "unigram":
        tokenizer = Tokenizer(models.Unigram())
        tokenizer.normalizer = normalizers.NFKC()
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
        trainer = UnigramTrainer(unk_token="<unk>", **options)
    else:
        # Trained by words, and used without splits, as Llama 2's and Gemma's are.
        tokenizer = Tokenizer(models.BPE(unk_token="<unk>"))
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="never")
        trainer = BpeTrainer(**options)
    tokenizer.train([str(text)], trainer)
    if model == "bpe":
        tokenizer.pre_tokenizer = None
        tokenizer.normalizer = normalizers.Sequence(
            [normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")]
        )
    tokenizer.save(str(path))


def _by_tokenizers(model: str, text: Path, size: int) -> tuple[Path, Ids]:
    path = CACHE / f"{model}-{text.stem}-{size}.json"
    if not path.exists():
        _trained(model, text, size, path)
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.encode_special_tokens = True
    return path, lambda text: tokenizer.encode(text, add_special_tokens=False).ids


def _by_sentencepiece(model: str, text: Path, size: int) -> tuple[Path, Ids]:
    sentencepiece = pytest.importorskip("sentencepiece")
    path = CACHE / f"sentencepiece-{model}-{text.stem}-{size}.model"
    if not path.exists():
        with text.open(encoding="utf-8") as lines:
            sentencepiece.SentencePieceTrainer.train(
                sentence_iterator=islice(lines, 20_000),
                model_prefix=str(path.with_suffix("")),
                model_type=model,
                vocab_size=size,
                hard_vocab_limit=False,
                byte_fallback=True,
                max_sentence_length=1 << 20,
                minloglevel=2,
            )
    processor = sentencepiece.SentencePieceProcessor(model_file=str(path))
    return path, lambda text: list(processor.encode(text))


_FAMILIES = ["wordpiece", "unigram", "bpe", "sentencepiece-bpe"]


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


@pytest.mark.cases(corpora=["prose", "code", "chinese", "scripts"])
@pytest.mark.parametrize("family", _FAMILIES)
def bench_families(family: str, text: Text, pytestconfig: pytest.Config) -> None:
    """Warm counts of a text, against the library that the family comes from."""
    is_quick = pytestconfig.getoption("--quick")
    content = text.path.read_bytes()[:_SIZE].decode(errors="ignore")
    size = _QUICK_VOCABULARY if is_quick else _VOCABULARY
    by_library = _by_sentencepiece if family == "sentencepiece-bpe" else _by_tokenizers
    file, library = by_library(family.removeprefix("sentencepiece-"), text.path, size)
    encoding = load_encoding(file)
    assert encoding.encode(content) == library(content)
    encoding.count(content, threads=1)
    pairs = [
        (_seconds(lambda: encoding.count(content, threads=1)), _seconds(lambda: library(content)))
        for _ in range(1 if is_quick else _RUNS)
    ]
    speed = len(content.encode()) / median(ours for ours, _ in pairs) / 1e6
    ratio = median(theirs / ours for ours, theirs in pairs)
    print(f"\n{family}, {text.name}, {encoding.backend.name}: {speed:.0f} MB/s, {ratio:.1f} times")
