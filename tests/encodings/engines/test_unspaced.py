"""SentencePiece BPE of scripts without spaces, whose sentences are split where no token may be."""

import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools.encodings.encoding import Encoding
from ctxtools.encodings.load import load_encoding
from tests.core import needs_kernel
from tests.strategies import HARD

sentencepiece = pytest.importorskip("sentencepiece")

PARTS = [
    *("中文", "文字", "中国", "国", "人", "ひらがな", "かな", "カタカナ", "가힣", "ไทย", "ก"),
    *("。", "、", "「", "」", "the", "cat", "(", "x"),
]
TRAINED: dict[str, dict[str, Any]] = {
    "bytes": {"byte_fallback": True, "normalization_rule_name": "identity"},
    "bare": {"byte_fallback": True, "add_dummy_prefix": False},
    "unknown": {"byte_fallback": False, "remove_extra_whitespaces": False},
    "symbols": {"byte_fallback": True, "user_defined_symbols": ["中国人", "<x>", "。"]},
}
parts = st.sampled_from([*PARTS, *HARD, "\U0001f600", "龘", "ﾊﾟ", "①", "か\u3099", " "])
unspaced = st.lists(parts, max_size=30).map("".join)
kinds = st.sampled_from(list(TRAINED))


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Encoding, Any]]:
    """An encoding and the library's processor of each kind, trained here."""
    folder, chosen = tmp_path_factory.mktemp("models"), random.Random(7)
    lines = ["".join(chosen.choices([*PARTS, " "], k=20)) for _ in range(2_000)]
    found = {}
    for kind, options in TRAINED.items():
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(lines),
            model_prefix=str(folder / kind),
            model_type="bpe",
            vocab_size=420,
            hard_vocab_limit=False,
            minloglevel=2,
            **options,
        )
        path: Path = folder / f"{kind}.model"
        processor = sentencepiece.SentencePieceProcessor(model_file=str(path))
        found[kind] = (load_encoding(path), processor)
    return found


@needs_kernel
@pytest.mark.parametrize("kind", TRAINED)
def test_the_kernel_counts(kind: str, models: Any) -> None:
    assert models[kind][0].backend.name == "kernel"


@given(kind=kinds, text=unspaced)
def test_ids_are_those_of_the_library(kind: str, text: str, models: Any) -> None:
    encoding, processor = models[kind]
    assert encoding.encode(text) == processor.encode(text)
    assert encoding.count(text) == len(processor.encode(text))


@given(kind=kinds, text=unspaced, data=st.data())
def test_a_span_of_an_index_is_counted_as_a_text(
    kind: str, text: str, data: st.DataObject, models: Any
) -> None:
    encoding, processor = models[kind]
    index = encoding.index(text)
    a, b = sorted(data.draw(st.tuples(st.integers(0, len(text)), st.integers(0, len(text)))))
    assert index.count(a, b) == len(processor.encode(text[a:b]))
    end = index.end(a, data.draw(st.integers(0, 9)))
    assert index.count(a, end) == len(processor.encode(text[a:end]))
    if index.additive:
        ends = index.ends.tolist()
        assert index.sums.tolist() == [len(processor.encode(text[:end])) for end in ends]


@given(kind=kinds, blocks=st.lists(unspaced, max_size=9))
def test_a_stream_is_counted_as_a_text(kind: str, blocks: list[str], models: Any) -> None:
    encoding, processor = models[kind]
    counter = encoding.counter()
    for block in blocks:
        counter.feed(block)
    assert counter.finish() == len(processor.encode("".join(blocks)))


@needs_kernel
@pytest.mark.parametrize("kind", ["bytes", "bare"])
def test_a_long_sentence_has_an_additive_index(kind: str, models: Any) -> None:
    encoding, processor = models[kind]
    text = "中文文字国人ひらがなカタカナ。龘" * 2_000
    index = encoding.index(text)
    assert index.additive
    assert index.total == len(processor.encode(text))


@pytest.mark.parametrize("kind", TRAINED)
def test_a_large_text_is_counted_in_pieces(kind: str, models: Any) -> None:
    encoding, processor = models[kind]
    text = "".join(random.Random(3).choices([*PARTS, "龘", " "], k=400_000))
    expected = len(processor.encode(text))
    assert encoding.count(text, threads=1) == encoding.count(text, threads=2) == expected
    counter = encoding.counter()
    for start in range(0, len(text), 99_991):
        counter.feed(text[start : start + 99_991])
    assert counter.finish() == expected
