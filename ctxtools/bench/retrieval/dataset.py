"""Texts, and questions whose answers are spans of them."""

import csv
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from ctxtools.errors import UsageError, os_reason

_QUESTIONS = "questions.csv"
_COLUMNS = {"question", "references", "corpus_id"}
_HINT = (
    f"it needs {_QUESTIONS} with the columns question, references, corpus_id, and a .md a corpus"
)

Spans = tuple[tuple[int, int], ...]


class Question(NamedTuple):
    """A question.

    Attributes:
        text: what is asked.
        corpus: the name of the text that has the answer.
        answer: the spans of that text which make up the answer, in characters.
    """

    text: str
    corpus: str
    answer: Spans


@dataclass(frozen=True, slots=True)
class Dataset:
    """Texts and questions.

    Attributes:
        texts: by name.
        questions: each has an answer of at least one span.
        not_found: references that are nowhere in their text, and are left out.
    """

    texts: dict[str, str]
    questions: tuple[Question, ...]
    not_found: int = 0

    @property
    def spans(self) -> int:
        """The number of spans of all answers."""
        return sum(len(question.answer) for question in self.questions)


def load_dataset(folder: Path) -> Dataset:
    """The data set in a folder, in the layout of Chroma's evaluation of chunkers: ``questions.csv``
    with the columns question, references (a JSON list of objects with ``content``, ``start_index``
    and ``end_index``) and corpus_id, and a ``<corpus_id>.md`` for each text.

    Where the indexes of a reference are wrong, its content is searched for.

    Raises:
        UsageError: it is not of that layout.
    """
    texts: dict[str, str] = {}
    questions, not_found = [], 0
    for number, row in enumerate(_rows(folder / _QUESTIONS), 2):
        corpus = row["corpus_id"]
        if corpus not in texts:
            texts[corpus] = _text(folder, corpus)
        try:
            references = json.loads(row["references"])
            found = [_span(texts[corpus], **_fields(reference)) for reference in references]
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise UsageError(
                f"{folder / _QUESTIONS}: row {number} has references that are no list of content, "
                "start_index and end_index",
                hint=_HINT,
            ) from error
        answer = tuple(span for span in found if span)
        not_found += len(found) - len(answer)
        if answer:
            questions.append(Question(row["question"], corpus, answer))
    if not questions:
        raise UsageError(f"{folder / _QUESTIONS} has no question with an answer", hint=_HINT)
    return Dataset(texts, tuple(questions), not_found)


def _rows(path: Path) -> Iterator[dict[str, str]]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            if not set(reader.fieldnames or ()) >= _COLUMNS:
                raise UsageError(f"{path} lacks a column", hint=_HINT)
            for row in reader:
                if any(row[column] is None for column in _COLUMNS):
                    raise UsageError(f"{path}: line {reader.line_num} lacks a value", hint=_HINT)
                yield row
    except OSError as error:
        raise UsageError(f"{path}: {os_reason(error)}", hint=_HINT) from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"{path}: {error}", hint=_HINT) from error


def _text(folder: Path, corpus: str) -> str:
    name = f"{corpus}.md"
    try:
        if name not in {path.name for path in folder.iterdir()}:  # it may be a path out of there
            raise UsageError(f"there is no {name!r} in {folder}", hint=_HINT)
        with (folder / name).open(encoding="utf-8", newline="") as file:
            return file.read()
    except OSError as error:
        raise UsageError(f"{folder / name}: {os_reason(error)}", hint=_HINT) from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{folder / name}: {error}", hint=_HINT) from error


def _fields(reference: dict[str, Any]) -> dict[str, Any]:
    return {name: reference[name] for name in ("content", "start_index", "end_index")}


def _span(text: str, content: str, start_index: int, end_index: int) -> tuple[int, int] | None:
    """Where a reference is; None if it is nowhere or empty."""
    if start_index < 0 or text[start_index:end_index] != content:
        start_index = text.find(content)
    end = start_index + len(content)
    return (start_index, end) if 0 <= start_index < end else None


_CONSONANTS, _VOWELS = "bdklmnrst", "aeio"
_VERBS = ("carries", "follows", "repairs", "sells", "measures", "paints", "guards", "praises")
_PLACES = ("harbour", "market", "library", "station", "garden", "valley", "workshop", "theatre")


def generated_dataset(topics: int = 40, seed: int = 0) -> Dataset:
    """A small data set of made-up things, the same for a seed: a paragraph for each thing, and two
    questions on sentences of it."""
    chance = random.Random(seed)

    def name() -> str:
        return "".join(chance.choice(_CONSONANTS) + chance.choice(_VOWELS) for _ in "123").title()

    text, questions = "", []
    for number in range(topics):
        if number % 8 == 0:
            text += f"# Part {number // 8 + 1}\n\n"
        thing = name()
        for asked in (True, False, True, False):
            verb, other, place = chance.choice(_VERBS), name(), chance.choice(_PLACES)
            sentence = f"In the {place} the {thing} {verb} every {other} before the evening comes."
            if asked:
                span = len(text), len(text) + len(sentence)
                question = f"Which {other} does the {thing} meet in the {place}?"
                questions.append(Question(question, "things", (span,)))
            text += sentence + " "
        text = text[:-1] + "\n\n"
    return Dataset({"things": text}, tuple(questions))
