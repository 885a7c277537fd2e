"""Answers in pages, none of which has more tokens than was asked for.

An answer has facts that each page repeats, a text that is handed out in pieces, and lists whose
entries are handed out whole. What is counted is the JSON of a page. The pieces of the text join to
it, and each entry is on one page.

A cursor says where the next page starts, and has a hash of the answer: if the answer was computed
again and is another one, that is an error, for pages of two answers fit together as none.
"""

import json
import re
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from threading import Lock
from typing import Any

from ctxtools.errors import UsageError
from ctxtools.units import format_count

MAX_TOKENS = 10_000
"""Tokens of a page where a call does not say how many."""

_DIGITS = 16  # of a hash
_CURSOR = re.compile(rf"([0-9a-f]{{{_DIGITS}}})\.([0-9]{{1,15}})\.([0-9]{{1,15}})")
_LONGEST_CURSOR = _DIGITS + 2 * 15 + 2
_PER_TOKEN = 64  # characters of a text that are looked at for each token of a page
_KEPT, _KEPT_BYTES = 8, 1 << 25  # answers, and their JSON together


Lists = Mapping[str, Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call found.

    Attributes:
        size: the tokens of a text, for the model that reads the page.
        facts: on each page.
        text: handed out in pieces, under the name "text"; None if there is none.
        lists: name -> entries, each handed out whole, in this order.
    """

    size: Callable[[str], int]
    facts: Mapping[str, Any]
    text: str | None = None
    lists: Lists = field(default_factory=dict)


def as_json(value: Any) -> str:
    """JSON as a client gets it: short, and in UTF-8."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


class Pages:
    """Hands out pages, and keeps the latest answers that have more than one."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, _Named] = OrderedDict()
        self._lock = Lock()

    def page(
        self, asked: str, find: Callable[[], Answer], max_tokens: int, cursor: str
    ) -> dict[str, Any]:
        """A page of an answer.

        Args:
            asked: the name of the tool, and its arguments; a cursor is for the same ones.
            find: computes the answer.
            max_tokens: of the page.
            cursor: of an earlier page; "" for the first one.

        Raises:
            UsageError: the cursor is none of this answer, or the page cannot be so small.
        """
        if not cursor:
            return self._hand_out(_named(asked, find()), 0, 0, max_tokens)
        match = _CURSOR.fullmatch(cursor) if len(cursor) <= _LONGEST_CURSOR else None
        if match is None:
            raise UsageError("invalid cursor", hint="pass the next_cursor of the page before")
        with self._lock:
            kept = self._kept.get(match[1])
        named = kept if kept and kept.asked == asked else _named(asked, find())
        start, number = int(match[2]), int(match[3])
        if named.name != match[1] or start > len(named.text) or number > len(named.entries):
            raise UsageError(
                "the cursor is of another answer: the arguments differ, or what was read changed",
                hint="repeat the arguments of the first page, or start again without a cursor",
            )
        return self._hand_out(named, start, number, max_tokens)

    def _hand_out(
        self, answer: "_Named", start: int, number: int, max_tokens: int
    ) -> dict[str, Any]:
        page = _fill(answer, start, number, max_tokens)
        if "next_cursor" in page and answer.bytes <= _KEPT_BYTES:
            with self._lock:
                self._kept[answer.name] = answer
                self._kept.move_to_end(answer.name)
                while len(self._kept) > _KEPT or self._size() > _KEPT_BYTES:
                    self._kept.popitem(last=False)
        return page

    def _size(self) -> int:
        return sum(each.bytes for each in self._kept.values())


@dataclass(frozen=True, slots=True)
class _Named:
    """An answer by its name, which is a hash of all of it and of what was asked.

    Attributes:
        answer: without characters that no UTF-8 has.
        bytes: of its JSON.
        entries: those of all lists, each with the name of its list.
    """

    answer: Answer
    asked: str
    name: str
    bytes: int
    entries: Sequence[tuple[str, Any]]

    @property
    def text(self) -> str:
        return self.answer.text or ""


def _named(asked: str, answer: Answer) -> _Named:
    data = as_json([answer.facts, answer.text, answer.lists])
    try:
        encoded = data.encode()
    except UnicodeEncodeError:  # a lone surrogate: a name that is not UTF-8, or of a JSON file
        data = data.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        encoded = data.encode()
        facts, text, lists = json.loads(data)
        answer = Answer(answer.size, facts, text, lists)
    name = sha256(asked.encode("utf-8", "surrogatepass") + b"\0" + encoded).hexdigest()[:_DIGITS]
    entries = [(name, each) for name, entries in answer.lists.items() for each in entries]
    return _Named(answer, asked, name, len(encoded), entries)


def _fill(named: _Named, start: int, number: int, max_tokens: int) -> dict[str, Any]:
    """A page from an offset in the text and the number of an entry."""
    answer, text, entries = named.answer, named.text, named.entries

    def page(end: int, after: int) -> dict[str, Any]:
        made = dict(answer.facts)
        if answer.text is not None:
            made["text"] = text[start:end]
        for name, entry in entries[number:after]:
            made.setdefault(name, []).append(entry)
        if end < len(text) or after < len(entries):
            made["next_cursor"] = f"{named.name}.{end}.{after}"
        return made

    def fits(end: int, after: int) -> bool:
        return answer.size(as_json(page(end, after))) <= max_tokens

    most = min(len(text), start + max_tokens * _PER_TOKEN)
    end = _furthest(start, most, lambda each: fits(each, number))
    after = number
    if start < end < len(text):
        end = _at_line(text, start, end, lambda each: fits(each, number))
    elif end == len(text):
        most = number + _affordable(answer, entries[number:], max_tokens)
        after = _furthest(number, most, lambda each: fits(end, each))
    is_last = end == len(text) and after == len(entries)
    if end < start or (not is_last and (end, after) == (start, number)):
        least = (start + 1, number) if start < len(text) else (start, number + 1)
        needed = format_count(answer.size(as_json(page(*least))))
        raise UsageError(
            f"a page of {format_count(max_tokens)} tokens is too small: the next one has {needed}",
            hint=f"raise max_tokens to {needed} or more",
        )
    return page(end, after)


def _affordable(answer: Answer, entries: Sequence[tuple[str, Any]], max_tokens: int) -> int:
    """How many of the first entries may fit at most; more are not tried."""
    total = 0
    for number, (_, entry) in enumerate(entries):
        total += answer.size(as_json(entry))
        if total > 2 * max_tokens:
            return number
    return len(entries)


def _furthest(low: int, high: int, fits: Callable[[int], bool]) -> int:
    """The furthest end that is found to fit; ``low - 1`` if not even ``low`` does."""
    if fits(high):
        return high
    if not fits(low):
        return low - 1
    while high - low > 1:
        middle = (low + high) // 2
        if fits(middle):
            low = middle
        else:
            high = middle
    return low


def _at_line(text: str, start: int, end: int, fits: Callable[[int], bool]) -> int:
    """The end of the last line before an end, unless half of the page would be lost."""
    line = text.rfind("\n", start + (end - start) // 2, end) + 1
    return line if line and fits(line) else end
