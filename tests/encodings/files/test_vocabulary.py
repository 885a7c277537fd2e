"""The packaged vocabulary format: what is packed is read back, what is damaged is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools.encodings.files.vocabulary import pack, unpack
from ctxtools.errors import VocabularyError

BYTES = {bytes([byte]): byte for byte in range(256)}
tokens = st.lists(st.binary(min_size=2, max_size=255), unique=True, max_size=20)


@given(tokens, st.integers(0, 2**31))
def test_unpack_is_the_inverse_of_pack(longer: list[bytes], first: int) -> None:
    ranks = {token: first + i for i, token in enumerate([*BYTES, *longer])}
    assert unpack(pack(ranks)) == ranks


@given(tokens, st.data())
def test_a_truncated_file_is_refused(longer: list[bytes], data: st.DataObject) -> None:
    packed = pack({token: i for i, token in enumerate([*BYTES, *longer])})
    with pytest.raises(VocabularyError):
        unpack(packed[: data.draw(st.integers(0, len(packed) - 1))])


def test_invalid_vocabulary() -> None:
    with pytest.raises(VocabularyError, match="not a packaged vocabulary"):
        unpack(b"something else, of more than twenty bytes")
    with pytest.raises(VocabularyError, match="single bytes have no token"):
        unpack(pack({b"a": 0}))
    with pytest.raises(VocabularyError, match="not consecutive"):
        pack(BYTES | {b"ab": 1000})
