"""What is certain by its shape is found as a whole, and nothing else is."""

import base64
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools.packing.secrets.names import by_name
from ctxtools.packing.secrets.patterns import find_certain
from tests.hanging import no_hang
from tests.packing.conftest import hostile_texts
from tests.packing.secrets.samples import CERTAIN, private_key, random_string


def found(text: str) -> list[tuple[str, str]]:
    return [(each.kind, text[each.start : each.end]) for each in find_certain(text)]


@pytest.mark.parametrize("kind", CERTAIN)
@pytest.mark.parametrize(
    "around", ["{}", 'x = "{}"', "token: {}\n", "<{}>", "https://a.b/?k={}&c=d"]
)
def test_kinds(kind: str, around: str) -> None:
    assert (kind, CERTAIN[kind]) in found(around.format(CERTAIN[kind]))


@pytest.mark.parametrize("name", ["", "RSA ", "EC ", "DSA ", "OPENSSH ", "ENCRYPTED "])
@pytest.mark.parametrize(
    "around", ["{}", "{}\n", "a\n{}\nb", "key: |\n    {}\nnext: 1\n", 'KEY = """{}"""']
)
def test_private_keys_are_found_as_a_whole(name: str, around: str) -> None:
    key = private_key(name)
    assert found(around.format(key)) == [("Private Key", key)]
    indented = private_key(name, line_break="\n    ")
    assert found(around.format(indented)) == [("Private Key", indented)]
    escaped = private_key(name, line_break="\\n")
    assert found(f'{{"private_key": "{escaped}\\n"}}') == [("Private Key", escaped)]
    windows = private_key(name, line_break="\r\n")
    assert found(windows) == [("Private Key", windows)]
    joined = private_key(name, line_break='\\n"\n  + "')
    assert found(f'key = "{joined}\\n"') == [("Private Key", joined)]


def test_a_private_key_that_does_not_end() -> None:
    key = private_key().rpartition("\n")[0]
    assert found(f"{key}\n\nThis is text.\n") == [("Private Key", key)]
    header = key.replace("\n", "\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0A\n\n", 1)
    assert found(header) == [("Private Key", header)]
    two = f"{key}\n{private_key()}"
    assert [text for _, text in found(two)] == [key, two[len(key) + 1 :]]


@pytest.mark.parametrize(
    "text",
    [
        'if x == "-----BEGIN PRIVATE KEY-----":\n    return "-----END PRIVATE KEY-----"\n',
        "-----BEGIN PUBLIC KEY-----\n" + "MIIB" * 16 + "\n-----END PUBLIC KEY-----\n",
        "-----BEGIN CERTIFICATE-----\n" + "MIIB" * 16 + "\n-----END CERTIFICATE-----\n",
        'f"-----BEGIN RSA PRIVATE KEY-----\\n{key}\\n-----END RSA PRIVATE KEY-----"',
        "AKIA" + "X" * 16,
        "postgres://user:password@host/db and redis://:${SECRET}@host and https://a:<pw>@b",
        "http://localhost:8080/@scope/name",
        "hf_transfer ghp_ sk-learn task-1234567890123456789012345678901234",
        "pip install git+https://github.com/a/b@main",
        "eyJ is how a token starts",
    ],
)
def test_what_is_no_secret(text: str) -> None:
    assert found(text) == []


def test_passwords_in_addresses() -> None:
    assert found("DB=postgres://app:s3cr3t-pw@db.example.com/app") == [
        ("Basic Auth Credentials", "s3cr3t-pw")
    ]


def test_other_shapes() -> None:
    for name in ("", "RSA ", "EC ", "OPENSSH "):
        encoded = base64.b64encode(private_key(name).encode()).decode()
        assert found(f"client-key-data: {encoded}\n") == [("Private Key", encoded)]
    assert found("Server=a;User Id=sa;Password=Pa55-w0rd;Encrypt=true") == [
        ("Connection String", "Pa55-w0rd")
    ]
    assert found(f"Authorization: Bearer a1{random_string(30)}")[0][0] == "Bearer Token"
    assert found("Authorization: Bearer YOUR_ACCESS_TOKEN_GOES_HERE") == []


@pytest.mark.parametrize(
    "start",
    [
        "gsk_",
        "xai-",
        "r8_",
        "pplx-",
        "tvly-",
        "lin_api_",
        "ntn_",
        "hvs.",
        "dp.pt.",
        "figd_",
        "glsa_",
    ],
)
def test_keys_of_other_services(start: str) -> None:
    key = start + random_string({"r8_": 37}.get(start, 64))
    assert found(f"SERVICE={key}\n") == [("API Key", key)]


def test_keys_in_hexadecimal_digits() -> None:
    digits = "0123456789abcdef"
    for start, length in (("key-", 32), ("dapi", 32), ("shpat_", 32), ("sbp_", 40)):
        key = start + random_string(length, digits)
        assert found(f"x: {key}") == [("API Key", key)]
    assert found("monkey-" + random_string(32, digits)) == []


def test_passwords_in_commands_and_headers() -> None:
    key, password = f"a1{random_string(30)}", f"b2{random_string(10)}"
    assert found(f"curl -H 'X-Api-Key: {key}' https://a.example") == [("API Key", key)]
    assert found('{"x-auth-token": "' + key + '"}') == [("API Key", key)]
    basic = [("Basic Auth Credentials", password)]
    assert found(f"curl -s -u admin:{password} https://a.example") == basic
    assert found("curl -u $USER:$PASSWORD https://a.example; X-Api-Key: YOUR_KEY_GOES_HERE") == []
    assert found("curl -u user:password https://a.example") == []


def test_names_of_files() -> None:
    for name in ("id_rsa", "keys/id_ed25519", "a.p12", "b.ppk"):
        assert by_name(name) == "Private Key"
    assert by_name("home/.netrc") == "credentials"
    for name in ("id_rsa.pub", "a.pem", "b.crt", "netrc.py", "README.md"):
        assert by_name(name) is None


@given(st.lists(st.one_of(hostile_texts, st.sampled_from(sorted(CERTAIN.values()))), max_size=6))
def test_spans_are_inside_the_text(parts: list[str]) -> None:
    text = "\n".join(parts)
    for each in find_certain(text):
        assert 0 <= each.start < each.end <= len(text)
    for part in parts:
        if part in CERTAIN.values():
            assert any(part in value or value in part for _, value in found(text))


@pytest.mark.parametrize(
    "unit",
    [
        "eyJ", "-sk-", "://", "a://a:", "-----BEGIN RSA PRIVATE KEY-----", "aws_secret_key ",
        "-----BEGIN RSA PRIVATE KEY-----\nnnnnnnnnnnnnnnnnnnnnnnnnnnnn@\n", "ghp_", "n", "a" * 30,
        "PuTTY-User-Key-File-2: a\n", "PuTTY-User-Key-File-2: ",
        "Comment: -----BEGIN RSA PRIVATE KEY-----\n",
        "curl -u a:", "x-api-key ", "key-", "dp.",
    ],
)  # fmt: skip
def test_no_text_takes_quadratic_time(unit: str) -> None:
    with no_hang():
        list(find_certain((unit * (500_000 // len(unit) + 1))[:500_000]))


def test_a_key_of_putty() -> None:
    start = "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nPrivate-Lines: 1\n"
    key = start + "AAAAIExampleExampleExample\n" + "Private-MAC: 0123456789abcdef"
    text = f"{start}\nwords\n{key}\nmore\n{start}"
    assert found(text) == [("Private Key", key)]
    assert not found(start + "A" * 50_000 + "\nPrivate-MAC: 0123")


def test_the_samples_differ() -> None:
    assert len({*CERTAIN.values()}) == len(CERTAIN)
    assert not re.search(r"\s", random_string(100))
