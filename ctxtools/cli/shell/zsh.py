"""Completion for zsh."""

from collections.abc import Mapping

from ctxtools.cli.shell.words import ROOT, Word, Words, first_words, groups, second_words


def completion(commands: list[Words]) -> str:
    """A file for ``zsh/site-functions/``."""
    names = groups(commands)
    parts = ["#compdef ctx ctxtools", "", *_dispatcher("_ctx", first_words(commands), ROOT.options)]
    for each in names:
        parts += ["", *_dispatcher(f"_ctx_{_identifier(each)}", second_words(each, commands), [])]
    for command in commands:
        parts += ["", f"_ctx_{_identifier(command.name)}() {{", "  _arguments -s -S \\"]
        specs = [_option(each) for each in command.options]
        specs += [_argument(each) for each in command.arguments]
        parts += [" \\\n".join(f"    {each}" for each in specs), "}"]
    return "\n".join([*parts, "", '_ctx "$@"', ""])


def _dispatcher(name: str, words: Mapping[str, str], options: list[Word]) -> list[str]:
    """A function that completes the next word, or calls the function that is named after it."""
    specs = [*map(_option, options), "'1: :->word'", "'*:: :->rest'"]
    return [
        f"{name}() {{",
        "  local context state state_descr line",
        "  typeset -A opt_args",
        "  _arguments -C " + " \\\n    ".join(specs),
        "  case $state in",
        "    word)",
        "      local -a words_of=(",
        *(f"        {_quoted(f'{word}:{help}')}" for word, help in words.items()),
        "      )",
        "      _describe command words_of",
        "      ;;",
        "    rest)",
        "      case $words[1] in",
        *(f"        {word}) {name}_{_identifier(word)} ;;" for word in words),
        "      esac",
        "      ;;",
        "  esac",
        "}",
    ]


def _option(option: Word) -> str:
    help = f"[{_escaped(option.summary)}]"
    value = f":{_escaped(option.value)}:{_values(option)}" if option.value else ""
    names = option.spellings
    if option.is_repeated:
        prefix = "'*'"
    else:
        prefix = _quoted(f"({' '.join(names)})") if len(names) > 1 else ""
    if len(names) == 1:
        return prefix + _quoted(names[0] + help + value)
    return f"{prefix}{{{','.join(names)}}}{_quoted(help + value)}"


def _argument(argument: Word) -> str:
    number = "*" if argument.is_repeated else "1"
    return _quoted(f"{number}:{_escaped(argument.value or '')}:{_values(argument)}")


def _values(word: Word) -> str:
    return f"({' '.join(word.choices)})" if word.choices else "_files"


def _identifier(name: str) -> str:
    return name.replace(" ", "_").replace("-", "_")


def _escaped(text: str) -> str:
    for character in "\\[]:":
        text = text.replace(character, f"\\{character}")
    return text


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
