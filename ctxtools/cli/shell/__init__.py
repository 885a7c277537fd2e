"""Files for shells, made from what the commands declare: manual pages and completions.

A wheel has them in ``share/`` (`setup.py`), where man, bash, zsh and fish find those of the prefix
that it is installed into. The completions are plain lists: no Python starts when Tab is pressed.
``python -m ctxtools.cli.shell FOLDER`` writes them elsewhere, such as ``~/.local/share``.

Needs nothing but the standard library, since packages are built without what they depend on.

    words.py    what a command declares, as a shell sees it
    manual.py   manual pages
    bash.py  zsh.py  fish.py    completions
"""

from pathlib import Path

from ctxtools.cli.shell import bash, fish, zsh
from ctxtools.cli.shell.manual import manual_pages
from ctxtools.cli.shell.words import all_commands


def shell_files() -> dict[str, str]:
    """Contents by path below ``share/``, with slashes."""
    commands = all_commands()
    pages = {f"man/man1/{name}.1": page for name, page in manual_pages(commands).items()}
    return pages | {
        "bash-completion/completions/ctx": bash.completion(commands),
        "zsh/site-functions/_ctx": zsh.completion(commands),
        "fish/vendor_completions.d/ctx.fish": fish.completion(commands),
    }


def write_shell_files(folder: Path) -> list[str]:
    """Write the files below a folder, and return their paths in it."""
    files = shell_files()
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8", newline="\n")
    return list(files)
