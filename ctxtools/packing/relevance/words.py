"""The terms of a question: its words, in the spellings that a text may have them in.

A word of a text is a run of letters and digits, or one of the words of an identifier:
``issueRefund`` and ``issue_refund`` have two. Texts are searched for spellings, so that no text is
stemmed: a word of the question stands for all that inflect it or are derived from it, also where
that is no word of English.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import groupby, pairwise
from typing import NamedTuple

from ctxtools._core.word_characters import is_ideograph, lower
from ctxtools.packing.relevance.vocabulary import FORMS, RELATED, STOP_WORDS

MAX_TERMS = 400  # of a question: the first ones
_MAX_WORD = 64  # characters; longer ones are of no language

# Letters, digits, marks, and underscores between them.
_IDENTIFIER = r"[\p{L}\p{N}\p{M}]+(?:_+[\p{L}\p{N}\p{M}]+)*"
_ASCII_IDENTIFIER = re.compile(r"[A-Za-z0-9]+(?:_+[A-Za-z0-9]+)*")
_CASES = re.compile("_+|(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_JOINS = {" ", "-", "/", "."}  # what is between words that may be written as one
_ISE = re.compile("[a-z]{3}i([sz])(?:e[drs]?|ers|ing|ations?)$")
_VOWELS = frozenset("aeiouy")

_IDENTIFIER_WEIGHT = 1.5  # of a whole identifier that the question names
_PAIR_WEIGHT = 0.6  # of two words that follow one another, written as one: file system
_RELATED_WEIGHT = 0.35

# Endings of what a stem stands for; the second make other parts of speech.
_INFLECTIONS = ("", "s", "es", "e", "ed", "ing", "ings", "er", "ers")
_DERIVATIONS = (
    *("or", "ors", "ion", "ions", "able", "ment", "ments", "ation", "ations", "ive", "al"),
    *("ate", "ates", "ated", "ating", "ator", "ators"),
)
_STRIPPED = (
    *("ations", "ation", "ators", "ator", "ating", "ated", "ates", "ate", "ments", "ment"),
    *("ions", "ion", "able", "ings", "ing", "ors", "or", "ers", "er", "ed", "es", "s", "e"),
)
_DOUBLING = ("ed", "ing", "er", "ers")  # some words double their last letter before these
_MIN_STEM = 3  # characters, also of one that an inflection was taken from
_MIN_DERIVED = 5  # the same of a derivation


class Term(NamedTuple):
    """What a question asks for in one word.

    Attributes:
        name: the word as the question has it, in lower case.
        spellings: the words that stand for it.
        weight: a factor of its score: below 1 for what the question may mean.
    """

    name: str
    spellings: frozenset[str]
    weight: float = 1.0

    @property
    def is_asked(self) -> bool:
        """Whether the question has it."""
        return self.weight >= 1


def query_terms(text: str) -> list[Term]:
    """The terms of a question, the first ones first; none where it has stop words alone."""
    found: dict[str, Term] = {}
    taken: set[str] = set()

    def add(name: str, words: Iterable[str], weight: float = 1.0) -> None:
        if name not in taken:
            found[name] = Term(name, frozenset(words), weight)
            taken.update(words)

    known: dict[str, list[str]] = {}  # identifier: its words
    alone: list[tuple[str, int, int]] = []  # words that no identifier has, and their offsets
    for match in _identifiers(text):
        if len(found) >= MAX_TERMS:
            break
        parts = known.get(match.group())
        if parts is None:
            parts = [part for part in _parts(match.group()) if len(part) <= _MAX_WORD]
            known[match.group()] = parts
        if len(parts) > 1 and match.group().isascii():
            for first, second in pairwise(parts):
                add(first + second, [first + second], _IDENTIFIER_WEIGHT)
        for part in parts:
            if part not in taken and not is_stop_word(part):
                add(part, spellings(part))
        if len(parts) == 1 and not is_stop_word(parts[0]):
            alone.append((parts[0], *match.span()))
    for (first, _, end), (second, start, _) in pairwise(alone[:MAX_TERMS]):
        if text[end:start] in _JOINS:
            add(first + second, [first + second, f"{first}{second}s"], _PAIR_WEIGHT)
    for name in [*found]:
        bases = FORMS.get(name, (name,))[0], stem(name)
        for other in next((RELATED[each] for each in (name, *bases) if each in RELATED), ()):
            add(other, spellings(other), _RELATED_WEIGHT)
    return [*found.values()][:MAX_TERMS]


def _identifiers(text: str) -> "Iterator[re.Match[str]]":
    if text.isascii():
        return _ASCII_IDENTIFIER.finditer(text)
    import regex  # 5 ms

    found: Iterator[re.Match[str]] = regex.finditer(_IDENTIFIER, text)
    return found


def _parts(identifier: str) -> Iterator[str]:
    """The words of an identifier in lower case, ideographs in pairs."""
    for part in _CASES.split(identifier):
        for is_pair, characters in groupby(part, is_ideograph):
            word = _lower("".join(characters))
            if not is_pair or len(word) == 1:
                yield word
            else:
                yield from map("".join, pairwise(word))


def _lower(word: str) -> str:
    """In lower case as the scan of texts has it."""
    return "".join(map(lower, word))


def is_stop_word(word: str) -> bool:
    """Whether a word says nothing of what is asked for."""
    return word in STOP_WORDS or (len(word) == 1 and word.isascii())


def spellings(word: str) -> frozenset[str]:
    """The words that stand for one in lower case; itself among them."""
    if forms := FORMS.get(word) or _forms_by_stem().get(stem(word)):
        return frozenset(forms) | _regular(forms[0])
    return _regular(word)


@cache
def _forms_by_stem() -> dict[str, tuple[str, ...]]:
    return {stem(forms[0]): forms for forms in FORMS.values()}


def _regular(word: str) -> frozenset[str]:
    """The same of a word that endings alone inflect."""
    base = stem(word)
    if len(word) == _MIN_STEM and word.isascii() and word.isalpha():
        inflected = (base + ending for base in (word, word + word[-1]) for ending in _DOUBLING)
        return frozenset([word, f"{word}s", *inflected])
    if base == word and not _is_inflected(word):
        return frozenset([word])
    endings = _INFLECTIONS + (_DERIVATIONS if len(base) >= _MIN_DERIVED else ())
    found = {word, *(base + ending for ending in endings)}
    if not word.endswith(("e", "es")) and _doubles(base):
        found |= {base + base[-1] + ending for ending in _DOUBLING}
    if base.endswith("y"):
        found |= {base[:-1] + ending for ending in ("ies", "ied", "ier", "iers")}
    found |= {_other_english(each) for each in found}
    return frozenset(found)


def stem(word: str) -> str:
    """What a word of English has in common with those that inflect it, or derive from it.

    After M. F. Porter, "An algorithm for suffix stripping", Program 14 (1980), with far fewer
    steps: what is taken for two words costs more than what is taken for one.
    """
    if not _is_inflected(word):
        return word
    if word.endswith(("ies", "ied")) and len(word) > 4:
        return f"{word[:-3]}y"
    if word.endswith(("ss", "us", "is")):
        return word
    for ending in _STRIPPED:
        base = word.removesuffix(ending)
        if base == word:
            continue
        min_length = _MIN_STEM if ending in _INFLECTIONS else _MIN_DERIVED - 1
        if len(base) < min_length or not _VOWELS & set(base):
            continue
        if ending in ("ing", "ings", "ed", "er", "ers") and _is_doubled(base):
            return base[:-1]
        return base.removesuffix("e") if ending == "s" and len(base) > _MIN_STEM else base
    return word


def _is_inflected(word: str) -> bool:
    return len(word) > _MIN_STEM and word.isascii() and word.isalpha()


def _is_doubled(base: str) -> bool:
    return len(base) > _MIN_STEM and base[-1] == base[-2] and base[-1] not in "lsz"


def _doubles(base: str) -> bool:
    """Whether an ending doubles the last letter: run, plan."""
    return len(base) <= 6 and base[-1] not in _VOWELS and base[-2] in _VOWELS


def _other_english(word: str) -> str:
    """The same word in American English, or in British English."""
    match = _ISE.search(word)
    if not match:
        return word
    letter = "z" if match.group(1) == "s" else "s"
    return f"{word[: match.start(1)]}{letter}{word[match.end(1) :]}"
