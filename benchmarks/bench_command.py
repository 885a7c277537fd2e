"""Commands from start to end, as the shell sees them: start, read, count, print, exit."""

from dataclasses import replace

import pytest

from benchmarks.corpora import CACHE, corpus_text, reference, vocab
from benchmarks.peers import counting_commands
from benchmarks.timing import Bench, Settings
from ctxtools.bench.measure import Outcome

_ENCODING = "o200k_base"


@pytest.mark.parametrize("name", ["ctxtools", "ttok"])
@pytest.mark.parametrize("divisor", [500, 1], ids=["small file", "large file"])
def bench_command(
    bench: Bench, settings: Settings, request: pytest.FixtureRequest, name: str, divisor: int
) -> None:
    """`ctx count FILE` compared with `ttok --input FILE`."""
    command = counting_commands(vocab(_ENCODING), CACHE)[name]
    wanted = [each for each in request.config.getoption("--engines").split(",") if each]
    if command.path is None or (wanted and name not in wanted):
        pytest.skip(f"{name} is not installed, or not selected")
    text = corpus_text("code", settings.size // divisor)

    def count() -> Outcome:
        outcome, printed = command.run(path=text.path)
        tokens = int(printed.replace(",", "").split()[0]) if outcome.status == "ok" else 0
        return replace(outcome, tokens=tokens)

    bench.time(
        "command",
        count,
        engine=name,
        text=text,
        first=count().checked(reference(_ENCODING, text)),
        version=command.version(),
        encoding=_ENCODING,
    )
