"""An encoding that is loaded when it is first used is the encoding."""

import pickle
from concurrent.futures import ThreadPoolExecutor

import pytest

from ctxtools.encodings import Encoding, get_encoding, list_encodings
from ctxtools.encodings.deferred import _Deferred, deferred_encoding, is_packaged

TEXT = "The quick brown fox <|endoftext|> 深度求索\n" * 3


@pytest.mark.parametrize("name", list_encodings())
def test_it_becomes_the_encoding(name: str) -> None:
    deferred = _Deferred(name)
    assert (deferred.name, isinstance(deferred, Encoding)) == (name, True)
    assert deferred.count(TEXT) == get_encoding(name).count(TEXT)
    assert type(deferred) is Encoding
    assert deferred.special_tokens == get_encoding(name).special_tokens
    assert pickle.loads(pickle.dumps(deferred)).name == name


def test_it_is_the_same_each_time() -> None:
    assert deferred_encoding("o200k_base") is deferred_encoding("o200k_base")
    assert is_packaged("o200k_base")
    assert not is_packaged("tokenizer.json")


def test_threads_may_use_it_at_once() -> None:
    expected = get_encoding("o200k_base").count(TEXT)
    for _ in range(20):
        deferred = _Deferred("o200k_base")
        with ThreadPoolExecutor(8) as pool:
            assert {*pool.map(deferred.count, [TEXT] * 16)} == {expected}
