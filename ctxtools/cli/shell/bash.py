"""Completion for bash, version 4 or later, and 3.2 as macOS has it."""

from collections.abc import Iterator

from ctxtools.cli.shell.words import ROOT, Words, first_words, groups, second_words

_HEAD = """\
# bash completion for ctx
_ctx() {
    local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}
    local command= words= options= i
    # In --by=file the sign is a word of its own.
    if [[ $word == = ]]; then
        word=
    elif [[ $previous == = ]]; then
        previous=${COMP_WORDS[COMP_CWORD-2]}
    fi
    COMPREPLY=()
    for ((i = 1; i < COMP_CWORD; i++)); do
        [[ ${COMP_WORDS[i]} == -* ]] && continue
        command=${command:+$command }${COMP_WORDS[i]}
        case $command in
            %(groups)s) ;;
            *) break ;;
        esac
    done
    case $command in
"""
_TAIL = """\
    esac
    [[ $word == -* ]] && words=$options
    COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -o default -F _ctx ctx ctxtools
"""


def completion(commands: list[Words]) -> str:
    """A file for ``bash-completion/completions/``. What has no words completes as file names."""
    names = groups(commands)
    cases = [_case(ROOT._replace(name=""), " ".join(first_words(commands)))]
    cases += [
        _case(ROOT._replace(name=each, options=[]), " ".join(second_words(each, commands)))
        for each in names
    ]
    cases += [_case(each, "") for each in commands]
    head = _HEAD % {"groups": "|".join(names) or "''"}
    return head + "".join(cases) + _TAIL


def _case(command: Words, words: str) -> str:
    pattern = f'"{command.name}"' if " " in command.name or not command.name else command.name
    lines = [f"        {pattern})"]
    options = " ".join(spelling for each in command.options for spelling in each.spellings)
    lines.append(f'            options="{options}"')
    if words:
        lines.append(f'            words="{words}"')
    if values := [*_values(command)]:
        lines += ["            case $previous in", *values, "            esac"]
    return "\n".join([*lines, "            ;;", ""])


def _values(command: Words) -> Iterator[str]:
    for each in command.options:
        if each.choices:
            yield f'                {"|".join(each.spellings)}) words="{" ".join(each.choices)}" ;;'
