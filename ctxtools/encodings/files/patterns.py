r"""The split patterns: how each family of tokenizers parts a text into pretokens.

A pattern is a regular expression in the dialect of Rust's ``fancy-regex``, which tiktoken uses.
Beside it stands what is known of it, so that a long text can be counted in pieces.

*Cuts* are places where both sides have, on their own, the tokens that they have together: a
boundary in the whole text, before which no match changes when the text ends there. (After it none
does, since no pattern looks behind.) Those named here are safe in every family, because

- after a character that is not white space no match takes a space or a tab, and ``(?!\S)`` is
  tried after white space only;
- no match has a digit after a letter, a letter after a digit, or punctuation after either, the
  apostrophe of "it's" excepted;
- no match has a letter after a line break, and white space up to a line break is matched alike
  whatever follows; but not in r50k, where ``\s+(?!\S)`` takes line breaks too.

Only characters are named whose class no version of Unicode has changed.

*Runs* are stretches of one class that a pattern matches with a look-ahead behind them, as
``\s+(?!\S)``. A backtracking engine keeps a stack entry for each character of such a match, and
fails at a million of them, so tiktoken.py takes long runs out of the text before the engine.
"""

import re
from types import MappingProxyType
from typing import Final, NamedTuple

from ctxtools.errors import UsageError

# Unicode's White_Space: what \s means in these patterns. Python's \s has U+001C to U+001F too.
WHITE_SPACE: Final = "\t\n\v\f\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"

_LETTER = "A-Za-z\u0410-\u044f\u3041-\u3096\u30a1-\u30fa\u4e00-\u9fa5\uac00-\ud7a3"
_PUNCTUATION = r'",;:)(}{><=&|#\]\[' "\u3001\u3002\uff0c"  # every kind but the apostrophe will do
_CUTS = (
    rf"(?<=[^{WHITE_SPACE}])(?=[ \t])"
    rf"|(?<=[A-Za-z])(?=[0-9])|(?<=[0-9])(?=[A-Za-z])"
    rf"|(?<=[{_LETTER}0-9])(?=[{_PUNCTUATION}])"
)
BEFORE_BLANK: Final = re.compile(rf"(?<=[^{WHITE_SPACE}])(?=[ \t])")
"""Cuts that are safe in every family, and in no token whose spelling has none of them."""

_LINE_CUTS = rf"|(?<=[\r\n])(?=[{_LETTER}])"


class Run(NamedTuple):
    """A class of characters of which any number, together, is one pretoken.

    Attributes:
        members: the class, as a regular expression.
        gives_last_to: a character of this class behind the run takes the run's last character
            out of it; the run before that is a pretoken all the same.
        joined_by: a character of this class behind the run makes it part of another match; none
            does by default.
    """

    members: str
    gives_last_to: str
    joined_by: str = r"[^\s\S]"


class SplitPattern(NamedTuple):
    """A family's split pattern and what is known of it.

    Attributes:
        name: the family, as ``load_encoding(path, pattern=name)`` takes it.
        regex: the pattern. Every character of any text is in one of its matches.
        cuts: a regular expression (Python's) that matches, with no characters, at places where a
            text may be cut.
        runs: what can be of any length before a look-ahead.
    """

    name: str
    regex: str
    cuts: str
    runs: tuple[Run, ...]

    def next_cut(self, text: str, start: int) -> int | None:
        """The first place at or after ``start`` (in characters) where the text may be cut."""
        # Compiled when it is first used, by `re`, which keeps it: the kernel seldom asks.
        match = re.compile(self.cuts).search(text, start)
        return match.start() if match else None


def next_blank(text: str, start: int) -> int | None:
    """The first cut at or after ``start`` (in characters) that is safe in every family, and beside
    tokens that are found by their spelling."""
    match = BEFORE_BLANK.search(text, start)
    return match.start() if match else None


def _pattern(name: str, *alternatives: str) -> SplitPattern:
    """A family of the usual kind, in which line breaks are apart from other white space."""
    return SplitPattern(
        name,
        "|".join(alternatives),
        _CUTS + _LINE_CUTS,
        (Run(r"[^\S\r\n]", gives_last_to=r"\S", joined_by=r"[\r\n]"),),
    )


_SUFFIX = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)"
_SPACES = (r"\s*[\r\n]+", r"\s+(?!\S)", r"\s+")


def _cased(prefix: str, letters: str, suffix: str) -> tuple[str, str]:
    """Words of the o200k kind: (capitals, then small letters), or capitals alone.

    Args:
        prefix: what one character before the word may be.
        letters: what to take from the two classes of letters, as a set operation.
        suffix: what may follow the word.
    """
    upper = rf"[\p{{Lu}}\p{{Lt}}\p{{Lm}}\p{{Lo}}\p{{M}}{letters}]"
    lower = rf"[\p{{Ll}}\p{{Lm}}\p{{Lo}}\p{{M}}{letters}]"
    return (f"{prefix}?{upper}*{lower}+{suffix}", f"{prefix}?{upper}+{lower}*{suffix}")


def _r50k() -> SplitPattern:
    return SplitPattern(
        "r50k",
        r"'(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s",
        _CUTS,
        (Run(r"\s", gives_last_to=r"\S"),),
    )


def _deepseek() -> SplitPattern:
    """The three splits of DeepSeek in one pattern.

    ``tokenizers`` splits at numbers, then what is left at runs of Chinese and Japanese, then
    what is left by the third pattern, which takes the ends of what it is given for the ends of
    the text. So here its classes leave out what the first two took, and its look-ahead stops
    there. Characters that no alternative matches stay together, up to the next match.
    """
    cjk = "一-龥\u3040-ゟ゠-ヿ"
    word = rf"[\p{{L}}\p{{M}}&&[^{cjk}]]"
    other = rf"[^\s\p{{L}}\p{{M}}\p{{N}}\p{{P}}\p{{S}}{cjk}]"
    follower = rf"[^\s\p{{N}}{cjk}]"
    return SplitPattern(
        "deepseek",
        "|".join(
            (
                r"\p{N}{1,3}",
                f"[{cjk}]+",
                r"[!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+",
                rf"[^\r\n\p{{L}}\p{{N}}\p{{P}}\p{{S}}{cjk}]?{word}+",
                rf" ?[\p{{P}}\p{{S}}&&[^{cjk}]]+[\r\n]*",
                r"\s*[\r\n]+",
                rf"\s+(?!{follower})",
                r"\s+",
                rf"{other}+(?!{word})",
                other,
            )
        ),
        _CUTS + _LINE_CUTS,
        (
            Run(r"[^\S\r\n]", gives_last_to=follower, joined_by=r"[\r\n]"),
            Run(other, gives_last_to=word),
        ),
    )


def _families() -> tuple[SplitPattern, ...]:
    """Every family. Sources: tiktoken's openai_public.py, and each model's own tokenizer file."""
    prefix = r"[^\r\n\p{L}\p{N}]"
    punctuation = r" ?[^\s\p{L}\p{N}]+[\r\n]*"
    return (
        _r50k(),
        _pattern(
            "cl100k",
            r"'(?i:[sdmt]|ll|ve|re)",
            r"[^\r\n\p{L}\p{N}]?+\p{L}++",
            r"\p{N}{1,3}+",
            r" ?[^\s\p{L}\p{N}]++[\r\n]*+",
            r"\s++$",
            r"\s*[\r\n]",
            r"\s+(?!\S)",
            r"\s",
        ),
        _pattern("llama3", _SUFFIX, rf"{prefix}?\p{{L}}+", r"\p{N}{1,3}", punctuation, *_SPACES),
        _pattern("qwen2", _SUFFIX, rf"{prefix}?\p{{L}}+", r"\p{N}", punctuation, *_SPACES),
        _pattern(
            "qwen35",
            _SUFFIX,
            rf"{prefix}?[\p{{L}}\p{{M}}]+",
            r"\p{N}",
            r" ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*",
            *_SPACES,
        ),
        _pattern(
            "o200k",
            *_cased(prefix, "", f"{_SUFFIX}?"),
            r"\p{N}{1,3}",
            r" ?[^\s\p{L}\p{N}]+[\r\n/]*",
            *_SPACES,
        ),
        _pattern(
            "tekken",
            *_cased(prefix, "", ""),
            r"\p{N}",
            r" ?[^\s\p{L}\p{N}]+[\r\n/]*",
            *_SPACES,
        ),
        _pattern(
            "kimi",
            r"[\p{Han}]+",
            *_cased(prefix, r"&&[^\p{Han}]", f"{_SUFFIX}?"),
            r"\p{N}{1,3}",
            punctuation,
            *_SPACES,
        ),
        _deepseek(),
    )


SPLIT_PATTERNS: Final = MappingProxyType({pattern.name: pattern for pattern in _families()})


def get_pattern(name: str) -> SplitPattern:
    """The split pattern of a family.

    Raises:
        UsageError: there is none of that name.
    """
    try:
        return SPLIT_PATTERNS[name]
    except KeyError:
        raise UsageError(
            f"there is no split pattern named {name!r}",
            hint=f"the patterns are {', '.join(SPLIT_PATTERNS)}",
        ) from None
