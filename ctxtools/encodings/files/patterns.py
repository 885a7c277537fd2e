r"""The split patterns: how each family of tokenizers splits a text into pretokens.

Everything that is known of a family is here: its pattern, how a ``tokenizer.json`` spells it,
which files of ranks are of it, whether its models normalise to NFC, and where splits
are safe. The kernel has the same families under the same names, as parameters of its scanner
(``kernel/src/split/pattern.rs``); a test compares the two.

A pattern is a regular expression in the dialect of Rust's ``fancy-regex``, which tiktoken uses.

*Safe splits* are offsets where the text on each side has, on its own, the tokens that it has in the
whole text: boundaries in the whole text before which no match changes when the text ends there.
(After them none does, since no pattern looks behind.) Those here are safe in every family, because

- after a character that is not white space no match takes a space or a tab, and ``(?!\S)`` is
  tried after white space only;
- no match has a digit after a letter, a letter after a digit, or punctuation after either, the
  apostrophe of "it's" excepted;
- no match has a letter after a line break, and white space up to a line break is matched alike
  whatever follows; but not in r50k, where ``\s+(?!\S)`` takes line breaks too.

Only characters are named whose class no version of Unicode has changed. The kernel's safe
splits (``kernel/src/split/safe_split.rs``) are others: those that bytes tell quickly.

*Runs* are spans of one class that a pattern matches up to a look-ahead, as ``\s+(?!\S)``. A
backtracking engine keeps a stack entry for each character of such a match, and fails at a million
of them, so tiktoken.py takes long runs out of the text before the engine sees it.
"""

import re
from types import MappingProxyType
from typing import Final, NamedTuple

from ctxtools.errors import UsageError

# Unicode's White_Space: what \s means in these patterns. Python's \s has U+001C to U+001F too.
WHITE_SPACE: Final = "\t\n\v\f\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"

_LETTER = "A-Za-z\u0410-\u044f\u3041-\u3096\u30a1-\u30fa\u4e00-\u9fa5\uac00-\ud7a3"
_PUNCTUATION = r'",;:)(}{><=&|#\]\[' "\u3001\u3002\uff0c"  # any but the apostrophe would do
HORIZONTAL_SPACE_SPLITS: Final = rf"(?<=[^{WHITE_SPACE}])(?=[ \t])"
"""Splits before a space or a tab. They are safe in every family, and next to tokens found by their
spelling unless one of these is inside the spelling."""
_SPLITS = (
    rf"{HORIZONTAL_SPACE_SPLITS}"
    rf"|(?<=[A-Za-z])(?=[0-9])|(?<=[0-9])(?=[A-Za-z])"
    rf"|(?<=[{_LETTER}0-9])(?=[{_PUNCTUATION}])"
)
_LINE_SPLITS = rf"|(?<=[\r\n])(?=[{_LETTER}])"


class Run(NamedTuple):
    """A class of characters of which any number, together, is one pretoken.

    Attributes:
        members: the class, as a regular expression.
        shortened_before: the class of following characters that take the last character of the
            run into their own match; what is before that is still a pretoken.
        absorbed_before: the class of following characters that make the run part of another
            match; none does by default.
    """

    members: str
    shortened_before: str
    absorbed_before: str = r"[^\s\S]"


class SplitPattern(NamedTuple):
    """A family's split pattern and what is known of it.

    Attributes:
        name: the family, as ``load_encoding(path, pattern=name)`` and the kernel take it.
        regex: the pattern. Every character of any text is in one of its matches.
        safe_splits: a regular expression (Python's) that matches, with no characters, at them.
        runs: what can be of any length before a look-ahead.
        json_splits: the patterns of the ``Split`` steps that mean the same in a tokenizer.json, in
            order. Its dialect (Oniguruma) is another one. ``()`` is the pattern that ``ByteLevel``
            has built in.
        nfc: whether the models of the family normalise a text to NFC before they split it.
        ignore_merges: whether a pretoken that is a token becomes that token, even if no merges
            create it, as a tokenizer.json calls that.
        ranks: the SHA-256 of the ``.tiktoken`` files that are known to be of the family.
    """

    name: str
    regex: str
    safe_splits: str
    runs: tuple[Run, ...]
    json_splits: tuple[str, ...]
    nfc: bool = False
    ignore_merges: bool = False
    ranks: tuple[str, ...] = ()

    def next_split(self, text: str, start: int) -> int | None:
        """The first safe split at or after ``start`` (an offset in characters)."""
        # Compiled when it is first used, by `re`, which keeps it: the kernel seldom asks.
        match = re.compile(self.safe_splits).search(text, start)
        return match.start() if match else None


def _pattern(
    name: str,
    *alternatives: str,
    nfc: bool = False,
    ignore_merges: bool = False,
    ranks: str = "",
) -> SplitPattern:
    """A family of the usual kind, in which line breaks are apart from other white space.

    Args:
        name, nfc, ignore_merges: see SplitPattern.
        alternatives: the pattern is any of these.
        ranks: the SHA-256 of its file of ranks, where one is known.
    """
    regex = "|".join(alternatives)
    return SplitPattern(
        name,
        regex,
        _SPLITS + _LINE_SPLITS,
        (Run(r"[^\S\r\n]", shortened_before=r"\S", absorbed_before=r"[\r\n]"),),
        json_splits=(_oniguruma(regex),),
        nfc=nfc,
        ignore_merges=ignore_merges,
        ranks=(ranks,) if ranks else (),
    )


def _oniguruma(regex: str) -> str:
    """A pattern in the dialect of Oniguruma, which `tokenizers` uses.

    There ``{1,3}+`` is not possessive but a nested repetition, and ``$`` is the end of a line.
    """
    return regex.replace("{1,3}+", "{1,3}").replace("$", r"\z")


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
        _SPLITS,
        (Run(r"\s", shortened_before=r"\S"),),
        json_splits=(),
        ranks=(
            "306cd27f03c1a714eca7108e03d66b7dc042abe8c258b44c199a7ed9838dd930",  # r50k_base, gpt2
            "94b5ca7dff4d00767bc256fdd1b27e5b17361d7b8a5f968547f9f23eb70d2069",  # p50k_base
        ),
    )


def _deepseek() -> SplitPattern:
    """The three splits of DeepSeek in one pattern.

    ``tokenizers`` splits at numbers, then what is left at runs of Chinese and Japanese, then
    what is left by the third pattern, to which the ends of each of these spans are the ends of the
    text. So here its classes leave out what the first two took, and its look-ahead stops there. A
    run of Chinese and Japanese is split by the third, too: punctuation and letters are apart.
    Characters that no alternative matches stay together, up to the next match.
    """
    cjk = "一-龥\u3040-ゟ゠-ヿ"
    cjk_word = rf"[\p{{L}}\p{{M}}&&[{cjk}]]"
    cjk_other = rf"[{cjk}&&[^\p{{L}}\p{{M}}\p{{P}}\p{{S}}]]"
    word = rf"[\p{{L}}\p{{M}}&&[^{cjk}]]"
    other = rf"[^\s\p{{L}}\p{{M}}\p{{N}}\p{{P}}\p{{S}}{cjk}]"
    follower = rf"[^\s\p{{N}}{cjk}]"
    return SplitPattern(
        "deepseek",
        "|".join(
            (
                r"\p{N}{1,3}",
                rf"{cjk_other}?{cjk_word}+",
                rf"[\p{{P}}\p{{S}}&&[{cjk}]]+",
                rf"{cjk_other}+(?!{cjk_word})",
                cjk_other,
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
        _SPLITS + _LINE_SPLITS,
        (
            Run(r"[^\S\r\n]", shortened_before=follower, absorbed_before=r"[\r\n]"),
            Run(other, shortened_before=word),
            Run(cjk_other, shortened_before=cjk_word),
        ),
        json_splits=(
            r"\p{N}{1,3}",
            f"[{cjk}]+",
            "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+"
            "|[^\r\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+"
            "| ?[\\p{P}\\p{S}]+[\r\n]*|\\s*[\r\n]+|\\s+(?!\\S)|\\s+",
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
            ignore_merges=True,
            ranks="223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7",
        ),
        _pattern("llama3", _SUFFIX, rf"{prefix}?\p{{L}}+", r"\p{N}{1,3}", punctuation, *_SPACES),
        _pattern(
            "qwen2",
            _SUFFIX,
            rf"{prefix}?\p{{L}}+",
            r"\p{N}",
            punctuation,
            *_SPACES,
            nfc=True,
            ranks="b2b1b8dfb5cc5f024bafc373121c6aba3f66f9a5a0269e243470a1de16a33186",
        ),
        _pattern(
            "qwen35",
            _SUFFIX,
            rf"{prefix}?[\p{{L}}\p{{M}}]+",
            r"\p{N}",
            r" ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*",
            *_SPACES,
            nfc=True,
        ),
        _pattern(
            "o200k",
            *_cased(prefix, "", f"{_SUFFIX}?"),
            r"\p{N}{1,3}",
            r" ?[^\s\p{L}\p{N}]+[\r\n/]*",
            *_SPACES,
            ignore_merges=True,
            ranks="446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d",
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
        UsageError: the name is unknown.
    """
    try:
        return SPLIT_PATTERNS[name]
    except KeyError:
        raise UsageError(
            f"unknown split pattern {name!r}",
            hint=f"the patterns are {', '.join(SPLIT_PATTERNS)}",
        ) from None


def pattern_of(regex: str) -> SplitPattern:
    """The split pattern of a regular expression: a family's, or one of which nothing is known.

    Args:
        regex: in the dialect of Rust's ``fancy-regex``. What it does not match has no tokens.
    """
    for pattern in SPLIT_PATTERNS.values():
        if pattern.regex == regex:
            return pattern
    return SplitPattern(regex, regex, r"(?!)", (), json_splits=())
