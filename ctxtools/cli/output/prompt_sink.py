"""Where ``ctx pack`` writes: stdout, files or the clipboard; nothing before everything is ready."""

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from ctxtools.atomic import atomic_write
from ctxtools.cli.output.clipboard import copy
from ctxtools.cli.output.console import json_text, print_json
from ctxtools.cli.output.files import check_output, is_same_file
from ctxtools.errors import UsageError
from ctxtools.packing import Pack


@dataclass(frozen=True, slots=True)
class Destination:
    """Where the text and the figures go.

    Attributes:
        output: a file; None and "-" are stdout.
        stats: a file for the figures.
        clipboard: the command that takes the text.
        as_json: the figures go to stdout, with the text if that goes nowhere else.
        html: a file for the page.

    Raises:
        UsageError: two of them cannot be used together.
    """

    output: str | None
    stats: str | None
    clipboard: list[str] | None
    as_json: bool
    html: str | None = None

    def __post_init__(self) -> None:
        if self.clipboard and self.file:
            raise UsageError("--copy and --output cannot be used together")
        options = {"--output": self.file, "--stats": self.stats, "--html": self.html}
        named = [(option, path) for option, path in options.items() if path]
        for (one, path), (other, second) in combinations(named, 2):
            if is_same_file(path, second):
                raise UsageError(f"{one} and {other} name the same file")

    @property
    def file(self) -> str | None:
        return None if self.output == "-" else self.output

    @property
    def files(self) -> list[str]:
        """The files that will be written, which are not input."""
        return [path for path in (self.file, self.stats, self.html) if path is not None]


def write_packs(
    packs: Sequence[Pack],
    figures: Callable[[], dict[str, Any]],
    destination: Destination,
    *,
    page: Callable[[], str],
    dry_run: bool,
) -> None:
    """Write everything, each file completely or not at all, and all of them or none.

    Args:
        packs: one, or one for each part.
        figures: makes the figures.
        destination: where to.
        page: makes the page.
        dry_run: write the page alone.

    Raises:
        UsageError: there are several parts but no file for them, or one has the name of another
            output; or the clipboard failed.
        OSError: a file could not be written.
    """
    facts = figures() if destination.stats or destination.as_json else {}
    contents: dict[str, bytes] = {}
    if destination.html:
        contents[destination.html] = page().encode()
    if dry_run:
        _write_files(contents)
        if destination.as_json:
            print_json(facts)
        return
    if len(packs) > 1 and not destination.file and not destination.as_json:
        raise UsageError(
            f"{len(packs)} parts cannot go to one stdout",
            hint="name a file with -o: pack.xml gives pack.1-of-3.xml and so on",
        )
    if destination.file:
        for number, each in enumerate(packs, 1):
            name = part_name(destination.file, number, len(packs))
            if name != destination.file:
                check_output(name)  # the name of a part, which nobody has seen
                others = filter(None, (destination.stats, destination.html))
                if any(is_same_file(name, other) for other in others):
                    raise UsageError(f"a part of --output and another file are both {name}")
            contents[name] = each.text.encode()
    if destination.stats:
        contents[destination.stats] = f"{json_text(facts, indent=2)}\n".encode()
    _write_files(contents)
    if destination.clipboard:
        copy(destination.clipboard, packs[0].text)
    if destination.as_json:
        if not destination.file and not destination.clipboard:
            facts = _with_text(packs, facts)
        print_json(facts)
    elif not destination.file and not destination.clipboard:
        sys.stdout.buffer.write(packs[0].text.encode())


def _write_files(contents: Mapping[str, bytes]) -> None:
    with ExitStack() as stack:
        for name, content in contents.items():
            file = stack.enter_context(atomic_write(name, "wb"))
            file.write(content)
            file.flush()  # a full disk is found before any of them replaces an old file


def part_name(path: str, number: int, of: int) -> str:
    """The file of one part, ``pack.2-of-5.xml``; for a single part, the name itself."""
    if of == 1:
        return path
    stem, suffix = os.path.splitext(path)
    return f"{stem}.{number:0{len(str(of))}}-of-{of}{suffix}"


def _with_text(packs: Sequence[Pack], facts: Mapping[str, Any]) -> dict[str, Any]:
    if len(packs) == 1:
        return {**facts, "text": packs[0].text}
    parts = [{**part, "text": pack.text} for part, pack in zip(facts["parts"], packs, strict=True)]
    return {**facts, "parts": parts}
