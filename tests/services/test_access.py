"""Who may use a server."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools.errors import UsageError
from ctxtools.services.access import TOKEN_VARIABLE, has_token, is_loopback, server_token

TOKEN = "0123456789abcdef"


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1", "localhost"])
def test_this_machine_alone_needs_no_token(host: str) -> None:
    assert is_loopback(host)
    assert server_token(host, None, {}) is None
    assert server_token(host, None, {TOKEN_VARIABLE: ""}) is None


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "::", "192.168.0.1", "example.org", "localhost.example.org", "127.1"]
)
def test_others_need_one(host: str) -> None:
    assert not is_loopback(host)
    for token in (None, ""):
        with pytest.raises(UsageError, match="a token is needed"):
            server_token(host, token, {})
    assert server_token(host, TOKEN, {}) == TOKEN
    assert server_token(host, None, {TOKEN_VARIABLE: TOKEN}) == TOKEN


def test_a_socket_in_the_file_system_needs_none() -> None:
    assert server_token("", None, {}) is None


@pytest.mark.parametrize("token", ["short", "with a space in it", "ümlaute-sind-keine", "a" * 15])
def test_tokens_that_are_none(token: str) -> None:
    with pytest.raises(UsageError):
        server_token("127.0.0.1", token, {})


@given(given_token=st.text(max_size=20))
def test_only_the_token_is_the_token(given_token: str) -> None:
    value = given_token.encode()
    expected = value.strip() == TOKEN.encode()
    assert has_token([(b"x-api-key", value)], TOKEN) == expected
    assert has_token([(b"authorization", b"Bearer " + value)], TOKEN) == expected
    assert not has_token([(b"cookie", value)], TOKEN)
    assert has_token([(b"x-api-key", value), (b"authorization", f"bearer {TOKEN}".encode())], TOKEN)
