"""How good a place is to cut a text at, by the characters around it alone.

The kernel's ``boundaries.rs`` is the same in Rust; a property test holds the two together. Each
question looks at a bounded number of characters, but for a run of white space.
"""

from functools import cache
from typing import Any

from ctxtools._core.types import Strength

# A sentence ends with one of these, closing marks, and white space ...
_STOPS = frozenset(".!?…‼⁇⁈⁉։؟۔।॥။።។")
# ... or, in scripts that put no space between sentences, with one of these and closing marks.
_WIDE_STOPS = frozenset("。！？｡．…")
_WIDE_CLOSERS = frozenset("”’»›)]}）］｝」』】》〉〕〗〙｣｠")
_CLOSERS = _WIDE_CLOSERS | frozenset("\"'“‹«*_`")
_MARKS = _STOPS | _WIDE_STOPS | _CLOSERS
_MOST_CLOSERS = 8  # more of them is no end of a sentence
_FIRST_WIDE = "\u2e80"  # where the scripts of China and Japan begin

_SPACE = frozenset(
    map(chr, [*range(9, 14), 0x20, 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029])
) | frozenset("\u202f\u205f\u3000")

# Words whose stop rarely ends a sentence, for what follows belongs to them.
_TITLES = ("Mr", "Mrs", "Ms", "Dr", "Prof", "Rev", "Hon", "St", "Sr", "Jr")
_RANKS = ("Gen", "Gov", "Sen", "Rep", "Capt", "Lt", "Col", "Sgt")
_REFERENCES = ("Fig", "Figs", "Eq", "Eqs", "Mt", "vs", "cf", "viz", "al", "ca")
_ABBREVIATIONS = frozenset((*_TITLES, *_RANKS, *_REFERENCES))
_LONGEST_WORD = 5  # characters of an abbreviation or a number of a list
_MOST_INDENT = 8  # characters before a number of a list


def strength_at(text: str, at: int) -> Strength:
    """How good ``at`` is, ``0 < at <= len(text)``, whether or not it is in a grapheme cluster."""
    last, after = text[at - 1], text[at : at + 1]
    if last in "\r\n":
        return _line_strength(text, at, after)
    blank = not after or after in _SPACE
    if last in _MARKS and _ends_sentence(text, at, after, spaced=blank):
        # The line break that follows goes with the line that it ends.
        return Strength.WORD if blank and _breaks_line(text, at) else Strength.SENTENCE
    return Strength.WORD if blank or last in _SPACE else Strength.NONE


def wide_ends(text: str, start: int, end: int) -> list[int]:
    """The ends of sentences that need no space behind, in ``start < place < end``."""
    low = max(0, start - _MOST_CLOSERS - 1)
    found = (match.end() for match in _wide_pattern().finditer(text, low, end))
    return [at for at in found if start < at < end and strength_at(text, at) == Strength.SENTENCE]


def _line_strength(text: str, at: int, after: str) -> Strength:
    if after and after in "\r\n":
        # Line breaks stay together, and the two characters of one are not parted.
        return Strength.NONE if text[at - 1] + after == "\r\n" else Strength.WORD
    if _heads(text, at):
        return Strength.SECTION
    breaks, i = 0, at
    while i and text[i - 1] in _SPACE:
        i -= 1
        if text[i] == "\n" or (text[i] == "\r" and text[i + 1 : i + 2] != "\n"):
            breaks += 1
            if breaks == 2:
                return Strength.PARAGRAPH
    ended = i > 0 and _ends_sentence(text, i, "", spaced=True)
    return Strength.SENTENCE if ended else Strength.LINE


def _heads(text: str, at: int) -> bool:
    """Whether a Markdown heading (``# `` to ``###### ``) starts here."""
    start = text[at : at + 7]
    level = len(start) - len(start.lstrip("#"))
    return 1 <= level <= 6 and text[at + level : at + level + 1] in (" ", "\t")


def _ends_sentence(text: str, at: int, after: str, *, spaced: bool) -> bool:
    """Whether a sentence ends right before ``at``, with white space behind or without."""
    closers, i = _CLOSERS if spaced else _WIDE_CLOSERS, at
    while i and at - i < _MOST_CLOSERS and text[i - 1] in closers:
        i -= 1
    if not i:
        return False
    stop = text[i - 1]
    if spaced and (stop in _STOPS or stop in _WIDE_STOPS):
        return stop != "." or not _abbreviates(text, i - 1)
    if spaced or stop not in _WIDE_STOPS or after in _MARKS:
        return False
    if stop == "…":
        return after >= _FIRST_WIDE
    return stop != "．" or not ("0" <= after <= "9" or "０" <= after <= "９")


def _abbreviates(text: str, stop: int) -> bool:
    """Whether the stop at ``stop`` belongs to an initial, an abbreviation or a list's number."""
    start = stop
    while start and stop - start <= _LONGEST_WORD and _is_word(text[start - 1]):
        start -= 1
    word, before = text[start:stop], text[start - 1 : start]
    if not word or len(word) > _LONGEST_WORD or before >= "\x80":
        return False
    if word.isdigit():
        return _starts_line(text, start)
    if len(word) == 1:
        return before == "." or ("A" <= word <= "Z" and word != "I")
    return word in _ABBREVIATIONS


def _is_word(character: str) -> bool:
    return character < "\x80" and character.isalnum()


def _starts_line(text: str, at: int) -> bool:
    start = at
    while start and at - start < _MOST_INDENT and text[start - 1] in " \t":
        start -= 1
    return not start or text[start - 1] in "\r\n"


def _breaks_line(text: str, at: int) -> bool:
    """Whether the white space from ``at`` on has a line break."""
    while at < len(text) and text[at] in _SPACE:
        if text[at] in "\r\n":
            return True
        at += 1
    return False


# Grapheme clusters (UAX #29)

# Characters between two of which there is always a boundary, but for "\r\n": no marks, joiners,
# flags or parts of Hangul syllables.
_PLAIN = (
    "\x00-\u02ff\u0370-\u0482\u048a-\u058f\u2010-\u2027\u2030-\u205f"
    "\u3000-\u3029\u3041-\u3096\u30a0-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uff00-\uff9d"
)
_FLAG = "\U0001f1e6-\U0001f1ff"


def cluster_insides(text: str) -> bytearray | None:
    """A byte for each place of a text, 1 in a grapheme cluster; None where no place is in one.

    ``\\X`` takes time quadratic in a row of flags, so they are paired apart.
    """
    tools = _cluster_tools()
    found: bytearray | None = None
    for match in tools.special.finditer(text):
        # One more character on each side, which may belong to the cluster.
        start = max(0, match.start() - 1)
        # To any neighbour but another one, the half of a flag is as any letter.
        stretch = tools.flags.sub(lambda run: "x" * len(run[0]), text[start : match.end() + 1])
        for cluster in tools.cluster.finditer(stretch):
            length = cluster.end() - cluster.start()
            if length > 1:
                found = found or bytearray(len(text) + 1)
                begin = start + cluster.start() + 1
                found[begin : begin + length - 1] = b"\x01" * (length - 1)
        for run in tools.flags.finditer(text, match.start(), match.end()):
            inside = range(run.start() + 1, run.end(), 2)
            if inside:
                found = found or bytearray(len(text) + 1)
                found[inside.start : inside.stop : 2] = b"\x01" * len(inside)
    return found


class _ClusterTools:
    """The compiled patterns. ``regex``, which tiktoken needs, is imported when they are used."""

    def __init__(self) -> None:
        import re

        import regex

        self.cluster: Any = regex.compile(r"\X")
        self.special = re.compile(f"[^{_PLAIN}]+|\r\n")
        self.flags = re.compile(f"[{_FLAG}]+")


@cache
def _cluster_tools() -> _ClusterTools:
    return _ClusterTools()


@cache
def _wide_pattern() -> Any:
    import re

    def members(characters: frozenset[str]) -> str:
        return f"[{re.escape(''.join(sorted(characters)))}]"

    return re.compile(
        f"{members(_WIDE_STOPS)}{members(_WIDE_CLOSERS)}{{0,{_MOST_CLOSERS}}}"
        f"(?!{members(_MARKS)})(?=.)",
        re.DOTALL,
    )
