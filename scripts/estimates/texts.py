"""The texts to measure on: (kind, source, text), from installed packages and from generated.py.

- Languages: Django's translations, Babel's names, Faker's paragraphs, and the translations of
  programs in /usr/share/locale.
- Code, markup, data, prose: files of this machine by suffix, in Python's installation, /usr and
  ~/.cargo; Python's language reference.
- Numbers, records, codes, tables, drawings, symbols: generated.py.

Each text is a piece of its source, of a length between a few characters and some thousands, so
that short texts count too. The same machine and seed give the same texts.
"""

import gettext
import os
import pydoc_data.topics
import random
import re
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from generated import GENERATED
from symbols import letters_of
from words import words

SUFFIXES: Final = {
    "Python": (".py", ".pyi", ".pyx"),
    "C and C++": (".c", ".h", ".hpp", ".cc", ".cpp"),
    "Rust": (".rs",),
    "JavaScript": (".js", ".mjs", ".ts", ".tsx"),
    "minified code": (".min.js", ".min.css"),
    "PHP": (".php",),
    "Perl": (".pl", ".pm"),
    "Tcl": (".tcl",),
    "Vim script": (".vim",),
    "shell": (".sh", ".bash"),
    "Lisp": (".el", ".scm", ".lisp", ".clj"),
    "Ruby": (".rb",),
    "Go": (".go",),
    "Java": (".java", ".kt", ".scala", ".cs", ".swift"),
    "Fortran": (".f", ".f90", ".f77"),
    "Lua": (".lua",),
    "R": (".r", ".jl"),
    "assembly": (".s", ".asm"),
    "HTML": (".html", ".htm"),
    "CSS": (".css", ".scss"),
    "XML": (".xml", ".svg", ".xsd", ".xsl"),
    "YAML": (".yaml", ".yml"),
    "configuration": (".toml", ".ini", ".cfg", ".conf", ".properties", ".lock"),
    "JSON files": (".json", ".jsonl", ".ipynb"),
    "CSV files": (".csv", ".tsv"),
    "Markdown": (".md",),
    "reStructuredText": (".rst", ".pod"),
    "plain text": (".txt",),
    "PEM": (".pem", ".crt"),
    "patches": (".patch", ".diff"),
    "CMake and make": (".cmake", ".mk", ".am", ".in"),
    "TeX": (".tex", ".sty", ".bib"),
    "translations": (".po", ".ftl", ".strings"),
}
_ROOTS: Final = (sys.prefix, sys.base_prefix, "/usr/share", "/usr/lib", str(Path.home() / ".cargo"))

# Scripts of which the packages have little or nothing, by their blocks.
RARE_SCRIPTS: Final = {
    "Tibetan": ((0xF40, 0xFBC),),
    "Ethiopic": ((0x1200, 0x135A),),
    "Cherokee": ((0x13A0, 0x13F4),),
    "Canadian Aboriginal": ((0x1401, 0x166C),),
    "Mongolian": ((0x1820, 0x1878),),
    "Tifinagh": ((0x2D30, 0x2D67),),
    "N'Ko and Thaana and Syriac": ((0x710, 0x72F), (0x780, 0x7A5), (0x7CA, 0x7EA)),
    "braille": ((0x2800, 0x28FF),),
    "Yi": ((0xA000, 0xA48C),),
    "historic": ((0x10330, 0x1034A), (0x12000, 0x12399), (0x13000, 0x1342E)),
    "rare Han": ((0x3400, 0x4DBF), (0x20000, 0x2A6DF)),
    "common Han at random": ((0x4E00, 0x9FA5),),
    "Hangul at random": ((0xAC00, 0xD7A3),),
    "full width": ((0xFF01, 0xFF9F),),
    "mathematical letters": ((0x1D400, 0x1D7CB),),
    "Latin at random": ((0xC0, 0x24F), (0x1E00, 0x1EFF)),
    "Cyrillic at random": ((0x400, 0x52F),),
    "Greek at random": ((0x384, 0x3CE), (0x1F00, 0x1FFC)),
    "phonetic": ((0x61, 0x7A), (0x250, 0x2AF), (0x2B0, 0x2FF)),
}


class Text(NamedTuple):
    """One text to measure.

    Attributes:
        kind: what is left out together when coverage is measured.
        source: where it is from.
        text: the text.
    """

    kind: str
    source: str
    text: str


def pieces(text: str, rng: random.Random, number: int) -> Iterator[str]:
    """Some pieces of a text, most of them of 1,000 characters and more, some of a few."""
    for _ in range(number):
        length = int(10 ** rng.choice((rng.uniform(0.3, 2.2), rng.uniform(2.5, 3.5), 3.4)))
        start = rng.randrange(max(len(text) - length, 0) + 1)
        if piece := text[start : start + length]:
            yield piece


def generated_texts(seed: int, number: int) -> Iterator[Text]:
    """Texts of generated.py, ``number`` of each kind."""
    makers = GENERATED | {name: letters_of(*ranges) for name, ranges in RARE_SCRIPTS.items()}
    for kind, make in makers.items():
        rng = random.Random(f"{seed} {kind}")
        for _ in range(number):
            for piece in pieces(make(rng), rng, 1):
                yield Text(kind, "generated", piece)


def file_texts(seed: int, number: int, roots: tuple[str, ...] = _ROOTS) -> Iterator[Text]:
    """Pieces of ``number`` files of each kind, as far as this machine has them."""
    found: dict[str, list[str]] = {kind: [] for kind in SUFFIXES}
    by_suffix = {suffix: kind for kind, suffixes in SUFFIXES.items() for suffix in suffixes}
    for root in dict.fromkeys(roots):
        for folder, _, files in os.walk(root):
            for name in files:
                suffix = os.path.splitext(name)[1].lower()
                if name.lower().endswith((".min.js", ".min.css")):
                    suffix = name.lower()[name.lower().rindex(".min.") :]
                if suffix in by_suffix:
                    found[by_suffix[suffix]].append(os.path.join(folder, name))
    for kind, paths in found.items():
        rng = random.Random(f"{seed} {kind}")
        rng.shuffle(paths := sorted(set(paths)))
        taken = 0
        for path in paths:
            try:
                with open(path, encoding="utf-8") as file:
                    text = file.read(400_000)
            except (OSError, ValueError):
                continue
            if len(text) > 200:
                yield from (Text(kind, path, piece) for piece in pieces(text, rng, 2))
                taken += 1
            if taken == number:
                break


def prose_texts(seed: int, number: int) -> Iterator[Text]:
    """English from Python's language reference."""
    rng = random.Random(f"{seed} prose")
    topics = [text for text in pydoc_data.topics.topics.values() if len(text) > 500]
    for _ in range(number):
        yield from (Text("prose", "pydoc", p) for p in pieces(rng.choice(topics), rng, 1))
        sentence = ". ".join(words(rng, 8, 24).capitalize() for _ in range(30))
        yield from (Text("prose", "generated", piece) for piece in pieces(sentence, rng, 1))


def language_texts(seed: int, number: int) -> Iterator[Text]:
    """Every language of every package, ``number`` pieces of each; the kind is the language."""
    sources = (_django(), _babel(), _faker(seed), _programs())
    for source in sources:
        for name, language, sentences in source:
            rng = random.Random(f"{seed} {name} {language}")
            rng.shuffle(sentences)
            joined = rng.choice((" ", "\n", ", ")).join(sentences)
            if len(joined) > 300:
                for piece in pieces(joined, rng, number):
                    yield Text(language, name, piece)


_Source = Iterator[tuple[str, str, list[str]]]


def _django() -> _Source:
    import django

    for folder in sorted(Path(django.__file__).parent.glob("conf/locale/*")):
        if (folder / "LC_MESSAGES/django.mo").exists():
            path = folder / "LC_MESSAGES/django.mo"
            yield "Django", folder.name.partition("_")[0], _translations(path)


def _programs() -> _Source:
    """Translations of programs, a few large files of each language."""
    for folder in sorted(Path("/usr/share/locale").glob("*/LC_MESSAGES")):
        files = sorted(folder.glob("*.mo"), key=lambda path: -path.stat().st_size)
        sentences = [text for path in files[:6] for text in _translations(path)[:600]]
        yield "programs", re.split("[_@.]", folder.parent.name)[0], sentences


def _translations(path: Path) -> list[str]:
    with path.open("rb") as file:
        try:
            catalog = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
        except (OSError, ValueError, IndexError):  # IndexError: a plural rule that is not one
            return []
    return sorted({text for text in catalog.values() if isinstance(text, str) and len(text) > 3})


def _babel() -> _Source:
    from babel import Locale, UnknownLocaleError
    from babel.localedata import locale_identifiers

    for name in sorted(locale_identifiers()):
        if "_" in name:
            continue
        try:
            locale = Locale.parse(name)
        except (UnknownLocaleError, ValueError):
            continue
        tables = (locale.languages, locale.territories, locale.currencies, locale.scripts)
        yield "Babel", name, [str(text) for table in tables for text in table.values()]


def _faker(seed: int) -> _Source:
    from faker import Faker
    from faker.config import AVAILABLE_LOCALES

    for name in sorted(AVAILABLE_LOCALES):
        fake = Faker(name)
        fake.seed_instance(seed)
        made = []
        for _ in range(60):
            made += [fake.paragraph(), fake.address(), fake.name(), fake.company(), fake.job()]
        yield "Faker", name.partition("_")[0], made


def pointed_texts(seed: int, number: int) -> Iterator[Text]:
    """Texts whose accents are characters of their own (NFD), and Arabic and Hebrew with points."""
    marks = {"ar": "\u064e\u064f\u0650\u0651\u0652\u064b", "fa": "\u064e\u0650\u0651"}
    marks["he"] = "\u05b0\u05b4\u05b5\u05b6\u05b7\u05b8\u05b9\u05bc\u05c1"
    for _, language, sentences in _django():
        rng = random.Random(f"{seed} points {language}")
        rng.shuffle(sentences)
        joined = " ".join(sentences)
        for piece in pieces(joined, rng, max(number // 12, 2)):
            if language in marks:
                pointed = (
                    char + rng.choice(marks[language]) if char.isalpha() and rng.random() < 0.8
                    else char
                    for char in piece
                )  # fmt: skip
                yield Text("pointed", "Django", "".join(pointed))
            elif (apart := unicodedata.normalize("NFD", piece)) != piece:
                yield Text("NFD", "Django", apart)


def mixed_texts(texts: list[Text], seed: int, number: int) -> Iterator[Text]:
    """Pieces of two to four texts of other kinds, one after another."""
    rng = random.Random(f"{seed} mixed")
    for _ in range(number):
        parts = rng.sample(texts, rng.randint(2, 4))
        yield Text("mixed", "generated", "\n".join(part.text[:1500] for part in parts))


def all_texts(seed: int = 0, number: int = 30) -> list[Text]:
    """Every text: ``number`` of each generated kind, of files and of prose, fewer of a language."""
    texts = [
        *generated_texts(seed, number),
        *file_texts(seed, number),
        *prose_texts(seed, number),
        *pointed_texts(seed, number),
        *language_texts(seed, max(number // 8, 2)),
    ]
    return [*texts, *mixed_texts(texts, seed, 4 * number)]
