"""Commands from start to end, as the shell sees them: start, read, count, print, exit."""

import pytest

from benchmarks.corpora import CACHE, corpus_text, reference, vocab
from benchmarks.peers import Command, choose_commands
from benchmarks.timing import Bench, Settings

_ENCODING = "o200k_base"


@pytest.fixture
def commands(request: pytest.FixtureRequest) -> dict[str, Command]:
    """The commands that are installed."""
    wanted = [name for name in request.config.getoption("--engines").split(",") if name]
    found = choose_commands(vocab(_ENCODING), wanted, CACHE)
    return {command.name: command for command in found}


@pytest.mark.parametrize("name", ["ctxtools", "ttok"])
@pytest.mark.parametrize("divisor", [500, 1], ids=["small file", "large file"])
def bench_command(
    bench: Bench,
    settings: Settings,
    commands: dict[str, Command],
    name: str,
    divisor: int,
) -> None:
    """`ctx count FILE` beside `ttok --input FILE`."""
    if name not in commands:
        pytest.skip(f"{name} is not installed, or not selected")
    command = commands[name]
    text = corpus_text("code", settings.size // divisor)
    first = command.run(text.path).checked(reference(_ENCODING, text))
    bench.time(
        "command",
        lambda: command.run(text.path),
        engine=name,
        text=text,
        first=first,
        version=command.version(),
        encoding=_ENCODING,
    )
