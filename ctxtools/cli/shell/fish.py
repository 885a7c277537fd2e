"""Completion for fish."""

from collections.abc import Iterator

from ctxtools.cli.shell.words import ROOT, Word, Words, first_words, groups, second_words

_HEAD = """\
# fish completion for ctx
function __ctx_is -d 'Whether the command is this one, "" for none yet'
    set -l words (commandline -opc | string match -v -- '-*')
    set -l name "$words[2]"
    if contains -- "$name" {groups}
        set name (string trim -- "$name $words[3]")
    end
    test "$name" = "$argv[1]"
end
complete -c ctxtools -w ctx
"""


def completion(commands: list[Words]) -> str:
    """A file for ``fish/vendor_completions.d/``."""
    names = groups(commands)
    lines = [*_words("", first_words(commands)), *_options(ROOT)]
    for each in names:
        lines += _words(each, second_words(each, commands))
    for command in commands:
        lines += _options(command)
    return _HEAD.format(groups=" ".join(names)) + "\n".join([*lines, ""])


def _words(command: str, words: dict[str, str]) -> Iterator[str]:
    for word, help in words.items():
        yield f"{_start(command)} -f -a {word} -d {_quoted(help)}"


def _options(command: Words) -> Iterator[str]:
    start = _start(command.name)
    for each in command.options:
        yield f"{start} {_spellings(each)}{_values(each)} -d {_quoted(each.summary)}"


def _spellings(option: Word) -> str:
    return " ".join(
        f"-l {each[2:]}" if each.startswith("--") else f"-s {each[1:]}" for each in option.spellings
    )


def _values(option: Word) -> str:
    if option.choices:
        return f" -x -a {_quoted(' '.join(option.choices))}"
    return " -r -F" if option.value else ""


def _start(command: str) -> str:
    return f"complete -c ctx -n '__ctx_is \"{command}\"'"


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
