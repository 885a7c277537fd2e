"""Documents of each format, and damaged ones: those of the snapshots, in another order."""

from functools import cache
from pathlib import Path

from hypothesis import strategies as st

from ctxtools.chunking.formats import MODULES
from ctxtools.chunking.formats.code.languages import GRAMMARS
from ctxtools.documents.filetypes import FORMATS, file_type

_FOLDER = Path(__file__).parents[1] / "snapshots"

RULED = {format for format, module in MODULES.items() if module == "code"} - {*GRAMMARS}
"""The languages that share a rule, and are parsed in a child process."""

TRIED = [each for each in FORMATS if each not in RULED - {"bash", "csharp", "dockerfile", "ruby"}]
"""The formats that any text is tried in."""


@cache
def samples(format: str) -> list[str]:
    """The documents of a format; none if no snapshot is of it."""
    paths = sorted(path for path in _FOLDER.iterdir() if path.suffix != ".chunks")
    named = [path for path in paths if file_type(path.name).format == format]
    return [path.read_text(encoding="utf-8") for path in named]


def damaged(format: str) -> st.SearchStrategy[str]:
    """Documents whose lines are missing, doubled, in another order, or have other characters."""
    found = samples(format)
    lines = [line for text in found for line in text.splitlines(keepends=True)]
    words = sorted({word for line in lines for word in line.split()})
    if not found:
        return st.nothing()
    slices = st.tuples(st.integers(0, len(lines)), st.integers(1, 12)).map(
        lambda span: "".join(lines[span[0] : span[0] + span[1]])
    )
    cuts = st.tuples(st.sampled_from(found), st.integers(0, 3000), st.integers(0, 400)).map(
        lambda cut: cut[0][: cut[1]] + cut[0][cut[1] + cut[2] :]
    )
    pieces = st.sampled_from(lines) | st.sampled_from(words) | st.sampled_from(" \t\n\r\f")
    mixed = st.lists(pieces, max_size=25).map("".join)
    other_breaks = cuts.map(lambda text: text.replace("\n", "\r\n"))
    return slices | cuts | mixed | other_breaks
