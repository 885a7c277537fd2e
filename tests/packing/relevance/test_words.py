"""The terms of a question, and the spellings that stand for them."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools import _core
from ctxtools.packing.relevance.vocabulary import FORMS
from ctxtools.packing.relevance.words import MAX_TERMS, query_terms, spellings, stem
from tests.strategies import texts


@pytest.mark.parametrize(
    ("word", "others"),
    [
        ("refunds", ["refund", "refunded", "refunding"]),
        ("tries", ["try", "tried", "trying"]),
        ("running", ["run", "runs", "runner"]),
        ("caches", ["cache", "cached", "caching"]),
        ("authentication", ["authenticate", "authenticated", "authenticator"]),
        ("normalise", ["normalize", "normalization", "normalised"]),
        ("encoder", ["encode", "encoding", "encodes"]),
        ("configure", ["configuration", "configured", "configurable"]),
        ("writes", ["write", "wrote", "written", "writing", "writer"]),
        ("run", ["ran", "runs", "running", "runner"]),
        ("log", ["logs", "logged", "logging", "logger"]),
        ("key", ["keys", "keyed"]),
    ],
)
def test_spellings_of_one_word(word: str, others: list[str]) -> None:
    assert {word, *others} <= spellings(word)


def test_irregular_forms_stand_for_one_another() -> None:
    for form, forms in FORMS.items():
        assert form in forms and {*forms} <= spellings(form) == spellings(forms[0])


def test_a_form_of_one_word_that_another_has_for_a_stem() -> None:
    assert "find" not in spellings("founder") and "think" not in spellings("thoughts")


@pytest.mark.parametrize("word", ["class", "status", "analysis", "sha256", "数学", "bus", "é"])
def test_what_looks_inflected_is_kept(word: str) -> None:
    assert stem(word) == word in spellings(word)


def test_identifiers_and_words_that_are_written_as_one() -> None:
    names = {term.name for term in query_terms("Does loadEncoding read the file system?")}
    assert {"loadencoding", "load", "encoding", "read", "file", "system", "filesystem"} <= names
    assert not names & {"does", "the"}


@pytest.mark.parametrize("question", ["", "how is this?", "?!", "a b c", "What do you do with it"])
def test_stop_words_alone_are_no_terms(question: str) -> None:
    assert query_terms(question) == []


@given(st.text(st.characters(max_codepoint=127)))
def test_a_question_in_ascii_has_the_terms_that_it_has_beside_a_sign(text: str) -> None:
    """It is read without the import of `regex`."""
    assert query_terms(text) == query_terms(f"{text} …")


@given(texts.filter(lambda text: all(unicodedata.category(c) != "Cn" for c in text)))
def test_each_term_of_a_text_is_found_in_it(text: str) -> None:
    """What a question asks for in its own words, the scan of texts finds in these words."""
    terms = [term for term in query_terms(text) if term.is_asked]
    words = [term.name for term in terms]
    *_, found, _ = _core.count_terms([text], words, [*range(len(words))], 1 << 20)
    assert {*found} == {*range(len(words))}


def test_long_questions_have_bounded_terms() -> None:
    question = " ".join(f"word{n}" for n in range(200_000))
    assert len(query_terms(question)) == MAX_TERMS
    assert query_terms("x" * 1_000_000) == []
