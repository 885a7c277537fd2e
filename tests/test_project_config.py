"""What the configuration of a project, which a stranger may have written, can and cannot do."""

import json
import os
import re
import socket
import sys
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools.config import Config, load_config
from ctxtools.encodings import find_encoding
from ctxtools.errors import ConfigError, CtxtoolsError
from tests.hanging import no_hang

RANKS = "".join(f"{b64encode(bytes([i])).decode()} {i}\n" for i in range(256))
SECRET = "-----BEGIN SECRET KEY-----"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, beside a secret file; whoever looks up a host has used the network."""

    def refuse(*arguments: Any) -> Any:
        raise AssertionError("the network was used")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    (tmp_path / "home" / "project" / "sub").mkdir(parents=True)
    (tmp_path / "home" / "secret.txt").write_text(f"{SECRET}\n")
    (tmp_path / "home" / "ranks.tiktoken").write_text(RANKS)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for variable in ("XDG_CONFIG_HOME", "CTXTOOLS_CONFIG", "CTXTOOLS_ENCODING", "CTXTOOLS_MODEL"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.chdir(tmp_path / "home" / "project")
    return tmp_path / "home" / "project"


def _count_like_the_command(config: Config) -> int:
    """A count with the encodings, models and estimates of a configuration."""
    counted = 0
    for name in config.encoding:
        counted += find_encoding(name, within=config.encoding_folder).count("hello world")
    for name in config.model:
        counted += config.registry().get(name).estimate_tokens("hello world").high
    return counted


OUTSIDE = (
    "hf:gpt2",
    "../ranks.tiktoken#cl100k",
    "sub/../../ranks.tiktoken#cl100k",
    "link.tiktoken#cl100k",
    "folder/ranks.tiktoken#cl100k",
    "folder",
    "own",  # a folder of the project, whose tokenizer.json is a link
    "../secret.txt",
    "/proc/self/environ",
    "/dev/zero",
    "~/ranks.tiktoken#cl100k",
    "../nothing.json",
)
BY = (
    "encoding = {}",
    "model = 'm'\n[[models]]\nname = 'm'\ncontext = 9\nencoding = {}",
    "model = 'm'\n[[models]]\nname = 'm'\ncontext = 9\ntokenizer = {}",
    "model = 'm'\n[models.m]\nextends = 'gpt-4o'\nencoding = {}",
    "model = 'gpt-4o'\n[models.gpt-4o]\nencoding = {}",
    "model = 'm'\n[models.m.estimate]\nencoding = {}\nlow = 1\ntypical = 1\nhigh = 1\nbasis = 'x'",
    "model = 'gpt-4o-2024-08-06'\n[models.gpt-4o]\ntokenizer = {}",
)


@pytest.mark.parametrize("by", BY)
@pytest.mark.parametrize("wanted", OUTSIDE)
@pytest.mark.parametrize("file", ["ctxtools.toml", "pyproject.toml"])
def test_a_tokenizer_that_is_elsewhere_is_an_error_that_shows_nothing_of_it(
    project: Path, wanted: str, by: str, file: str
) -> None:
    (project / "link.tiktoken").symlink_to("../ranks.tiktoken")
    (project / "folder").symlink_to("..")
    (project / "own").mkdir()
    (project / "own" / "tokenizer.json").symlink_to("../../secret.txt")
    text = by.format(json.dumps(wanted))
    if file == "pyproject.toml":
        text = "[tool.ctxtools]\n" + text.replace("[models", "[tool.ctxtools.models")
    (project / file).write_text(text)
    with no_hang(), pytest.raises(CtxtoolsError) as raised:
        _count_like_the_command(load_config())
    said = str(raised.value)
    assert SECRET not in said and "HOME=" not in said
    if wanted.startswith("hf:") and "tokenizer" not in by:
        assert "may not use the network" in said
    elif wanted not in ("own", "~/ranks.tiktoken#cl100k", "hf:gpt2"):
        assert "may not name a file outside of" in said
        assert "hint: name it yourself: with -e" in said
    (project / "own" / "tokenizer.json").unlink()


@pytest.mark.parametrize("by", BY[:6])
def test_a_tokenizer_in_the_folder_of_the_project_is_used_from_wherever_in_it(
    project: Path, by: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "models").mkdir()
    (project / "models" / "own.tiktoken").write_text(RANKS)
    (project / "linked.tiktoken").symlink_to("models/own.tiktoken")
    monkeypatch.chdir(project / "sub")
    for wanted in ("models/own.tiktoken#cl100k", "linked.tiktoken#cl100k", "./models/#cl100k"):
        (project / "ctxtools.toml").write_text(by.format(json.dumps(wanted)))
        assert _count_like_the_command(load_config()) == len("hello world")


def test_the_user_may_name_what_a_project_may_not(project: Path) -> None:
    ranks = project.parent / "ranks.tiktoken"
    user = project.parent / ".config" / "ctxtools" / "config.toml"
    user.parent.mkdir(parents=True)
    user.write_text(f'encoding = "{ranks}#cl100k"\n[models.mine]\ntokenizer = "~/ranks.tiktoken"\n')
    config = load_config()
    assert config.encoding_folder is None
    assert _count_like_the_command(config) == len("hello world")
    assert config.registry().get("mine").encoding == str(ranks)
    (project / "ctxtools.toml").write_text('encoding = "/etc/hostname"\n')
    named = load_config(environ={**os.environ, "CTXTOOLS_ENCODING": f"{ranks}#cl100k"})
    assert _count_like_the_command(named) == len("hello world")


def test_what_a_project_s_file_may_set_is_listed(project: Path) -> None:
    (project / "ctxtools.toml").write_text('color = "always"\nreserve = 7\n')
    config = load_config()
    assert (config.color, config.reserve, config.origins["color"]) == ("auto", 7, "default")
    (note,) = config.notes
    assert note.endswith("ctxtools.toml: color = 'always' does not count in a project's file, "
                         "only in your own")  # fmt: skip
    user = project.parent / ".config" / "ctxtools" / "config.toml"
    user.parent.mkdir(parents=True)
    user.write_text('color = "always"\n')
    assert load_config().color == "always"


@pytest.mark.parametrize("setting", ["hidden = true", "ignore = false"])
def test_a_project_that_has_more_files_read_says_so(project: Path, setting: str) -> None:
    (project / "ctxtools.toml").write_text(setting)
    note = f"{project}/ctxtools.toml: {setting}, so more files are read"
    assert load_config().notes == (note,)
    (project / "ctxtools.toml").write_text("hidden = false\nignore = true\n")
    assert load_config().notes == ()


def test_a_project_cannot_hide_that_it_changes_a_known_model(project: Path) -> None:
    (project / "ctxtools.toml").write_text(
        '[models.gpt-4o]\ncontext = 9\nsource = "the vendor"\n'
        '[models.ours]\ncontext = 8\naliases = ["o3"]\n'
    )
    config = load_config()
    for name in ("gpt-4o", "gpt-4o-2024-08-06", "o3", "ours"):
        assert config.registry().get(name).project == str(project), name
    known = config.registry(project=False)
    assert known.get("gpt-4o").context == 128_000
    assert known.find("ours") is None
    assert known.get("o3").project is None


@pytest.mark.skipif(sys.platform != "linux", reason="needs /dev and pipes")
@pytest.mark.parametrize("kind", ["device", "elsewhere", "pipe", "socket", "huge", "endless"])
def test_a_project_file_that_is_no_file_of_the_project_is_named(project: Path, kind: str) -> None:
    reason = _make(project / "ctxtools.toml", kind)
    with no_hang(), pytest.raises(ConfigError, match=rf"ctxtools\.toml: {reason}"):
        load_config()
    os.unlink(project / "ctxtools.toml")
    _make(project / "pyproject.toml", kind)
    with no_hang():
        config = load_config()
    (note,) = config.notes
    assert f"pyproject.toml: {reason}; what it says of ctxtools does not count" in note


def _make(path: Path, kind: str) -> str:
    if kind == "device":
        path.symlink_to("/dev/zero")
    elif kind == "elsewhere":
        path.symlink_to("../secret.txt")
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(path.name)
    elif kind == "huge":
        path.touch()
        os.truncate(path, 1 << 40)
    else:
        path.write_text("[tool.ctxtools]\n" + "#" * (1 << 20))
    reasons = {
        "pipe": "a named pipe, not a regular file",
        "socket": "a socket, not a regular file",
        "huge": "larger than 1.0 MB",
        "endless": "larger than 1.0 MB",
    }
    return reasons.get(kind, "leads out of its folder")


def test_a_folder_or_a_dangling_link_of_that_name_is_no_file(project: Path) -> None:
    (project / "ctxtools.toml").mkdir()
    (project / "pyproject.toml").symlink_to("nothing")
    assert load_config() == Config()
    assert load_config().notes == ()


@pytest.mark.skipif(not hasattr(os, "chown") or os.geteuid() != 0, reason="needs root")
def test_a_file_of_another_user_above_the_current_folder_does_not_count(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As /tmp/ctxtools.toml, for the folders that everybody else has in /tmp."""
    file = project / "ctxtools.toml"
    file.write_text("reserve = 5\n")
    monkeypatch.chdir(project / "sub")
    assert load_config().reserve == 5
    os.chown(file, 12345, -1)
    config = load_config()
    assert (config.reserve, config.files) == (0, ())
    assert config.notes == (f"{file} does not count: it belongs to another user",)
    os.chown(project / "sub", 12345, -1)
    assert load_config().reserve == 5, "the owner of the folder has a say in it"
    os.chown(project / "sub", 0, -1)
    monkeypatch.chdir(project)
    assert load_config().reserve == 5, "the user went to the very folder"
    monkeypatch.chdir(project / "sub")
    file.rename(project / "mine.toml")
    os.chown(project / "mine.toml", 0, -1)
    file.symlink_to("mine.toml")
    assert load_config().reserve == 5
    os.chown(file, 12345, -1, follow_symlinks=False)
    assert load_config().reserve == 0, "the link is another user's"


HOSTILE = (
    b"limit = " + b"9" * 5000,
    b"limit = '" + b"9" * 5000 + b"'",
    b"limit = " + b"9" * 4000,
    b"reserve = 1e400",
    b"threads = " + b"9" * 4000,
    b"threads = '" + b"9" * 5000 + b"'",
    b"threads = '\xd9\xa3'",
    b"limit = nan",
    b"limit = 1979-05-27",
    b"limit = 0x" + b"f" * 5000,
    b"model = " + b"[" * 100_000,
    b"model = " + b"[" * 400 + b"]" * 400,
    b"model = " + b"{a=" * 100_000,
    b".".join([b"a"] * 500_000) + b" = 1",
    b"[" + b".".join([b"models"] * 500_000) + b"]",
    b".".join([b'"a b"'] * 170_000) + b" = 1",
    b"[models]\n" + b".".join([b"a"] * 40) + b" = 1",
    b"a" * 1_000_000 + b" = 1",
    b"model = '" + b"a-" * 500_000 + b"'",
    b"encoding = '" + b"a" * 1_000_000 + b"'",
    b"encoding = '" + b"a/" * 3000 + b"'",
    b'encoding = "a\\u0000b.json"',
    b"color = [[]]",
    b"\xff\xfe\x00",
    b"\x00" * 1000,
    b"model = 'a\x00b'",
    b'model = "\\u0000\\u001b[31m"',
    b'model = "\\ud800"',
    b"\xef\xbb\xbf\xef\xbb\xbf",
    b"[models.a]\nprice = [" + b"9" * 4000 + b", 1]",
    b"[models.a]\nprice = [-1, nan]",
    b"[models.a]\nprice = [1, 1]\ntiers = [[1e300, 1, 1]]",
    b"[models.a]\nprice = [1, 1]\ntiers = [[1, 1, 1], [1, 1, 1]]",
    b"[models.a]\ncontext = " + b"9" * 30,
    b"[models.a]\ntokenizer = '~nobody-of-that-name/x'",
    b"[models.'']\ncontext = 1",
    b"[models.a]\nname = 3\n",
    b"[[models]]\nname = '" + b"a" * 1_000_000 + b"'\nextends = '" + b"b" * 40_000 + b"'",
    b"[models.a]\nextends = 'a'",
    b"[models.a]\naliases = ['a', 'a']",
    b"[models.a]\nmodalities = [" + b"[" * 300 + b"]" * 300 + b"]",
    b"[models.a]\nestimate = {encoding='qwen2', low=2, typical=1, high=0, basis='x'}",
    b"[models.a]\nestimate = {encoding='qwen2', low=inf, typical=nan, high=1, basis='x'}",
    b"[models.a.sources]\ncontext = 3",
    b"[[models]]\nname='b1'\n" * 2,
    b"exclude = ['" + b"*a" * 1000 + b"']",
)


@pytest.mark.parametrize("content", HOSTILE, ids=range(len(HOSTILE)))
def test_any_file_is_a_configuration_or_an_error_that_is_short(
    project: Path, content: bytes
) -> None:
    (project / "ctxtools.toml").write_bytes(content)
    with no_hang():
        try:
            config = load_config()
            for model in config.models:
                str(model.cost(10**6)), model.name
            _count_like_the_command(config)
        except CtxtoolsError as error:
            assert len(str(error)) < 1500, str(error)[:2000]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("exclude = [" + "'a', " * 1001 + "]", "has 1,001 values, and at most 1,000 count"),
        ("include = 'a" + "**/a/" * 1000 + "'", "has a string of more than 4,096 characters"),
        ("".join(f"[models.m{i}]\n" for i in range(1001)), "are 1,001, and at most 1,000 count"),
    ],
)
def test_what_takes_time_in_every_run_is_limited(project: Path, text: str, reason: str) -> None:
    (project / "ctxtools.toml").write_text(text)
    with pytest.raises(ConfigError, match=reason):
        load_config()


_words = st.sampled_from(
    ["model", "encoding", "limit", "threads", "color", "models", "name", "context", "tokenizer",
     "price", "tiers", "estimate", "extends", "aliases", "a", "=", "=", "=", "[", "]", "[[", "]]",
     ".", ",", "{", "}", '"', "'", '"""', "\n", "\n", "1", "-1", "1e9", "inf", "nan", "true", "#",
     "'200k'", "'gpt-4o'", "'hf:x'", "'/etc'", "1979-05-27", "\\", "\x00", "é", "[[models]]\n",
     "name = 'x'\n", "0" * 5000, "\r\n", "\ufeff"]
)  # fmt: skip


@given(st.one_of(st.lists(_words, max_size=40).map("".join), st.text(max_size=200)))
def test_any_text_is_a_configuration_or_a_config_error(text: str) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "ctxtools.toml")
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        (Path(folder) / ".git").mkdir()
        try:
            config = load_config(Path(folder), {"HOME": "/nonexistent"})
            config.registry()
        except ConfigError:
            pass


_SETTINGS = ("MODEL", "ENCODING", "LIMIT", "RESERVE", "THREADS", "INCLUDE", "HIDDEN", "COLOR")
_VALUES = ("9" * 5000, "\udcff\x1b[31m", "1e999", "-0", "½", "١", "nan", "1_0", "²")
_values = st.text(st.characters(blacklist_characters="\0"), max_size=50)


@given(st.dictionaries(st.sampled_from(_SETTINGS), _values | st.sampled_from(_VALUES)))
def test_any_environment_is_a_configuration_or_a_config_error(values: dict[str, str]) -> None:
    environ = {f"CTXTOOLS_{name}": value for name, value in values.items()}
    try:
        config = load_config(Path("/nonexistent"), environ | {"HOME": "/nonexistent"})
    except ConfigError as error:
        assert "environment: CTXTOOLS_" in error.message and len(str(error)) < 500
    else:
        assert config.limit is None or 0 <= config.limit <= 10**15


@pytest.mark.parametrize(
    "setting",
    [
        'encoding = "../x; touch ran"',
        'model = "m"\n[[models]]\nname = "m"\nload = "hf:x; touch ran"',
    ],
)
def test_a_command_in_a_hint_is_not_the_project_s(setting: str, project: Path) -> None:
    (project / "ctxtools.toml").write_text(setting)
    config = load_config(environ={"HOME": str(project.parent)})
    with pytest.raises(CtxtoolsError) as caught:
        if config.model:
            config.registry().get("m").load_encoding()
        find_encoding(*config.encoding, within=config.encoding_folder)
    assert re.search(r"-e '(hf:|\.\./)x; touch ran'", caught.value.hint or "")
