"""Corpora that are not on every machine as files: Chinese, other scripts, log records, Markdown.

Faker provides the words of a language, and names, addresses, companies and jobs of a country.
Sentences are composed here, a hundred times as fast as with Faker. They are meaningless, but
resemble real text for a tokenizer: in script, lengths of words and clauses, punctuation, numbers,
and new words at any size.
"""

import json
import random
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Final

from ctxtools.errors import missing_extra

_SCRIPTS: Final = (
    *("ja_JP", "ko_KR", "ru_RU", "ar_AA", "hi_IN", "th_TH", "el_GR"),
    *("he_IL", "bn_BD", "fa_IR", "ta_IN", "ka_GE", "uk_UA", "vi_VN"),
)
_SAMPLES: Final = 400  # of names, addresses, companies and jobs per language
_PUNCTUATION: Final = {
    **dict.fromkeys(("zh_CN", "ja_JP"), ("，", "。")),
    **dict.fromkeys(("hi_IN", "bn_BD"), (", ", "। ")),
    **dict.fromkeys(("ar_AA", "fa_IR"), ("، ", ". ")),
    "th_TH": (" ", " "),
}


@dataclass(frozen=True, slots=True)
class _Language:
    """The building blocks of sentences in one language.

    Attributes:
        words: ordinary words.
        phrases: names, addresses, companies, jobs.
        separator: between words.
        comma, full_stop: after a clause and after a sentence.
    """

    words: tuple[str, ...]
    phrases: tuple[str, ...]
    separator: str
    comma: str
    full_stop: str


def chinese(rng: random.Random) -> Iterator[str]:
    """Endless paragraphs of Chinese."""
    language = _language("zh_CN")
    while True:
        yield _paragraph(language, rng)


def scripts(rng: random.Random) -> Iterator[str]:
    """Endless paragraphs in 14 languages and 11 scripts, in turn."""
    languages = [_language(locale) for locale in _SCRIPTS]
    while True:
        for language in languages:
            yield _paragraph(language, rng)


def records(prose: Iterator[str], rng: random.Random) -> Iterator[str]:
    """Endless log records, one JSON object per line, with messages from prose."""
    services = ("auth", "billing", "search", "ingest", "render", "mail", "export", "sync")
    for text in prose:
        for message in text.split("\n"):
            if not message or message.isspace():
                continue
            record = {
                "id": f"{rng.getrandbits(128):032x}",
                "time": f"20{rng.randint(10, 26)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"
                f"T{rng.randint(0, 23):02}:{rng.randint(0, 59):02}:{rng.uniform(0, 60):06.3f}Z",
                "level": rng.choice(("debug", "info", "info", "info", "warning", "error")),
                "service": rng.choice(services),
                "request": {
                    "path": f"/api/v{rng.randint(1, 4)}/{rng.choice(services)}/"
                    f"{rng.getrandbits(40)}",
                    "status": rng.choice((200, 200, 200, 201, 204, 301, 404, 429, 500)),
                    "seconds": round(rng.expovariate(4), 6),
                    "cached": rng.random() < 0.3,
                },
                "score": [round(rng.gauss(0, 1), 4) for _ in range(rng.randint(0, 4))],
                "parent": None,
                "message": message.strip(),
            }
            yield json.dumps(record, ensure_ascii=False) + "\n"


def markdown(prose: Iterator[str], code: Iterator[str], rng: random.Random) -> Iterator[str]:
    """Endless sections of Markdown: a heading of one of three levels, then a few blocks.

    Most blocks are paragraphs, on one line or wrapped; about one in six is a list, a table or
    fenced code.
    """
    paragraphs = _paragraphs(prose)
    programs = (part for text in code for part in text.split("\n\n\n") if part.strip())
    words = (word for text in paragraphs for word in re.findall(r"[A-Za-z]{3,}", text)[:60])
    while True:
        title = " ".join(next(words) for _ in range(rng.randint(1, 6))).capitalize()
        yield f"{'#' * rng.choice((1, 2, 2, 2, 3, 3, 3, 3))} {title}\n\n"
        for _ in range(rng.randint(1, 6)):
            kind = rng.random()
            if kind < 0.08:
                part = next(programs).strip("\n").replace("```", "~~~")
                yield f"```python\n{part[:3_000]}\n```\n\n"
            elif kind < 0.12:
                yield _table(words, rng) + "\n"
            elif kind < 0.2:
                items = (" ".join(next(paragraphs).split()) for _ in range(rng.randint(2, 7)))
                yield "".join(f"- {item[:300]}\n" for item in items) + "\n"
            elif kind < 0.6:
                yield " ".join(next(paragraphs).split()) + "\n\n"
            else:
                yield next(paragraphs) + "\n\n"


def _paragraphs(prose: Iterator[str]) -> Iterator[str]:
    """The paragraphs of prose without markup."""
    pending = ""
    for text in prose:
        pending += text
        if not text.endswith("\n\n"):  # a sentence whose paragraph continues
            continue
        *parts, pending = re.split(r"\n[ \t]*\n", pending)
        for part in parts:
            lines = part.strip().splitlines()
            if len(part) > 60 and all(line[:1].isalpha() for line in lines):
                yield "\n".join(lines)


def _table(words: Iterator[str], rng: random.Random) -> str:
    """A table of three to five columns and up to thirty rows."""
    columns = rng.randint(3, 5)

    def row(cells: Iterable[str]) -> str:
        return f"| {' | '.join(cells)} |\n"

    head = row(next(words).capitalize() for _ in range(columns)) + row(["---"] * columns)
    return head + "".join(
        row([next(words), *(str(rng.randint(0, 9_999)) for _ in range(columns - 1))])
        for _ in range(rng.randint(3, 30))
    )


def _language(locale: str) -> _Language:
    """The building blocks of a locale, from Faker.

    Raises:
        MissingExtraError: Faker is not installed.
    """
    if find_spec("faker") is None:
        raise missing_extra(
            "this corpus",
            "Faker",
            "bench",
            alternative="choose the corpus code, prose, jsonl or mixed",
        )
    fake = import_module("faker").Faker(locale)
    fake.seed_instance(0)
    phrases = [
        " ".join(make().split())
        for _ in range(_SAMPLES)
        for make in (fake.name, fake.address, fake.company, fake.job)
    ]
    native = [phrase for phrase in dict.fromkeys(phrases) if not phrase.isascii()]
    module = f"faker.providers.lorem.{locale}"
    if find_spec(module):
        words = list(import_module(module).Provider.word_list)
    else:
        words = [word for phrase in native for word in re.findall(r"[^\W\d]+", phrase)]
    comma, full_stop = _PUNCTUATION.get(locale, (", ", ". "))
    separator = "" if locale in ("zh_CN", "ja_JP", "th_TH") else " "
    return _Language(tuple(dict.fromkeys(words)), tuple(native), separator, comma, full_stop)


def _paragraph(language: _Language, rng: random.Random) -> str:
    """A paragraph of three to seven sentences."""
    return "".join(_sentence(language, rng) for _ in range(rng.randint(3, 7))).rstrip() + "\n\n"


def _sentence(language: _Language, rng: random.Random) -> str:
    """A sentence of one to four clauses, some of them with a phrase or a number."""
    clauses = []
    for _ in range(rng.randint(1, 4)):
        words = rng.choices(language.words, k=rng.randint(3, 8))
        kind = rng.random()
        if kind < 0.25:
            words.insert(rng.randrange(len(words)), rng.choice(language.phrases))
        elif kind < 0.4:
            number = rng.choice((str(rng.randint(1, 2100)), f"{rng.uniform(0, 100):.1f}%"))
            words.insert(rng.randrange(len(words)), number)
        clauses.append(language.separator.join(words))
    return language.comma.join(clauses) + language.full_stop
