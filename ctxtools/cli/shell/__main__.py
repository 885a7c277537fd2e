"""``python -m ctxtools.cli.shell FOLDER`` writes the files below a folder."""

import sys
from pathlib import Path

from ctxtools.cli.shell import write_shell_files
from ctxtools.errors import os_reason


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or arguments[0].startswith("-"):
        print("usage: python -m ctxtools.cli.shell FOLDER", file=sys.stderr)
        return 2
    try:
        names = write_shell_files(Path(arguments[0]).expanduser())
    except OSError as error:
        print(f"error: {error.filename}: {os_reason(error)}", file=sys.stderr)
        return 2
    print(f"{len(names)} files in {arguments[0]}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
