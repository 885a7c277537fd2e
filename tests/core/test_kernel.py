"""The kernel gives what the reference tokenizers give, for any text, by every way of asking."""

import random
import subprocess
import sys
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import tiktoken
from hypothesis import given, settings
from hypothesis import strategies as st

from ctxtools import _core
from ctxtools.encodings.files.patterns import SPLIT_PATTERNS
from ctxtools.encodings.files.specs import DATA, SPECS
from tests.core import needs_kernel
from tests.core.texts import TEXTS, worst_cases
from tests.oracles import reference

pytestmark = needs_kernel
if TYPE_CHECKING:
    from ctxtools._kernel import Tokenizer
else:
    Tokenizer = getattr(_core.kernel, "Tokenizer", None)

NAMES = ["o200k_base", "cl100k_base", "deepseek_v3", "qwen2"]


def packaged(name: str) -> bytes:
    """The content of an encoding's packaged vocabulary."""
    return (DATA / SPECS[name].file).read_bytes()


@cache
def tiktoken_encoder(pattern: str) -> Callable[[str], list[int]]:
    """tiktoken with cl100k's ranks and any family's pattern."""
    return tiktoken.Encoding(
        pattern,
        pat_str=SPLIT_PATTERNS[pattern].regex,
        mergeable_ranks=SPECS["cl100k_base"].ranks(),
        special_tokens={},
    ).encode_ordinary


@pytest.fixture(scope="module")
def kernels() -> dict[str, Tokenizer]:
    return {
        name: Tokenizer(packaged(name), SPECS[name].pattern, nfc=SPECS[name].nfc) for name in NAMES
    }


@pytest.fixture(scope="module")
def o200k(kernels: dict[str, Tokenizer]) -> Tokenizer:
    return kernels["o200k_base"]


def check(kernel: Tokenizer, name: str, text: str) -> None:
    expected = reference(name)(text)
    assert list(memoryview(kernel.encode(text))) == expected
    assert kernel.count(text) == len(expected)


# The reference


@pytest.mark.parametrize("name", NAMES)
@given(text=TEXTS)
@settings(max_examples=150, deadline=None)
def test_gives_the_reference_tokens(kernels: dict[str, Tokenizer], name: str, text: str) -> None:
    check(kernels[name], name, text)


@pytest.mark.parametrize("name", NAMES)
def test_splits_clauses_as_the_reference_does(kernels: dict[str, Tokenizer], name: str) -> None:
    """Clauses of full-width characters are split at barriers, which no token crosses."""
    rng = random.Random(name)
    texts = [token.decode(errors="ignore") for token in SPECS[name].ranks()]
    words = [text for text in texts if text and min(text) >= "\u0800"]
    clauses = ["".join(rng.choices(words, k=rng.randint(1, 12))) for _ in range(2000)]
    clauses += ["".join(chr(rng.randint(0x4E00, 0x9FA5)) for _ in range(30)) for _ in range(200)]
    for joint in ("", ", ", "\n"):
        check(kernels[name], name, joint.join(clauses * 2))


@pytest.mark.parametrize("name", NAMES)
def test_knows_every_character(kernels: dict[str, Tokenizer], name: str) -> None:
    characters = [chr(c) for c in range(sys.maxunicode + 1) if not 0xD800 <= c < 0xE000]
    # Some other characters' company brings out the class of each. Many at once, for the reference.
    for start in range(0, len(characters), 50_000):
        texts = [f"a{c} {c}.{c}" for c in characters[start : start + 50_000]]
        check(kernels[name], name, " the ".join(texts))


@pytest.mark.parametrize("pattern", ["r50k", "llama3", "qwen2", "qwen35", "tekken", "kimi"])
@given(text=TEXTS)
@settings(max_examples=100, deadline=None)
def test_splits_as_tiktoken_does(pattern: str, text: str) -> None:
    kernel = Tokenizer(packaged("cl100k_base"), pattern)
    assert list(memoryview(kernel.encode(text))) == tiktoken_encoder(pattern)(text)


def test_takes_any_regular_expression() -> None:
    kernel = Tokenizer(packaged("cl100k_base"), r"\w+|[^\w\s]+")
    assert kernel.count("one two\n three!") == 4
    with pytest.raises(ValueError, match="split pattern"):
        Tokenizer(packaged("cl100k_base"), "(")


@pytest.mark.parametrize("name", NAMES)
def test_worst_cases_are_right(kernels: dict[str, Tokenizer], name: str) -> None:
    for text in worst_cases(20_000).values():
        check(kernels[name], name, text)


def test_worst_cases_are_linear(o200k: Tokenizer) -> None:
    def seconds(text: str) -> float:
        best = float("inf")
        for _ in range(3):
            start = time.thread_time()
            o200k.count(text)
            best = min(best, time.thread_time() - start)
        return best

    short, long = worst_cases(200_000), worst_cases(800_000)
    for name, text in short.items():
        assert seconds(long[name]) < 12 * seconds(text) + 0.01, name


def test_lone_surrogates_are_replaced_as_tiktoken_does(o200k: Tokenizer) -> None:
    for text in ("a\ud800b", "\udc00", "\ud83d\ude00!", "x\ude00\ud83d"):
        check(o200k, "o200k_base", text)


@pytest.mark.parametrize("odd", ["é", "中", "\U0001f600", "\ud800", "\ud83d\ude00"], ids=ascii)
def test_a_long_text_is_the_same_in_pieces(o200k: Tokenizer, odd: str) -> None:
    """Long texts are converted in pieces of 8,192 characters; an odd one is at each joint."""
    words = "word " * 1700
    text = words[:8191] + (odd + words[: 8192 - len(odd)]) * 9
    check(o200k, "o200k_base", text)
    check(o200k, "o200k_base", text)  # again, since it may be kept now
    if len(odd) == 1:
        index = o200k.index(text)
        assert (index.total, index.length) == (o200k.count(text), len(text))
        at = text.rindex(odd)
        assert index.count(0, at) == o200k.count(text[:at])


def test_a_subclass_is_the_text_that_it_holds(o200k: Tokenizer) -> None:
    class Odd(str):
        def __getitem__(self, key: object) -> str:
            return "x"

        def __len__(self) -> int:
            return 3

        def isascii(self) -> bool:
            return True

    text = "héllo wörld " * 9000
    assert o200k.count(Odd(text)) == o200k.count(text)


def test_decodes_what_it_encodes(o200k: Tokenizer) -> None:
    text = "NUL \0, 中文, \U0001f600 and é\r\n"
    assert o200k.decode(memoryview(o200k.encode(text))) == text.encode()
    assert o200k.decode([]) == b""
    with pytest.raises(KeyError, match="199998"):
        o200k.decode([199_998])


# Other ways of asking


@given(text=TEXTS, limit=st.integers(0, 80))
@settings(deadline=None)
def test_stops_at_a_limit(o200k: Tokenizer, text: str, limit: int) -> None:
    count = o200k.count(text)
    assert o200k.count_till_limit(text, limit) == (count if count <= limit else None)


@given(text=TEXTS, limit=st.integers(0, 80))
@settings(deadline=None)
def test_truncates_at_either_side(o200k: Tokenizer, text: str, limit: int) -> None:
    end = o200k.prefix_end(text, limit)
    assert o200k.count(text[:end]) <= limit
    length = o200k.suffix_length(text, limit)
    assert o200k.count(text[len(text) - length :]) <= limit
    if o200k.count(text) <= limit:
        assert end == length == len(text)


@pytest.mark.parametrize("name", NAMES)
@given(text=TEXTS, data=st.data())
@settings(max_examples=150, deadline=None)
def test_index_counts_any_part(
    kernels: dict[str, Tokenizer], name: str, text: str, data: st.DataObject
) -> None:
    kernel = kernels[name]
    try:
        index = kernel.index(text)
    except ValueError:
        assert name == "qwen2"  # the text is not in NFC
        return
    assert (index.total, index.length) == (kernel.count(text), len(text))
    ends, sums = memoryview(index.ends), memoryview(index.sums)
    assert len(ends) == len(sums) == len(memoryview(index.strengths)) == len(index)
    for _ in range(12):
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, len(text)))
        assert index.count(start, end) == kernel.count(text[start:end])
        limit = data.draw(st.integers(0, 30))
        last = index.end(start, limit)
        assert last == start or last in list(ends)
        assert kernel.count(text[start:last]) <= limit
        following = next((e for e in ends if e > last), None)
        assert following is None or kernel.count(text[start:following]) > limit


@given(text=TEXTS, data=st.data())
@settings(max_examples=50, deadline=None)
def test_streams_at_any_split(
    kernels: dict[str, Tokenizer], text: str, data: st.DataObject
) -> None:
    encoded = text.encode()
    cuts = sorted(data.draw(st.lists(st.integers(0, len(encoded)), max_size=5)))
    for kernel in kernels.values():
        counter = kernel.counter()
        for start, end in zip([0, *cuts], [*cuts, len(encoded)], strict=True):
            counter.feed(encoded[start:end])
        assert counter.finish() == kernel.count(text)


def test_streams_more_than_a_buffer(kernels: dict[str, Tokenizer]) -> None:
    source = random.Random(1)
    text = "".join(
        f"Line {i}: it's{' ' * (i % 5)}中文。\n{'é' * (i % 9)}\n" for i in range(200_000)
    )
    for kernel in kernels.values():
        counter = kernel.counter()
        at = 0
        while at < len(text):
            size = source.randrange(1, 300_000)
            counter.feed(text[at : at + size])
            at += size
        assert counter.finish() == kernel.count(text) == kernel.count(text, threads=3)


def test_streams_refuse_other_bytes_than_utf8(o200k: Tokenizer) -> None:
    counter = o200k.counter()
    counter.feed(b"abc\xff")
    with pytest.raises(UnicodeDecodeError, match="position 3"):
        counter.finish()


def test_threads_do_not_change_counts(kernels: dict[str, Tokenizer]) -> None:
    texts = ["", "a", "word " * 600_000, "x" * 70_000, "中文。" * 1_000_000, *map(str, range(9000))]
    for kernel in kernels.values():
        one = kernel.count_batch(texts)
        assert one == [kernel.count(text) for text in texts]
        for threads in (2, 5, 0):
            assert kernel.count_batch(texts, threads=threads) == one


def test_counts_files(o200k: Tokenizer, tmp_path) -> None:  # type: ignore[no-untyped-def]
    texts = {"empty": "", "small": "One file.\n", "large": "word, and Ünïcode\n" * 400_000}
    paths = []
    for name, text in texts.items():
        path = tmp_path / name
        path.write_bytes(text.encode())
        paths.append(path)
    (tmp_path / "latin").write_bytes(b"caf\xe9 au lait")
    (tmp_path / "large latin").write_bytes(b"word " * 1_000_000 + b"caf\xe9 " + b"word " * 300_000)
    others = [tmp_path / "latin", tmp_path / "large latin", tmp_path / "none", tmp_path]
    for threads in (1, 3):
        counts = o200k.count_files([*paths, *others], threads=threads)
        assert counts[:3] == [o200k.count(text) for text in texts.values()]
        latin, large, none, folder = counts[3:]
        assert isinstance(latin, UnicodeDecodeError) and latin.start == 3
        assert isinstance(large, UnicodeDecodeError) and large.start == 5_000_003
        assert isinstance(none, FileNotFoundError)
        assert isinstance(folder, IsADirectoryError)


def test_counts_arrow_columns(o200k: Tokenizer) -> None:
    arrow = pytest.importorskip("pyarrow")
    rows = ["one", None, "", "twelve bytes", "thirteen bytes!", "中文" * 20] * 50
    expected = [o200k.count(row or "") for row in rows]
    for kind in (arrow.string(), arrow.large_string(), arrow.string_view()):
        column = arrow.array(rows, kind)
        for source in (
            column,
            arrow.chunked_array([column, column.slice(7)]),
            arrow.table({"text": column}),
        ):
            counts = list(memoryview(o200k.count_arrow(source, threads=2)))
            assert counts[: len(rows)] == expected
            assert counts[len(rows) :] in ([], expected[7:])
        assert list(memoryview(o200k.count_arrow(column.slice(3, 9)))) == expected[3:12]
    with pytest.raises(TypeError, match=r'"l"'):
        o200k.count_arrow(arrow.array([1, 2]))
    with pytest.raises(TypeError, match="__arrow_c_"):
        o200k.count_arrow(["text"])  # type: ignore[arg-type]


# Vocabularies


def test_refuses_a_corrupt_vocabulary() -> None:
    data = packaged("cl100k_base")
    for corrupt in (b"", data[:7], data[:30], data[:-1], data + b"x", b"x" + data[1:]):
        with pytest.raises(ValueError, match=r"vocabulary|token"):
            Tokenizer(corrupt, "cl100k")
    twice = data[:20] + b"\x01" * 300 + b"aa" * 150
    with pytest.raises(ValueError):
        Tokenizer(twice, "cl100k")
    with pytest.raises(TypeError):
        Tokenizer("text", "cl100k")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="0x7a"):
        Tokenizer({bytes([byte]): byte for byte in range(256) if byte != 0x7A}, "cl100k")


def test_takes_ranks_with_gaps_and_ids_of_their_own() -> None:
    gaps = {token: 3 * rank + 5 for token, rank in SPECS["cl100k_base"].ranks().items()}
    text = "Ranks with gaps, 中文 and all."
    expected = reference("cl100k_base")(text)
    with_gaps = Tokenizer(gaps, "cl100k")
    assert list(memoryview(with_gaps.encode(text))) == [3 * rank + 5 for rank in expected]
    top = len(gaps)
    tokens = [(token, top - rank, rank) for token, rank in SPECS["cl100k_base"].ranks().items()]
    reversed_ids = Tokenizer(tokens, "cl100k")
    ids = memoryview(reversed_ids.encode(text))
    assert list(ids) == [top - rank for rank in expected]
    assert reversed_ids.decode(ids) == text.encode()
    assert reversed_ids.vocabulary_size == top + 1


_COUNT_WITHOUT_MEMORY = """
import resource, sys
from ctxtools import get_encoding
encoding = get_encoding("o200k_base")
encoding.count("warm")
with open("/proc/self/statm") as file:
    used = int(file.read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + (1 << 28), used + (1 << 28)))
try:
    print(encoding.count_files([sys.argv[1]], threads=1))
except MemoryError:
    print("no memory")
counter = encoding.counter()
try:
    for _ in range(1 << 10):
        counter.feed(b"\\0" * (1 << 20))
except MemoryError:
    print("no memory")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_text_without_splits_that_memory_does_not_hold(tmp_path: Path) -> None:
    path = tmp_path / "zeros.txt"
    with path.open("wb") as file:
        file.truncate(1 << 30)
    command = [sys.executable, "-c", _COUNT_WITHOUT_MEMORY, str(path)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "no memory\nno memory\n"), done.stderr[-999:]
