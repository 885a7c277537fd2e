"""Every command on every input that it takes."""

import pytest

from tests.hostile.arguments import ARGUMENTS
from tests.hostile.builders import Input, cases, pairs
from tests.hostile.commands import COMMANDS, IMPORT, ONE_FILE, SLOW, run
from tests.hostile.configurations import CONFIGURATIONS
from tests.hostile.conversations import CONVERSATIONS
from tests.hostile.damages import DAMAGES, damaged_folder, samples
from tests.hostile.files import FILES
from tests.hostile.folders import FOLDERS
from tests.hostile.media import MEDIA
from tests.hostile.model_tables import MODEL_TABLES
from tests.hostile.running import Sandbox
from tests.hostile.templates import TEMPLATES
from tests.hostile.tokenizers import TOKENIZERS
from tests.hostile.versions import ARCHIVES, PACKS, REPOSITORIES

pytest.importorskip("termios", reason="runs are forked")

LIMITS = [each for each in CONFIGURATIONS if each.name.startswith("limits")]
_LIMIT = {"truncate": ("--limit", "20")}


def _commands(template: str) -> list[str]:
    """Those that are run on such an input: "on_file", say."""
    return [n for n, each in COMMANDS.items() if getattr(each, template) and n not in SLOW]


@pytest.mark.parametrize(("name", "of"), cases(_commands("on_file"), FILES))
def test_file(name: str, of: Input, sandbox: Sandbox) -> None:
    run(COMMANDS[name].on_file, of, sandbox)


@pytest.mark.parametrize(("name", "of"), cases(_commands("on_folder"), FOLDERS))
def test_folder(name: str, of: Input, sandbox: Sandbox) -> None:
    run(COMMANDS[name].on_folder, of, sandbox)


@pytest.mark.parametrize(("name", "of"), cases(_commands("on_repository"), REPOSITORIES))
def test_repository(name: str, of: Input, sandbox: Sandbox) -> None:
    run(COMMANDS[name].on_repository, of, sandbox)


@pytest.mark.parametrize(("name", "of"), cases(_commands("on_archives"), ARCHIVES))
def test_archives(name: str, of: Input, sandbox: Sandbox) -> None:
    run(COMMANDS[name].on_archives, of, sandbox)


@pytest.mark.parametrize(("name", "of"), cases(_commands("on_pack"), PACKS))
def test_earlier_pack(name: str, of: Input, sandbox: Sandbox) -> None:
    (sandbox.here / "text.txt").write_text("words")
    run(COMMANDS[name].on_pack, of, sandbox)


@pytest.mark.parametrize(("name", "of"), cases(_commands("on_media"), MEDIA))
def test_media(name: str, of: Input, sandbox: Sandbox) -> None:
    if name in ONE_FILE and of.target == ".":
        pytest.skip("it takes no folder")
    run(COMMANDS[name].on_media, of, sandbox)


@pytest.mark.parametrize(("name", "of"), cases(_commands("on_messages"), CONVERSATIONS))
def test_conversation(name: str, of: Input, sandbox: Sandbox) -> None:
    run(COMMANDS[name].on_messages, of, sandbox)


@pytest.mark.parametrize(("name", "of"), cases(["count", "show"], TEMPLATES))
def test_template(name: str, of: Input, sandbox: Sandbox) -> None:
    of.build(sandbox.here)
    (sandbox.here / "chat.json").write_text('[{"role": "user", "content": "words"}]')
    terminal = bool(len(f"{name}{of.name}") % 2)
    options = ("--chat-template", of.target, "-m", "qwen3-8b")
    sandbox.check(name, "chat.json", *options, terminal=terminal)


@pytest.mark.parametrize(("name", "of"), cases(_commands("on_file"), CONVERSATIONS))
def test_conversation_as_a_text(name: str, of: Input, sandbox: Sandbox) -> None:
    run(COMMANDS[name].on_file, of, sandbox)


@pytest.mark.parametrize(("name", "of"), cases(_commands("on_folder"), CONFIGURATIONS))
def test_configuration(name: str, of: Input, sandbox: Sandbox) -> None:
    run(COMMANDS[name].on_folder, of, sandbox)


@pytest.mark.parametrize("of", LIMITS, ids=lambda of: of.name)
def test_limits_of_a_configuration(of: Input, sandbox: Sandbox) -> None:
    run("check . --format github", of, sandbox)
    run("check --against HEAD --update-baseline --baseline {out}/base.json", of, sandbox)


@pytest.mark.parametrize(("name", "of"), cases(_commands("with_tokenizer"), TOKENIZERS))
def test_tokenizer(name: str, of: Input, sandbox: Sandbox) -> None:
    run(COMMANDS[name].with_tokenizer, of, sandbox)


@pytest.mark.parametrize(("name", "of"), cases(["models"], MODEL_TABLES))
def test_table_of_models(name: str, of: Input, sandbox: Sandbox) -> None:
    of.build(sandbox.here)
    arguments = [word.format(input=of.target) for word in IMPORT.split()]
    terminal = bool(len(of.name) % 2)
    sandbox.check(*arguments, terminal=terminal, writes="home/.config")
    sandbox.check("models", "--all", terminal=not terminal)


_ALL_FILES = [name for name in _commands("on_file") if name not in ONE_FILE]


@pytest.mark.parametrize(("name", "kind"), pairs(_ALL_FILES, samples()))
def test_damaged_folder(name: str, kind: str, sandbox: Sandbox) -> None:
    of = damaged_folder(kind, samples()[kind])
    run(COMMANDS[name].on_file, of, sandbox)


@pytest.mark.parametrize(("name", "kind"), pairs(ONE_FILE, samples()))
def test_damaged_file(name: str, kind: str, sandbox: Sandbox) -> None:
    """Some of what is done to a file, for the commands that read but one."""
    sample = samples()[kind]
    for damage, change in [*DAMAGES.items()][len(name) % 5 :: 5]:
        path = sandbox.here / f"{damage}{sample.suffix}"
        path.write_bytes(change(sample.data))
        sandbox.check(*name.split(), path.name, *_LIMIT.get(name, ()), raw=COMMANDS[name].raw)


def test_everything_is_measured(sandbox: Sandbox) -> None:
    """The commands that are slow to start, once."""
    for each in FILES:
        each.build(sandbox.here)
    for name in SLOW:
        run(COMMANDS[name].on_folder, Input("everything", lambda here: None), sandbox)


@pytest.mark.parametrize("arguments", ARGUMENTS.values(), ids=ARGUMENTS)
def test_arguments(arguments: tuple[str, ...], sandbox: Sandbox) -> None:
    sandbox.check(*arguments, terminal=bool(len(arguments) % 2))
