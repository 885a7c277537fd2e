"""How each command is run on each kind of input. A command that is added to ``ctx`` is added here.

``{input}`` is the file, or ``.``; ``{options}`` what the input needs, if the command has it;
``{out}`` a folder for output.
"""

from dataclasses import dataclass

from ctxtools.cli.quick import split_name
from tests.hostile.builders import Input
from tests.hostile.running import Ran, Sandbox

_READING = ("--field", "--column", "--outputs", "--charset", "--skip-bad-records")


@dataclass(frozen=True, slots=True)
class Command:
    """How to run a command; an empty string where it takes no such input.

    Attributes:
        on_file: on one file.
        on_folder: in a folder, which is read, or whose configuration is.
        on_media: on an image, a video, a recording or a PDF, or a folder of these, for a model.
        on_messages: on a file of conversations, for a model.
        on_repository: on versions of the files of a repository.
        on_archives: in a folder of archives, looking into them.
        on_pack: in a folder, on an earlier pack of it.
        with_tokenizer: with ``-e {input}``, on ``text.txt`` or, of `decode`, on ``ids.txt``.
        takes: those of the options that inputs need that it has.
        raw: stdout is the stranger's text, byte for byte if it is no terminal.
        writes: the folder of the sandbox that it may write to.
    """

    on_file: str = ""
    on_folder: str = ""
    on_media: str = ""
    on_messages: str = ""
    on_repository: str = ""
    on_archives: str = ""
    on_pack: str = ""
    with_tokenizer: str = ""
    takes: tuple[str, ...] = ()
    raw: bool = False
    writes: str = "out"


COMMANDS = {
    "count": Command(
        "count {input} {options}",
        "count . --tree --html {out}/report.html",
        "count {input} -m gemini-2.5-pro",
        "count {input} --messages --skip-bad-records -m gpt-4o -m deepseek-v4-pro",
        with_tokenizer="count text.txt -e {input}",
        takes=_READING,
        on_repository="count . --ref HEAD --log 3",
        on_archives="count . --archives",
    ),
    "fits": Command(
        "fits {input} {options} --limit 1000",
        "fits . --limit 1000",
        "fits {input} -m qwen3-vl-8b",
        "fits {input} --messages -m claude-opus-4-8",
        with_tokenizer="fits text.txt -e {input} --limit 1000",
        takes=_READING,
        on_repository="fits . --staged --log 2 --limit 1000",
        on_archives="fits . --archives --limit 1000",
    ),
    "check": Command(
        "check {input} --limit **=each:50,all:900 --format github --summary {out}/summary.md",
        "check . --limit **=each:50,all:900 --limit *.md=9 --format sarif -o {out}/check.sarif",
        with_tokenizer="check text.txt -e {input} --limit **=1000",
    ),
    "chunk": Command(
        "chunk {input} {options} --size 64 -o {out}/chunks.jsonl",
        "chunk . --size 64 -o {out}/chunks.jsonl --html {out}/report.html",
        with_tokenizer="chunk text.txt -e {input} --size 64",
        on_media="chunk {input} --size 64 -o {out}/chunks.jsonl",
        on_repository="chunk . --diff HEAD~1 --log 3 --size 64 -o {out}/chunks.jsonl",
        on_archives="chunk . --archives --size 64 -o {out}/chunks.jsonl",
        takes=_READING,
    ),
    "pack": Command(
        "pack {input} {options} --limit 1000",
        "pack . --limit 1000 --explain --query text -o {out}/pack.xml --html {out}/report.html",
        with_tokenizer="pack text.txt -e {input} --limit 1000 -o {out}/pack.xml",
        on_media="pack {input} --limit 1000 --query text",
        on_repository="pack . --diff HEAD~1...HEAD --log 3 --limit 1000 -o {out}/pack.xml",
        on_archives="pack . --archives --limit 1000 --query words -o {out}/pack.xml",
        on_pack="pack . --limit 1000 --stable-from {input} -o {out}/pack.xml",
        takes=_READING,
        raw=True,
    ),
    "pack-sequences": Command(
        "pack-sequences {input} {options} --window 64 --overlong split -o {out}/plan.jsonl",
        "pack-sequences text.txt --window 64 -o {out}/plan.jsonl",
        with_tokenizer="pack-sequences text.txt -e {input} --window 64 -o {out}/plan.jsonl",
        takes=("--field", "--column", "--skip-bad-records"),
    ),
    "truncate": Command(
        "truncate {input} {options} --limit 20",
        "truncate text.txt --limit 20",
        with_tokenizer="truncate text.txt -e {input} --limit 20",
        takes=("--charset",),
        raw=True,
    ),
    "encode": Command(
        "encode {input} {options}",
        "encode text.txt",
        with_tokenizer="encode text.txt -e {input}",
        takes=("--charset",),
    ),
    "decode": Command(
        "decode {input}",
        "decode text.txt",
        with_tokenizer="decode ids.txt -e {input}",
        raw=True,
    ),
    "show": Command(
        "show {input} {options} --html {out}/report.html",
        "show text.txt --ids",
        with_tokenizer="show text.txt -e {input}",
        takes=("--charset",),
        on_media="show {input}",
        on_messages="show {input} --messages -m qwen3-8b --html {out}/report.html",
    ),
    "memory": Command(
        "memory {input} --device h100 --context 1000",
        "memory . --device h100 --context 1000 --json",
    ),
    "corpus count": Command(
        "corpus count {input} -o {out}/counts --skip-bad-records --files",
        "corpus count . -o {out}/counts",
        with_tokenizer="corpus count {input} -e {input} -o {out}/counts",
    ),
    "corpus encode": Command(on_folder="corpus encode . -o {out}/ids"),
    "corpus chunk": Command(on_folder="corpus chunk . -o {out}/chunks --format auto"),
    "corpus pack": Command(
        "corpus pack {input} -e o200k_base -w 64 -o {out}/windows",
        "corpus pack . -w 64 --eos 0 -o {out}/windows",
        with_tokenizer="corpus pack {input} -e {input} -w 64 -o {out}/windows",
    ),
    "corpus verify": Command(on_folder="corpus verify ."),
    "models": Command(on_folder="models gpt-5"),
    "encodings": Command(on_folder="encodings", with_tokenizer="encodings {input}"),
    "info": Command(on_folder="info"),
    "serve": Command(on_folder="serve --port 0 -m no-such-model"),  # it ends, having read all
    "bench": Command(
        on_folder="bench . --engine ctxtools --rounds 1 --quiet", writes="home/.cache"
    ),
    "mcp": Command(on_folder="mcp --root ."),
}
ONE_FILE = ("truncate", "encode", "decode", "show")
"""Those that take no folder."""

SLOW = ("bench", "mcp")
"""Those that start processes, or are slow to start, and are run on a folder of everything only."""

IMPORT = "models import {input}"
"""How a table of models is read."""


def run(template: str, of: Input, sandbox: Sandbox) -> Ran:
    """Build an input and run a command on it, by turns with pipes and with a terminal."""
    of.build(sandbox.here)
    command = COMMANDS[split_name(template.split())[0]]
    options = of.options if {*of.options} & {*command.takes} else ()
    arguments: list[str] = []
    for word in template.split():
        if word == "{options}":
            arguments += options
        else:
            arguments.append(word.format(input=of.target, out=sandbox.out))
    terminal = bool(len(f"{template}{of.name}") % 2)
    return sandbox.check(*arguments, terminal=terminal, raw=command.raw, writes=command.writes)
