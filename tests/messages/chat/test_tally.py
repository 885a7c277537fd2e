"""Parts add up to the tokens of the whole, also where a tokenizer treats the first text apart."""

from pathlib import Path

import pytest
import tokenizers
from hypothesis import given
from hypothesis import strategies as st
from tokenizers.models import BPE
from tokenizers.normalizers import Prepend, Replace, Sequence
from tokenizers.pre_tokenizers import Metaspace

from ctxtools import Encoding, load_encoding
from ctxtools.messages.chat.pieces import Owner, Piece, Plain, Special
from ctxtools.messages.chat.tally import tally
from ctxtools.messages.meter import Meter

_LETTERS = "▁Helo yu\n"
_KINDS = ("first", "always", "never", "prepend")
_OWNERS = [Owner(number, "user", "text") for number in range(3)]
_PIECES = st.lists(
    st.just(None) | st.tuples(st.text("Helo yu\n", min_size=1, max_size=5), st.integers(0, 2)),
    max_size=8,
)


@pytest.fixture(scope="module", params=_KINDS)
def tokenizer(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[tokenizers.Tokenizer, Encoding]:
    """Llama's kind of tokenizer, which puts a space before texts: the first, each, or none."""
    vocabulary = {letter: number for number, letter in enumerate(_LETTERS)}
    made = tokenizers.Tokenizer(BPE(vocabulary | {"lo": 90, "▁H": 91}, [("l", "o"), ("▁", "H")]))
    if request.param == "prepend":
        made.normalizer = Sequence([Prepend("▁"), Replace(" ", "▁")])
    else:
        made.pre_tokenizer = Metaspace(prepend_scheme=request.param, split=False)
    made.add_special_tokens(["<s>"])
    path = Path(tmp_path_factory.mktemp("tokenizer"), "tokenizer.json")
    made.save(str(path))
    return made, load_encoding(path)


@given(drawn=_PIECES)
def test_parts_add_up_to_what_the_tokenizer_makes_of_the_whole(
    tokenizer: tuple[tokenizers.Tokenizer, Encoding], drawn: list[tuple[str, int] | None]
) -> None:
    reference, encoding = tokenizer
    pieces: list[Piece] = [
        Special("<s>", _OWNERS[0]) if each is None else Plain(each[0], _OWNERS[each[1]])
        for each in drawn
    ]
    text = "".join("<s>" if each is None else each[0] for each in drawn)
    expected = len(reference.encode(text, add_special_tokens=False).ids)
    assert sum(part.tokens for part in tally(pieces, Meter(encoding))) == expected
