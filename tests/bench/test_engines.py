from pathlib import Path

import pytest

from ctxtools.bench.engines import ENGINES, Engine, Vocabulary
from ctxtools.bench.vocabulary_files import write_vocabulary
from ctxtools.errors import UnknownEncodingError

# Scripts, contractions, numbers, white space of every kind, and a special token's spelling.
TEXT = (
    "def f(x): return x[0] + 123456  # it's <|endoftext|>, we'LL see\n\n\n   \n"
    "Ünïcödé e\u0301 漢字かな交じり文。한국어 русский العربية ไทย हिन्दी\u00a0\u3000 \t\t x\n"
    "\U0001f468\u200d\U0001f469\u200d\U0001f467 ½ ①  trailing   "
)
REFERENCES = {"o200k_base": "tiktoken", "deepseek_v3": "tokenizers"}
PAIRS = [
    (encoding, name)
    for encoding in REFERENCES
    for name, engine in ENGINES.items()
    if engine.version() is not None and encoding in engine.encodings
]


@pytest.fixture(scope="session")
def vocab_of(vocabularies: Path) -> dict[str, Vocabulary]:
    return {encoding: write_vocabulary(encoding, vocabularies) for encoding in REFERENCES}


def _load(name: str, vocab: Vocabulary) -> Engine:
    engine = ENGINES[name]()
    engine.load(vocab)
    return engine


@pytest.mark.filterwarnings("ignore")  # warnings of other packages
@pytest.mark.parametrize(("encoding", "name"), PAIRS)
def test_an_adapter_agrees_with_the_reference(
    encoding: str, name: str, vocab_of: dict[str, Vocabulary], tmp_path: Path
) -> None:
    reference = _load(REFERENCES[encoding], vocab_of[encoding])
    engine = _load(name, vocab_of[encoding])
    ids = list(reference.encode(TEXT))
    assert list(engine.encode(TEXT)) == ids
    assert engine.count(TEXT) == len(ids)
    texts = [TEXT, "", "one", TEXT[:40]]
    counts = [len(reference.encode(text)) for text in texts]
    for threads in (1, 2):
        assert engine.count_batch(texts, threads) == counts
    paths = []
    for i, text in enumerate(texts[:1] + texts[2:]):
        paths.append(str(tmp_path / f"{i}.txt"))
        Path(paths[-1]).write_bytes(text.encode())
    assert engine.count_files(paths, 2) == counts[:1] + counts[2:]


def test_the_reference_of_deepseek_splits_like_its_file(vocab_of: dict[str, Vocabulary]) -> None:
    """One pattern in tiktoken, three splits in `tokenizers`: the same tokens."""
    tiktoken = _load("tiktoken", vocab_of["deepseek_v3"])
    tokenizers = _load("tokenizers", vocab_of["deepseek_v3"])
    assert list(tiktoken.encode(TEXT)) == list(tokenizers.encode(TEXT))


def test_vocabulary_files_are_written_once(vocabularies: Path) -> None:
    first = write_vocabulary("o200k_base", vocabularies)
    before = Path(first.json_path).stat().st_mtime_ns
    assert write_vocabulary("o200k_base", vocabularies) == first
    assert Path(first.json_path).stat().st_mtime_ns == before


def test_an_unknown_encoding(vocabularies: Path) -> None:
    with pytest.raises(UnknownEncodingError, match="o300k"):
        write_vocabulary("o300k", vocabularies)
