"""Names: which files define what others write, by the words of the texts alone.

A name counts by how few files define it, and more if it looks like one (``read_blocks``,
``TokenIndex``) than if it is a plain word (``close``), which texts have without meaning it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from ctxtools.packing.relevance.graph.sources import Source

_MIN_NAME = 4  # characters; shorter ones are everywhere
_MAX_DEFINERS = 4  # files that define a name; of more, it says nothing of any
_MAX_USERS = 0.2  # of the files: what more of them write is a word of the project
_FEW_USERS = 30  # that are always allowed
_PLAIN = 0.15  # of a plain word against a name

_WORD_BYTES = bytes(
    byte if byte >= 128 or byte == 95 or chr(byte).isalnum() else 32 for byte in range(256)
)
_BEFORE = ("", "\n", " ", "\t", "(", "{", ";")
_NAME = re.compile(r"[^\W\d]\w{0,99}")
_METHOD = re.compile(r"(?:\([^)\n]{0,200}\)[ \t]{0,8})?([^\W\d]\w{0,99})")
_DOTTED = re.compile(r"(?:[^\W\d]\w{0,99}[.:]{1,2})*([^\W\d]\w{0,99})")

# What stands before the name that is defined.
_KEYWORDS: Mapping[str, Sequence[str]] = {
    "python": ("def ", "class "),
    "javascript": ("function ", "class ", "interface ", "type ", "enum ", "export const "),
    "go": ("func ", "type "),
    "rust": ("fn ", "struct ", "enum ", "trait ", "type ", "macro_rules! ", "union "),
    "java": ("class ", "interface ", "enum ", "record ", "object ", "trait ", "fun ", "def "),
    "c": ("struct ", "class ", "enum ", "union ", "#define ", "@interface "),
    "ruby": ("def ", "class ", "module "),
    "elixir": ("def ", "defp ", "defmodule ", "defmacro "),
}
_ANY = (
    "function ", "func ", "fun ", "fn ", "def ", "sub ", "proc ", "class ", "interface ", "struct ",
    "trait ", "protocol ", "enum ", "record ", "type ", "module ", "message ", "contract ",
)  # fmt: skip
_PATTERNS = {"go": _METHOD, "lua": _DOTTED, "elixir": _DOTTED, "ruby": _DOTTED}
# A function of C starts its line, and its parameters are followed by no semicolon.
_C_FUNCTION = re.compile(
    r"^[A-Za-z_][\w \t*&:<>,]{0,120}?([A-Za-z_]\w{2,99})[ \t]?\([^;\n]*$", re.M
)


def words(text: str) -> set[bytes]:
    """The different words of a text, in UTF-8."""
    return set(text.encode("utf-8", "surrogatepass").translate(_WORD_BYTES).split())


def definitions(text: str, family: str) -> set[str]:
    """The names that a text defines, as far as their keywords tell."""
    pattern = _PATTERNS.get(family, _NAME)
    group = pattern.groups
    found: set[str] = set()
    for keyword in _KEYWORDS.get(family, _ANY):
        for before, after in pairwise(text.split(keyword)):
            if before[-1:] in _BEFORE and (match := pattern.match(after)):
                found.add(match[group])
    if family == "c":
        found.update(_C_FUNCTION.findall(text))
    return {name for name in found if len(name) >= _MIN_NAME and not name.startswith("__")}


def weight_of(name: str | bytes) -> float:
    """How much a name counts: a plain word less than what looks like a name."""
    return _PLAIN if name.isalpha() and name.islower() else 1.0


def name_edges(
    sources: Sequence[Source],
) -> Iterator[tuple[int, int, float]]:
    """The files that define what each file writes: (user, definer, weight), each pair once.

    Args:
        sources: files of one family.
    """
    definers: dict[bytes, list[int]] = {}
    for position, source in enumerate(sources):
        for name in sorted(definitions(source.text, source.family)):
            definers.setdefault(name.encode("utf-8", "surrogatepass"), []).append(position)
    known = {name for name, each in definers.items() if len(each) <= _MAX_DEFINERS}
    written = [words(source.text) & known for source in sources]
    users: dict[bytes, int] = {}
    for known_words in written:
        for word in known_words:
            users[word] = users.get(word, 0) + 1
    most = max(_MAX_USERS * len(sources), _FEW_USERS)
    weights = {
        word: weight_of(word) / len(definers[word])
        for word, number in users.items()
        if 1 < number <= most
    }
    for user, names in enumerate(written):
        found: dict[int, float] = {}
        for word in sorted(names & weights.keys()):  # so that the sums are always the same
            for definer in definers[word]:
                if definer != user:
                    found[definer] = found.get(definer, 0.0) + weights[word]
        for definer in sorted(found):
            yield user, definer, found[definer]
