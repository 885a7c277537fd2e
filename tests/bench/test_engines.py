from pathlib import Path

import pytest

from ctxtools.bench.engines import ENGINES, Engine, Feed
from ctxtools.bench.feeds import make_feed
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
def feed_of(feeds: Path) -> dict[str, Feed]:
    return {encoding: make_feed(encoding, feeds) for encoding in REFERENCES}


def _load(name: str, feed: Feed) -> Engine:
    engine = ENGINES[name]()
    engine.load(feed)
    return engine


@pytest.mark.filterwarnings("ignore")  # what peers import is not for this suite to judge
@pytest.mark.parametrize(("encoding", "name"), PAIRS)
def test_an_adapter_agrees_with_the_reference(
    encoding: str, name: str, feed_of: dict[str, Feed], tmp_path: Path
) -> None:
    reference = _load(REFERENCES[encoding], feed_of[encoding])
    engine = _load(name, feed_of[encoding])
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


def test_the_reference_of_deepseek_splits_as_its_own_file_says(feed_of: dict[str, Feed]) -> None:
    """One pattern in tiktoken, three splits in `tokenizers`: the same tokens."""
    tiktoken = _load("tiktoken", feed_of["deepseek_v3"])
    tokenizers = _load("tokenizers", feed_of["deepseek_v3"])
    assert list(tiktoken.encode(TEXT)) == list(tokenizers.encode(TEXT))


def test_a_feed_is_made_once(feeds: Path) -> None:
    first = make_feed("o200k_base", feeds)
    before = Path(first.json_path).stat().st_mtime_ns
    assert make_feed("o200k_base", feeds) == first
    assert Path(first.json_path).stat().st_mtime_ns == before


def test_no_feed_for_an_unknown_encoding(feeds: Path) -> None:
    with pytest.raises(UnknownEncodingError, match="o300k"):
        make_feed("o300k", feeds)
