"""The clipboard, through a command of the system."""

import os

from ctxtools.errors import UsageError
from ctxtools.programs import find_program, program_environment

_COMMANDS = (
    ["pbcopy"],
    ["wl-copy"],
    ["xclip", "-selection", "clipboard"],
    ["xsel", "--clipboard", "--input"],
    ["clip.exe"],
    ["clip"],
)


def clipboard_command() -> list[str]:
    """The command that copies its stdin to the clipboard.

    Raises:
        UsageError: none is installed.
    """
    for command in _COMMANDS:
        if program := find_program(command[0]):
            return [program, *command[1:]]
    names = ", ".join(command[0] for command in _COMMANDS[:-1])
    raise UsageError("no command for the clipboard was found", hint=f"install one of {names}")


def copy(command: list[str], text: str) -> None:
    """Copy a text to the clipboard.

    Raises:
        UsageError: the command failed.
    """
    import subprocess

    name = os.path.basename(command[0])
    # clip.exe reads UTF-16; the others copy bytes unchanged.
    data = text.encode("utf-16" if name.startswith("clip") else "utf-8", "replace")
    try:
        # Its stdout is not read: wl-copy and xclip stay in the background and keep it open.
        subprocess.run(
            command,
            input=data,
            stdout=subprocess.DEVNULL,
            env=program_environment(),
            check=True,
        )
    except (OSError, subprocess.CalledProcessError) as error:
        raise UsageError(f"{name} failed to copy the text: {error}") from None
