"""Finding added tokens in a text, by the rules of ``tokenizers``.

Those are its ``AddedVocabulary``'s (tokenizers/src/tokenizer/added_vocabulary.rs, version 0.23.3):

- of the spellings at the first position that has one, the longest is taken, and the search goes on
  after it, also where it is then discarded as no word of its own;
- what ``lstrip`` and ``rstrip`` take goes to no other text, and is searched all the same: a token
  may start with white space that another one took.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import groupby
from typing import Any

from ctxtools.encodings.files.patterns import WHITE_SPACE

_MAX_DEPTH = 50  # of a pattern in another: the compiler of patterns is recursive

_IS_WORD = re.compile("[A-Za-z0-9_]")


@dataclass(frozen=True, slots=True)
class AddedToken:
    """A token that is found in a text by its spelling.

    Attributes:
        spelling: what is looked for; not empty.
        id: its id.
        decoded: the bytes that it is decoded to.
        normalized: whether it is looked for in what is between the tokens that are not, after that
            was normalised.
        single_word: whether it is found only where no character of a word is next to it.
        lstrip, rstrip: whether it takes the white space before it, and after it.
    """

    spelling: str
    id: int
    decoded: bytes
    normalized: bool = False
    single_word: bool = False
    lstrip: bool = False
    rstrip: bool = False


class Finder:
    """Splits a text at the spellings of some tokens.

    Args:
        tokens: no two with the same spelling.
    """

    def __init__(self, tokens: Iterable[AddedToken]) -> None:
        self._tokens = {token.spelling: token for token in tokens}

    def __bool__(self) -> bool:
        return bool(self._tokens)

    @cached_property
    def _spellings(self) -> re.Pattern[str]:
        return re.compile(longest_match(dict.fromkeys(self._tokens, "")))

    @cached_property
    def _spans(self) -> re.Pattern[str] | None:
        """Matches all that a token takes, or None: that is more than a pattern can say."""
        tokens = self._tokens.values()
        if any(token.single_word or token.lstrip for token in tokens):
            return None
        stripping = any(token.rstrip for token in tokens)
        if stripping and any(token.spelling[0] in WHITE_SPACE_CHARACTERS for token in tokens):
            return None
        return re.compile(
            longest_match({t.spelling: _SPACES.pattern if t.rstrip else "" for t in tokens})
        )

    @cached_property
    def longest(self) -> int:
        """The length of the longest spelling, in characters."""
        return max(map(len, self._tokens), default=0)

    def is_in(self, text: str) -> bool:
        """Whether a text has any of the spellings."""
        return bool(self._tokens) and self._spellings.search(text) is not None

    def texts(self, text: str) -> tuple[list[str], int]:
        """The texts between the tokens, without empty ones, and the number of tokens."""
        if not self._tokens:
            return [text] if text else [], 0
        if self._spans:
            texts = self._spans.split(text)
            return [*filter(None, texts)], len(texts) - 1
        segments = [*self.split(text)]
        texts = [segment for segment in segments if isinstance(segment, str)]
        return texts, len(segments) - len(texts)

    def split(self, text: str) -> Iterator[str | int]:
        """The texts between the tokens, without empty ones, and the ids of the tokens, in order."""
        done = spaces_end = 0  # what goes to no text; white space up to where it is known
        for match in self._spellings.finditer(text) if self._tokens else ():
            token, (start, end) = self._tokens[match[0]], match.span()
            if token.single_word and not _is_single_word(text, start, end):
                continue
            if token.lstrip:
                start = done + len(text[done:start].rstrip(WHITE_SPACE_CHARACTERS))
            if token.rstrip:
                # Found once for all tokens that start in it, which keeps the time linear.
                if end >= spaces_end:
                    spaces_end = _SPACES.match(text, end).end()  # type: ignore[union-attr]
                end = spaces_end
            if done < start:
                yield text[done:start]
            yield token.id
            done = end
        if done < len(text):
            yield text[done:] if done else text


def longest_match(spellings: Mapping[str, str]) -> str:
    """A pattern (Python's) for any of several spellings, the longest of those at one position.

    Spellings that start alike are tried together, so that a thousand take little longer than one.

    Args:
        spellings: spelling -> a pattern for what follows it.
    """
    return _any_of(sorted(spellings.items()), _MAX_DEPTH)


def _any_of(spellings: list[tuple[str, str]], depth: int) -> str:
    (first, following), (last, _) = spellings[0], spellings[-1]
    if first == last:
        return re.escape(first) + following
    n = _common(first, last)
    others = [(spelling[n:], following) for spelling, following in spellings]
    if depth:
        longer = groupby((each for each in others if each[0]), lambda each: each[0][0])
        branches = [_any_of([*group], depth - 1) for _, group in longer]
        branches += [following] if not others[0][0] else []
    else:
        others.sort(key=lambda each: len(each[0]), reverse=True)
        branches = [re.escape(spelling) + following for spelling, following in others]
    return f"{re.escape(first[:n])}(?:{'|'.join(branches)})"


def max_steps(spellings: Iterable[str]) -> int:
    """How many steps, at most, that pattern takes at one position of a text."""
    ordered = sorted(set(spellings))
    return _steps(ordered, _MAX_DEPTH) if ordered else 0


def _steps(spellings: list[str], depth: int) -> int:
    first, last = spellings[0], spellings[-1]
    if first == last:
        return len(first)
    n = _common(first, last)
    others = [spelling[n:] for spelling in spellings]
    if not depth:
        return n + sum(map(len, others)) + len(others)
    longer = [[*group] for _, group in groupby(filter(None, others), lambda each: each[0])]
    return n + len(longer) + max(_steps(group, depth - 1) for group in longer)


def _common(first: str, last: str) -> int:
    """The length of what two spellings start with alike."""
    pairs = enumerate(zip(first, last, strict=False))
    return next((i for i, (a, b) in pairs if a != b), len(first))


def _is_single_word(text: str, start: int, end: int) -> bool:
    before, after = text[start - 1 : start], text[end : end + 1]
    return not (before and _is_word(before)) and not (after and _is_word(after))


def _is_word(character: str) -> bool:
    """Whether a character is of a word to ``tokenizers``, by its own tables."""
    return bool(_IS_WORD.match(character)) if character.isascii() else _is_word_to_it(character)


@cache
def _is_word_to_it(character: str) -> bool:
    if "\ud800" <= character <= "\udfff":
        return False  # U+FFFD, as which it is counted
    return not _word_probe().encode(character + "a").ids


@cache
def _word_probe() -> Any:
    """A tokenizer that finds "a" where it is a word of its own, and nothing else."""
    from tokenizers import AddedToken as Token
    from tokenizers import Tokenizer, models

    tokenizer = Tokenizer(models.BPE())
    tokenizer.add_tokens([Token("a", single_word=True, normalized=False)])
    return tokenizer


WHITE_SPACE_CHARACTERS = "".join(re.findall(f"[{WHITE_SPACE}]", "".join(map(chr, range(0x3001)))))
_SPACES = re.compile(f"[{WHITE_SPACE}]*")
