"""The clipboard, through what the system has for it."""

import shutil
import subprocess

from ctxtools.errors import UsageError

_COMMANDS = (
    ["pbcopy"],
    ["wl-copy"],
    ["xclip", "-selection", "clipboard"],
    ["xsel", "--clipboard", "--input"],
    ["clip.exe"],
    ["clip"],
)


def clipboard_command() -> list[str]:
    """The command that takes a text for the clipboard on its stdin.

    Raises:
        UsageError: there is none.
    """
    for command in _COMMANDS:
        if shutil.which(command[0]):
            return command
    names = ", ".join(command[0] for command in _COMMANDS[:-1])
    raise UsageError("there is no command for the clipboard", hint=f"install one of {names}")


def copy(command: list[str], text: str) -> None:
    """Put a text on the clipboard.

    Raises:
        UsageError: the command failed.
    """
    # clip.exe reads UTF-16; the others take bytes as they are.
    data = text.encode("utf-16" if command[0].startswith("clip") else "utf-8", "replace")
    try:
        # Its stdout is not waited for: wl-copy and xclip stay in the background and keep it.
        subprocess.run(command, input=data, stdout=subprocess.DEVNULL, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise UsageError(f"{command[0]} could not take the text: {error}") from None
