"""Secrets in packs: found, never printed, and where they are replaced no part of one is left."""

import json
import socket
import subprocess
import sys
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctxtools.encodings import get_encoding
from ctxtools.errors import MissingExtraError, SecretsError, UsageError
from ctxtools.packing import pack, pack_parts
from ctxtools.packing.arguments import Format, Trim
from ctxtools.packing.cache import UNKNOWN
from ctxtools.packing.secrets import find, plugins
from ctxtools.packing.secrets.find import Finder
from ctxtools.packing.secrets.names import Span
from ctxtools.packing.secrets.scan import merged, redact
from tests.hanging import no_hang
from tests.packing.conftest import hostile_texts
from tests.packing.secrets.samples import CERTAIN, private_key, random_string

pytest.importorskip("detect_secrets")
O200K = get_encoding("o200k_base")
SECRETS = sorted(CERTAIN.values())
PASSWORD = "hunter2-x9"
DOCUMENTS = {
    "config.yml": f"db:\n  password: {PASSWORD}\naws:\n  id: {CERTAIN['AWS Access Key']}\n",
    "keys/id_rsa": f"{CERTAIN['Private Key']}\n",
    "src/app.py": 'import os\n\npassword = os.environ["PASSWORD"]\n\n\ndef f(x):\n    return x\n',
}  # fmt: skip


def kinds(path: str, text: str) -> list[str]:
    return [each.kind for each in Finder(complete=True, known=UNKNOWN).find(path, text)]


def test_a_report() -> None:
    packed = pack(DOCUMENTS, O200K, budget=10_000, secrets="report")
    assert [(each.location, each.kind, each.certain) for each in packed.secrets] == [
        ("config.yml:2", "Secret Keyword", False),
        ("config.yml:4", "AWS Access Key", True),
        ("keys/id_rsa:1", "Private Key", True),
    ]
    assert packed.notes == (
        "keys/id_rsa:1: looks like a secret (Private Key)",
        "config.yml:4: looks like a secret (AWS Access Key)",
        "1 line may hold a secret (Secret Keyword): config.yml:2",
    )
    assert packed.text == pack(DOCUMENTS, O200K, budget=10_000).text
    assert packed.as_dict()["secrets"][0] == {
        "path": "config.yml", "line": 2, "kind": "Secret Keyword", "redacted": False,
        "certain": False,
    }  # fmt: skip
    assert pack(DOCUMENTS, O200K, budget=10_000).secrets == ()


def test_only_what_goes_in_is_reported() -> None:
    filler = "some words of a line\n" * 400
    documents = {"a.txt": f"{filler}{CERTAIN['GitHub Token']}\n"}
    assert not pack(documents, O200K, budget=300, trim="head", secrets="report").secrets
    (found,) = pack(documents, O200K, budget=300, trim="tail", secrets="report").secrets
    assert found.location == "a.txt:401"
    assert not pack(documents, O200K, budget=300, forms=["path"], secrets="report").secrets
    key = {"a.txt": f"{filler}{private_key(lines=30)}\n"}
    packed = pack(key, O200K, budget=300, trim="tail", secrets="report")
    assert "BEGIN" not in packed.text and [each.line for each in packed.secrets] == [401]


def test_redacted_text() -> None:
    packed = pack(DOCUMENTS, O200K, budget=10_000, secrets="redact", line_numbers=True)
    assert "2\t  password: [redacted: Secret Keyword]\n" in packed.text
    assert "4\t  id: [redacted: AWS Access Key]\n" in packed.text
    assert "1\t[redacted: Private Key]\n2\t\n" in packed.text
    assert 'os.environ["PASSWORD"]' in packed.text
    short = pack(DOCUMENTS, O200K, budget=10_000, secrets="redact").text
    assert 'source="keys/id_rsa">\n[redacted: Private Key]\n</document>' in short
    assert packed.token_count == O200K.count(packed.text)
    assert all(each.redacted for each in packed.secrets) and len(packed.secrets) == 3
    assert packed.notes == (
        "3 secrets were replaced: keys/id_rsa:1 (Private Key), config.yml:2 (Secret Keyword), "
        "config.yml:4 (AWS Access Key)",
    )


def test_a_secret_is_replaced_wherever_it_occurs() -> None:
    """It is known in one file, and in the next nothing tells what it is."""
    secret = "abc" + random_string(12) + "9"
    documents = {"a.env": f"PASSWORD={secret}\n", "b.txt": f"log in with {secret}, please"}
    packed = pack(documents, O200K, budget=1000, secrets="redact")
    assert secret not in packed.text and packed.text.count("[redacted: Secret Keyword]") == 2
    assert "b.txt:1 (Secret Keyword)" in packed.notes[0]


def test_files_that_hold_secrets_are_left_out() -> None:
    packed = pack(DOCUMENTS, O200K, budget=10_000, secrets="omit", tree=True)
    assert [each.path for each in packed.documents] == ["src/app.py"]
    assert [(each.path, each.reason) for each in packed.omitted] == [
        ("config.yml", "looks like it holds secrets (line 2: Secret Keyword)"),
        ("keys/id_rsa", "looks like it holds secrets (line 1: Private Key)"),
    ]
    (first,) = pack_parts(DOCUMENTS, O200K, parts=1, secrets="omit")
    assert len(first.omitted) == 2 and len(first.documents) == 1
    with pytest.raises(UsageError, match="pin: no document matches") as caught:
        pack(DOCUMENTS, O200K, budget=10_000, secrets="omit", pins=["config.yml"])
    assert "config.yml looks like it holds secrets (line 2" in str(caught.value.hint)
    named = pack({"id_rsa": "see elsewhere", "a": "b"}, O200K, budget=100, secrets="omit")
    assert [each.path for each in named.documents] == ["a"]


def test_a_file_of_credentials_is_a_secret_as_a_whole() -> None:
    documents = {".netrc": "machine a.b\n  login mia\n  password tiger\n", "a.txt": "x"}
    packed = pack(documents, O200K, budget=1000, secrets="redact")
    assert "[redacted: credentials]" in packed.text and "tiger" not in packed.text
    (found,) = pack(documents, O200K, budget=1000, secrets="report").secrets
    assert (found.path, found.line, found.kind) == (".netrc", None, "credentials")
    assert [each.path for each in pack(documents, O200K, budget=99, secrets="omit").omitted] == [
        ".netrc"
    ]


def test_what_is_withheld_is_not_looked_at() -> None:
    """Nothing of it goes in, and an environment has a hundred megabytes."""
    documents = {"node_modules/a/b.js": f'x = "{CERTAIN["GitHub Token"]}"', "a.txt": "x"}
    for policy in ("redact", "omit", "report"):
        assert not pack(documents, O200K, budget=1000, secrets=policy).secrets


def test_secrets_can_be_an_error() -> None:
    for call in (pack, pack_parts):
        options: dict[str, Any] = {"budget": 10_000} if call is pack else {"parts": 1}
        with pytest.raises(SecretsError) as caught:
            call(DOCUMENTS, O200K, secrets="fail", **options)
        assert len(caught.value.found) == 3
        assert "config.yml:4 (AWS Access Key)" in str(caught.value)
        assert not any(each in str(caught.value) for each in (*SECRETS, PASSWORD))
        call({"a.py": "x = 1\n"}, O200K, secrets="fail", **options)
    with pytest.raises(UsageError, match="unknown secrets 'burn'"):
        pack(DOCUMENTS, O200K, budget=10, secrets="burn")  # type: ignore[arg-type]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["a.py", "src/b.md", "c.json", "d.yml", "e"]),
            st.lists(st.one_of(st.sampled_from(SECRETS), hostile_texts), max_size=6),
            st.sampled_from(["\n", " ", '"', ", "]),
        ),
        max_size=5,
    ),
    st.integers(50, 3000), st.sampled_from(get_args(Format)), st.sampled_from(get_args(Trim)),
    st.booleans(),
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_no_part_of_a_secret_is_left(
    parts: list[tuple[str, list[str], str]], limit: int, format: Format, side: Trim, numbers: bool
) -> None:
    documents = [(path, separator.join(each)) for path, each, separator in parts]
    options: dict[str, Any] = {"format": format, "secrets": "redact", "line_numbers": numbers}
    packed = pack(documents, O200K, budget=limit, trim=side, **options)
    packs = [packed, *pack_parts(documents, O200K, parts=1, **options)]
    for each in packs:
        assert O200K.count(each.text) == each.token_count
        for secret in SECRETS:
            for line in secret.split("\n"):
                piece = line[8:40]  # of a key each line is one
                assert piece not in each.text
        assert not any(secret in str(each.notes) for secret in SECRETS)


@given(
    st.lists(st.one_of(hostile_texts, st.sampled_from(SECRETS)), max_size=6).map("\r\n".join),
    st.lists(st.tuples(st.integers(0, 400), st.integers(1, 60)), max_size=5),
)
def test_redaction_keeps_lines(text: str, spans: list[tuple[int, int]]) -> None:
    found = [Span(a, min(a + n, len(text)), "x", True) for a, n in spans if a < len(text)]
    ((redacted, _),) = redact([text], [merged(found)], keep_lines=True)
    assert redacted.count("\n") == text.count("\n")


def test_spans_that_overlap_are_one() -> None:
    spans = [Span(5, 9, "b", False), Span(0, 6, "a"), Span(9, 12, "c"), Span(10, 11, "d")]
    assert merged(spans) == [Span(0, 9, "a"), Span(9, 12, "c")]


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("a.py", f'PASSWORD = "{PASSWORD}"'), ("a.yml", f"password: {PASSWORD}"),
        (".env", f"DB_PASSWORD={PASSWORD}"), ("a.ini", f"secret = {PASSWORD}"),
        ("a.json", f'{{"x": 1, "client_secret": "{PASSWORD}"}}'),
        ("a.json", '{"a": "' + "x" * 3000 + f'", "password": "{PASSWORD}", "b": 1}}'),
        ("deploy.sh", f"export DB_PASSWORD={PASSWORD}"), ("a.js", f"const apiKey = '{PASSWORD}';"),
        ("a.py", f'connect(host="x", password="{PASSWORD}")'),
        ("a.py", f'passwd: str = "{PASSWORD}"'), ("a.xml", f"<password>{PASSWORD}</password>"),
        ("a.xml", f'<add key="ApiKey" value="{PASSWORD}" />'),
        ("a.php", f"define('DB_PASSWORD', '{PASSWORD}');"),
        ("a.rs", f'const API_KEY: &str = "{PASSWORD}";'),
        ("a.go", f'password := "{PASSWORD}"'), ("Dockerfile", f"ENV SECRET={PASSWORD}"),
    ],
)  # fmt: skip
def test_passwords(path: str, line: str) -> None:
    text = f"first\n{line}\nlast\n"
    (span,) = Finder(complete=True, known=UNKNOWN).find(path, text)
    assert text[span.start : span.end] == PASSWORD and not span.certain


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("a.py", 'fields = ["password", "email", "address"]'), ("a.ts", "password: string = '';"),
        ("a.html", '<label for="password">Password</label>'),
        ("a.py", 'api_key="hf_..."'), ("a.py", 'api_key = "fal-ai-api-key"'),
        ("a.env", "API_KEY=your-api-key"), ("a.py", '    id = "66670e5163145ca562cb1988aa"'),
        ("a.py", 'password = os.environ["DB_PASSWORD"]'), ("a.py", 'password = "password"'),
        ("a.py", "password = get_password()"), ("a.yml", "password: ${DB_PASSWORD}"),
        ("a.yml", "password: <your password>"), ("a.md", "The password is a secret."),
        ("a.py", 'COMMIT = "' + "0123456789abcdef" * 2 + '01234567"'),
        ("a.py", 'id = "550e8400-e29b-41d4-a716-446655440000"'),
        ("a.py", f'password = "{PASSWORD}"  # pragma: allowlist secret'),
        ("package-lock.json", f'  "integrity": "sha512-{random_string(86)}==",'),
        ("poetry.lock", f'{{file = "a.whl", hash = "sha256:{"0a" * 32}"}}'),
        ("a.html", f'<img src="data:image/png;base64,{random_string(300)}">'),
        ("a.py", '"ctxtools/packing/prompt/candidates_and_more"'),
        ("a.md", 'Say what a secret is: "what nobody else may know at all".'),
    ],
)  # fmt: skip
def test_what_is_no_password(path: str, line: str) -> None:
    assert kinds(path, f"first\n{line}\nlast\n") == []


def test_random_strings() -> None:
    value = "x8Kq2Lm9Zp4Rt7Wv1Yb6Nc3D"
    assert kinds("a.py", f'TOKEN = "{value}"') == ["Base64 High Entropy String"]
    assert kinds(".env", f"THING={value}") == ["Base64 High Entropy String"]
    assert kinds("a.py", 'auth_token = "' + "d41f4a5b9e2c4f0f" * 2 + '"') == [
        "Hex High Entropy String"
    ]


def test_many_are_counted_not_listed() -> None:
    lines = [f'"{random_string(12)}Aa1+{random_string(20)}",' for _ in range(300)]
    packed = pack({"a.txt": "\n".join(lines)}, O200K, budget=10**6, secrets="report")
    (note,) = packed.notes
    assert note.startswith(f"{len(packed.secrets)} lines may hold secrets") and " more" in note
    assert len(note) < 300
    keys = "\n".join(f"gh{'p_'}{random_string(36)}" for _ in range(100))
    assert len(pack({"a.txt": keys}, O200K, budget=10**6, secrets="report").notes) == 11


def test_the_words_are_those_of_detect_secrets() -> None:
    from detect_secrets.plugins.keyword import DENYLIST

    for word in DENYLIST:
        for spelled in (word.replace("?", ""), word.replace("_?", "")):
            assert plugins._WORD.search(spelled) and plugins._HINT.search(spelled)


def test_the_network_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: Any, **options: Any) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    text = "\n".join(CERTAIN.values())
    assert len(kinds("a.txt", text)) >= len(CERTAIN)


def test_without_detect_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is certain is reported; replacing only that would be taken for more than it is."""
    monkeypatch.setattr(find, "find_spec", lambda name: None)
    packed = pack(DOCUMENTS, O200K, budget=10_000, secrets="report")
    assert [each.kind for each in packed.secrets] == ["AWS Access Key", "Private Key"]
    for policy in ("redact", "omit", "fail"):
        with pytest.raises(MissingExtraError, match="finding secrets needs detect-secrets"):
            pack(DOCUMENTS, O200K, budget=10_000, secrets=policy)


def test_it_is_imported_where_a_line_needs_it() -> None:
    code = (
        "import sys; from ctxtools.packing import pack\n"
        "pack({'a.py': 'x = 1\\n' * 50}, 'o200k_base', budget=1000, secrets='report')\n"
        "assert 'detect_secrets' not in sys.modules\n"
        "pack({'a.py': 'password = \"x9-hunter2\"'}, 'o200k_base', budget=99, secrets='report')\n"
        "from ctxtools.packing.secrets.plugins import _load\n"
        "assert _load.cache_info().currsize == 1\n"
        # Whoever uses it otherwise gets all of it, and an HTTP client to verify findings with.
        "assert not {'detect_secrets', 'requests', 'multiprocessing'} & {*sys.modules}\n"
        "from detect_secrets import SecretsCollection\n"
        "from detect_secrets.plugins import base; from requests.exceptions import HTTPError\n"
        "assert base.requests.exceptions.HTTPError is HTTPError"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_its_plugins_alone_are_those_that_all_of_it_has() -> None:
    """And its filters: the same findings, in the same order."""
    texts = [*SECRETS, *(f'password = "{each}"' for each in SECRETS), *DOCUMENTS.values()]
    texts += [f"{name}: {random_string(40)}" for name in ("api_key", "user_id", "integrity")]
    code = (
        "import json, sys; from ctxtools.packing.secrets.plugins import Plugins, _load\n"
        "paths = 'a.py', 'b.yml', 'c.go', 'd.cpp', '.env', 'package-lock.json'\n"
        "for text in json.load(sys.stdin):\n"
        "    for path in paths: print(*Plugins().find(path, text))\n"
        "for each in [*_load().specific, *_load().loose]:\n"
        "    print(type(each).__name__, [r.pattern for r in getattr(each, 'denylist', ())])\n"
    )
    alone, whole = (
        subprocess.run(
            [sys.executable, "-c", before + code],
            input=json.dumps(texts), capture_output=True, text=True, check=True,
        ).stdout
        for before in ("", "import detect_secrets\n")
    )  # fmt: skip
    assert alone == whole and "Secret Keyword" in alone


@pytest.mark.parametrize("unit", ['"{}",\n', "password", 'secret = "', "a{}\n", "key: {} "])
def test_the_time_is_bounded(unit: str) -> None:
    """Where nothing is replaced; looking at all of it takes longer, but in proportion."""
    text = "".join(unit.format(random_string(40)) for _ in range(600_000 // (len(unit) + 40)))
    scanner = Finder(complete=False, known=UNKNOWN)
    with no_hang():
        scanner.find("a.yml", text)


def test_json_notes_and_text_have_no_secret() -> None:
    packed = pack(DOCUMENTS, O200K, budget=10_000, secrets="redact")
    everything = json.dumps(packed.as_dict()) + repr(packed) + packed.text
    assert PASSWORD not in everything and private_key() not in everything
    assert not any(secret in everything for secret in SECRETS)
