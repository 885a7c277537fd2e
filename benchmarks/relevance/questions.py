"""Questions about a repository whose answers are known lines of it.

- *docstring*: what documents a function, first sentence, without the words that are its name or
  its class's. The comment is taken out of the repository, so that the code has to be found.
- *changelog*: an entry of a changelog that names exactly one function of today's code, without
  references and words that are that name or its class's. The entry is taken out too. What an
  entry is about is not always where its function is: no way to choose can reach 100 %.
- *written*: sentences as users write them, in ``questions/REPOSITORY.toml``, with the functions
  that a maintainer would open. Nothing is taken out.

The first two are made by rule, and drawn by a hash of the function's name: nobody chose them.
"""

import hashlib
import re
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from benchmarks.relevance.definitions import Definition, definitions
from benchmarks.relevance.repositories import Repository

Kind = Literal["docstring", "changelog", "written"]
KINDS: tuple[Kind, ...] = ("docstring", "changelog", "written")
Texts = Mapping[str, str]  # path -> text, without what is not UTF-8

_WRITTEN = Path(__file__).parent / "questions"
_MIN_WORDS, _MAX_WORDS = 6, 60  # of a question
_MIN_ENTRY = 8  # words of a changelog's entry that are left: the name was what it is about
_MIN_LINES, _MAX_LINES = 5, 80  # of an answer
_DOCSTRINGS, _ENTRIES = 40, 30  # questions of a repository
_PER_FILE = 2  # questions from docstrings
_MIN_NAME = 4  # characters of a name that an entry of a changelog may be linked by
_OTHER_FOLDERS = re.compile(
    r"(^|/)(tests?|t|testing|benche?s?|benchmarks|examples?|docs?)/|(^|/)(test_|conftest)|(^|_|/)(tests?|mocks?)\.rs$"
)
_CHANGELOG = re.compile(r"(^|/)(change|news|history|changelog)[^/]*$", re.IGNORECASE)
_HISTORY_FOLDER = re.compile(r"^docs/(history|changes)/")
_SENTENCE_END = re.compile(r"[.!?](\s|$)|\n\s*\n|:\s*\n")
_CODE = re.compile(r"``[^`]+``|:[\w:+-]+:`[^`]*`|`[^`\n]+`_{0,2}")
_REFERENCE = re.compile(
    r"\[?\(?#\d+\]?\)?|\(?\[#?\w+\](?:\([^)]*\))?\)?|https?://\S+|:\w+:`\S*|@\w+|\bPR\b|\(\s*[,;]*\s*\)"
)
_NAME_IN_CODE = re.compile(r"(?:[A-Za-z_]\w*(?:\.|::))*([A-Za-z_]\w*)(?:\(.*\))?$")
_ROLES = ("meth", "func", "class", "attr", "data", "mod", "exc", "ref")  # of Sphinx
_BULLET = re.compile(r"( *)[-*+]\s+\S")


@dataclass(frozen=True, slots=True)
class Question:
    """A question and where its answer is.

    Attributes:
        repository: its name.
        kind: how it was made.
        text: what is asked.
        answers: path -> the lines of the answer in that file that are not blank, from 1.
    """

    repository: str
    kind: Kind
    text: str
    answers: Mapping[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Case:
    """A repository and the questions about it.

    Attributes:
        repository: where the files come from.
        texts: path -> text of all files, without what gives answers away.
        questions: with lines of ``texts``.
    """

    repository: Repository
    texts: Texts
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class _Draft:
    """A question before its answer's lines are known, and the lines to take out: (path, lines)."""

    kind: Kind
    text: str
    answers: tuple[str, ...]
    removed: tuple[str, int, int] | None = None


def make_case(repository: Repository, kinds: Iterable[Kind] = KINDS) -> Case:
    """The questions of a repository, and its texts as they may be packed."""
    texts = dict(_readable(repository.files))
    found = {each.key: each for path, text in texts.items() for each in definitions(path, text)}
    code = [each for each in found.values() if not _OTHER_FOLDERS.search(each.path)]
    drafts = [*_from_documentation(code, texts), *_from_changelogs(code, texts)]
    drafts += read_written(_WRITTEN / f"{repository.name}.toml")
    for draft in drafts:
        if missing := [key for key in draft.answers if key not in found]:
            raise ValueError(f"{repository.name} {repository.version} has no {', '.join(missing)}")
    removed: dict[str, set[int]] = defaultdict(set)
    for draft in drafts:  # of all kinds, so that the texts do not depend on which are asked
        if draft.removed:
            path, first, last = draft.removed
            removed[path].update(range(first, last + 1))
    for path, lines in removed.items():
        kept = enumerate(texts[path].split("\n"), 1)
        texts[path] = "\n".join(line for number, line in kept if number not in lines)
    paths = {key.partition("::")[0] for draft in drafts for key in draft.answers}
    now = {each.key: each for path in paths for each in definitions(path, texts[path])}
    asked = tuple(
        Question(repository.name, draft.kind, draft.text, _lines(draft.answers, now, texts))
        for draft in drafts
        if draft.kind in kinds
    )
    return Case(repository, texts, asked)


def _readable(files: Mapping[str, bytes]) -> Iterator[tuple[str, str]]:
    for path, content in files.items():
        try:
            yield path, content.decode().replace("\r\n", "\n")
        except UnicodeDecodeError:
            continue


def _lines(
    keys: Iterable[str], found: Mapping[str, Definition], texts: Texts
) -> dict[str, tuple[int, ...]]:
    answers: dict[str, set[int]] = defaultdict(set)
    for key in keys:
        each = found[key]
        lines = texts[each.path].split("\n")
        span = range(each.first, each.last + 1)
        answers[each.path].update(n for n in span if lines[n - 1].strip())
    return {path: tuple(sorted(lines)) for path, lines in answers.items()}


def _from_documentation(code: Iterable[Definition], texts: Texts) -> Iterator[_Draft]:
    taken: Counter[str] = Counter()
    drafts: list[_Draft] = []
    for each in sorted(code, key=lambda each: _draw(each.key)):
        if not each.documentation or each.simple_name.startswith("__"):
            continue
        first, last = each.documented
        lines = texts[each.path].split("\n")[each.first - 1 : each.last]
        inside = last - first + 1 if first >= each.first else 0
        n = sum(bool(line.strip()) for line in lines) - inside
        text = question_of(each.documentation, each.name.split("."))
        if _MIN_LINES <= n <= _MAX_LINES and text and taken[each.path] < _PER_FILE:
            taken[each.path] += 1
            drafts.append(_Draft("docstring", text, (each.key,), (each.path, first, last)))
    return iter(drafts[:_DOCSTRINGS])


def question_of(documentation: str, names: Iterable[str]) -> str:
    """The first sentence of a comment, without marks and names; "" where too little is left."""
    start = documentation.strip()
    end = _SENTENCE_END.search(start)
    sentence = start[: end.start()] if end else start
    sentence = re.sub(r":[\w:+-]+:`~?([^`<]*)[^`]*`", r"\1", sentence)
    sentence = re.sub(r"\[(`?[^\]]+)\](\([^)]*\)|\[[^\]]*\])?", r"\1", sentence)
    return _without_names(re.sub(r"[`*]", "", sentence), names)


def _without_names(text: str, names: Iterable[str]) -> str:
    names = {name.lower().strip("_") for name in names}
    words = [
        word
        for word in text.split()
        if not names & {part.lower() for part in re.split(r"\W+|::", word)}
        and re.search(r"\w", word)
    ]
    return " ".join(words) if _MIN_WORDS <= len(words) <= _MAX_WORDS else ""


def _from_changelogs(code: Iterable[Definition], texts: Texts) -> Iterator[_Draft]:
    by_name: dict[str, list[Definition]] = defaultdict(list)
    for each in code:
        by_name[each.simple_name].append(each)
    drafts = []
    for path, text in texts.items():
        if not (_CHANGELOG.search(path) or _HISTORY_FOLDER.search(path)) or path.endswith(".py"):
            continue
        for first, last, entry in entries(text):
            named = _named(entry, by_name)
            if len(named) != 1:
                continue
            (each,) = named
            lines = texts[each.path].split("\n")[each.first - 1 : each.last]
            if not _MIN_LINES <= sum(bool(line.strip()) for line in lines) <= _MAX_LINES:
                continue
            plain = _REFERENCE.sub(" ", _CODE.sub(_plain, entry))
            question = _without_names(re.sub(r"[`*\[\]]", "", plain), each.name.split("."))
            if len(question.split()) >= _MIN_ENTRY:
                drafts.append(_Draft("changelog", question, (each.key,), (path, first, last)))
    drafts.sort(key=lambda draft: _draw(draft.text))
    once = {draft.answers: draft for draft in drafts}  # a function is asked for once
    return iter([*once.values()][:_ENTRIES])


def _plain(code: re.Match[str]) -> str:
    """What is marked as code, without marks; nothing of a reference to an issue."""
    role = re.match(r":([\w:+-]+):", code[0])
    if role and role[1].rsplit(":", 1)[-1] not in _ROLES:
        return " "
    return re.sub(r"^:[\w:+-]+:", "", code[0]).replace("~", "")


def entries(text: str) -> Iterator[tuple[int, int, str]]:
    """The bulleted entries of a changelog: first line, last line, text without the bullet."""
    lines = text.split("\n")
    start, indent = None, 0
    for number, line in enumerate([*lines, ""]):
        ends = not line.strip() or _BULLET.match(line) or len(line) - len(line.lstrip()) <= indent
        if start is not None and ends:
            entry = " ".join(each.strip() for each in lines[start:number])
            yield start + 1, number, entry.lstrip("-*+ ")
            start = None
        if match := _BULLET.match(line):
            start, indent = number, len(match[1])


def _named(entry: str, by_name: Mapping[str, list[Definition]]) -> list[Definition]:
    """The functions that an entry names in code marks, each without doubt."""
    named = {}
    for code in _CODE.findall(entry):
        inner = re.sub(r"^:[\w:+-]+:", "", code).strip("`_~! ")
        match = _NAME_IN_CODE.match(inner.lstrip("~."))
        if match and len(match[1]) >= _MIN_NAME and not match[1].startswith("__"):
            owners = re.split(r"\.|::", inner.lstrip("~.").partition("(")[0])[:-1]
            same = by_name.get(match[1], [])
            if owners and len(same) > 1:
                same = [each for each in same if owners[-1] in each.name.split(".")[:-1]]
            if len(same) == 1:
                named[same[0].key] = same[0]
            elif same:
                return []
    return [*named.values()]


def read_written(path: Path) -> list[_Draft]:
    """The questions of a TOML file; none without one."""
    if not path.is_file():
        return []
    listed = tomllib.loads(path.read_text("utf-8"))["question"]
    return [_Draft("written", each["text"], tuple(each["answers"])) for each in listed]


def _draw(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()


def shortened(case: Case, each_kind: int) -> Case:
    """The first questions of each kind."""
    left: Counter[str] = Counter()
    kept = []
    for question in case.questions:
        left[question.kind] += 1
        if left[question.kind] <= each_kind:
            kept.append(question)
    return replace(case, questions=tuple(kept))
