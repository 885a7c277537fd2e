"""Which entries of an earlier pack are as they would be written now, from its start on.

The text is not parsed: what each document would look like is written again, and compared. So no
document can be taken for another, whatever the layout is and whatever documents contain; an entry
that would look otherwise now ends the search.
"""

import json
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ctxtools.documents.file import display_name
from ctxtools.errors import MissingExtraError
from ctxtools.packing.arguments import Form
from ctxtools.packing.prompt.candidates import TRIMMED, Candidate
from ctxtools.packing.prompt.choice.select import Option
from ctxtools.packing.prompt.forms import outline_of, outline_value, whole
from ctxtools.packing.prompt.options import PackOptions
from ctxtools.packing.prompt.render import Entry, Renderer
from ctxtools.packing.prompt.result import Stable
from ctxtools.packing.prompt.trim import MARKER, trimmed_again
from ctxtools.packing.stable.reuse import shared_tokens

_FORMS = (Form.WHOLE, Form.OUTLINE, Form.TRIMMED, Form.PATH, Form.EXCERPT)
_NUMBER = 1_000_000_007  # of an entry, in whose place others are looked for
_MAX_LINES = 4  # of the start of an entry, by which it is known
_MAX_MARKERS = 5  # that a trimmed document may have itself
_MAX_TRIED = 64  # documents and forms, where a template does not tell them apart
_LONGEST_LINE = 10_000  # characters of it
# What the name of an excerpt's form has of its lines, by which an entry is not known.
_LABEL = re.compile(
    r"(?<=excerpt) lines? [\d, -]{1,400}(?: and \d{1,12} more)? of \d{1,12}"
    r"(?:; pages?[^\n\"()]{1,300})?"
)


class Kept(NamedTuple):
    """What is kept of an earlier pack.

    Attributes:
        options: the documents by number, in the order of the text, each with its form.
        end: why it is not more, in words; "" if that was all.
    """

    options: dict[int, Option]
    end: str = ""

    def shorter(self) -> "Kept":
        """Fewer of them, because not all fit."""
        number = len(self.options) * 3 // 4
        return Kept(dict(list(self.options.items())[:number]), "what has to go in needs the tokens")

    def stable(self, text: str, options: PackOptions, renderer: Renderer) -> Stable | None:
        """What the new text has in common with the earlier one; None if there is none."""
        if options.stable_from is None:
            return None
        tokens = shared_tokens(options.stable_from, text, renderer.encoding)
        return Stable(len(self.options), tokens, self.end)


NONE = Kept({})


def find_kept(candidates: Sequence[Candidate], options: PackOptions, renderer: Renderer) -> Kept:
    """What of the earlier pack, if the options have one, the new one can start with.

    Args:
        candidates: the documents as they are now.
        options, renderer: of the new text.
    """
    earlier, layout = options.stable_from, renderer.layout
    if earlier is None:
        return NONE
    before, after = renderer.frame()
    if not earlier.strip() or not earlier.startswith(before):
        return Kept({}, _why_foreign(earlier))
    finder = _Finder(candidates, options, renderer)
    kept: dict[int, Option] = {}
    position = len(before)
    while position < len(earlier) and earlier[position:] != after:
        if kept:
            if not earlier.startswith(layout.separator, position):
                break
            position += len(layout.separator)
        found = finder.find(earlier, position, len(kept) + 1)
        if isinstance(found, str):
            return Kept(kept, found)
        i, option, size = found
        if i in kept:
            return Kept(kept, f"{candidates[i].name} is in it twice")
        kept[i] = option
        position += size
    return Kept(kept)


def _why_foreign(earlier: str) -> str:
    if not earlier.strip():
        return "there is no earlier text"
    return "it does not start as this pack does: another format, template, or other delimiters"


class _Finder:
    """Finds which document an entry is of, and whether that is as it would be written now."""

    def __init__(
        self, candidates: Sequence[Candidate], options: PackOptions, renderer: Renderer
    ) -> None:
        self._candidates, self._options, self._renderer = candidates, options, renderer
        self._lines = 0
        self._starts: dict[str, list[tuple[int, Form]]] = {}
        self._sources = {display_name(each.name): i for i, each in enumerate(candidates)}
        for lines in range(1, _MAX_LINES + 1):
            self._lines, self._starts = lines, {}
            for start, known in self._heads(lines):
                self._starts.setdefault(start, []).append(known)
            # A template may not say which form it is.
            if all(each[0][0] == each[-1][0] for each in self._starts.values()):
                break

    def _heads(self, lines: int) -> Iterator[tuple[str, tuple[int, Form]]]:
        layout = self._renderer.layout
        for i, each in enumerate(self._candidates):
            for form in _FORMS:
                text = layout.entry(_NUMBER, Entry(each.name, form))
                yield "\n".join(text.split("\n")[:lines]), (i, form)

    def find(self, text: str, position: int, number: int) -> tuple[int, Option, int] | str:
        """The document of the entry there, its form, and the characters of it; else why not.

        Args:
            text: the earlier pack.
            position: where the entry starts.
            number: of the entry in the text, from 1.
        """
        reason = ""
        for i, form in self._known(text, position, number)[:_MAX_TRIED]:
            each = self._candidates[i]
            if why := self._why_not(each, form):
                reason = reason or f"{each.name} {why}"
                continue
            for option in self._options_of(each, form, text, position):
                written = Entry(each.name, form, option.body, option.label)
                entry = self._renderer.layout.entry(number, written)
                if text.startswith(entry, position):
                    return i, option, len(entry)
            reason = f"{each.name} changed"
        line = text[position : position + 120].partition("\n")[0]
        return reason or f"no document is written as there: {line}"

    def _known(self, text: str, position: int, number: int) -> list[tuple[int, Form]]:
        """The documents, and their forms, that an entry which starts like this may be of."""
        end = position - 1
        for _ in range(self._lines):
            end = text.find("\n", end + 1)
            if end < 0:
                end = len(text)
                break
        start = _LABEL.sub("", text[position : min(end, position + _LONGEST_LINE)], count=1)
        if start in self._starts:
            return self._starts[start]
        for match in re.finditer(rf"(?<!\d){number}(?!\d)", start):
            key = f"{start[: match.start()]}{_NUMBER}{start[match.end() :]}"
            if key in self._starts:
                return self._starts[key]
        return self._of_json(text[position:end]) if start.startswith("{") else []

    def _of_json(self, line: str) -> list[tuple[int, Form]]:
        """The document of an entry that is an object on one line, with its content."""
        try:
            facts = json.loads(line.removesuffix(","))
        except (ValueError, RecursionError):
            return []
        match facts:
            case {"source": str(source)} if source in self._sources:
                form = _LABEL.sub("", str(facts.get("form", Form.WHOLE)))
                return [(self._sources[source], Form(form))] if form in _FORMS else []
        return []

    def _why_not(self, each: Candidate, form: Form) -> str:
        """Why a document may not be in this form; "" if it may."""
        if (each.rule.pinned or each.rule.required) and form is not Form.WHOLE:
            return "has to go in whole now"
        if each.rule.is_changed and form not in (Form.WHOLE, Form.EXCERPT):
            return "has to show its changes now"
        if not each.may_have_content and form is not Form.PATH:
            return "goes in without its content now"
        if not each.may_be_long and form in (Form.WHOLE, Form.TRIMMED):
            return "does not go in whole now"
        if not each.is_mandatory and not self._options.allows(form):
            return f"may not go in as {form} now"
        return ""

    def _options_of(
        self, each: Candidate, form: Form, text: str, position: int
    ) -> Iterator[Option]:
        """The forms of that kind in which the document may be there."""
        if form is Form.WHOLE:
            yield whole(each)
        elif form is Form.PATH:
            yield self._option(each, form, "", each.path_value)
        elif form is Form.OUTLINE:
            try:
                body = outline_of(each, self._options)
            except MissingExtraError:
                return
            if body:
                cost = self._renderer.cost(Entry(each.name, form, body))
                overhead = self._renderer.cost(Entry(each.name, form))
                yield Option(form, cost, outline_value(each, cost - overhead), body)
        elif form is Form.EXCERPT:
            from ctxtools.packing.stable.excerpts import excerpts_again  # and with it all parsers

            end = position + len(each.text) * 8 + _LONGEST_LINE  # JSON escapes characters
            yield from excerpts_again(
                each, self._options, self._renderer, text, position, min(end, len(text))
            )
        else:
            end = position + len(each.text) * 8 + _LONGEST_LINE
            markers = MARKER.finditer(text, position, min(end, len(text)))
            for _, marker in zip(range(_MAX_MARKERS), markers, strict=False):
                again = trimmed_again(
                    each.text,
                    marker,
                    line_numbers=self._options.line_numbers,
                    pages=each.document.pages,
                )
                if again:
                    option = self._option(each, form, again, 0.0)
                    overhead = self._renderer.cost(Entry(each.name, form))
                    share = (option.cost - overhead) / max(each.cost - overhead, 1)
                    value = TRIMMED * each.prior * min(max(share, 0.0), 1.0)
                    yield Option(form, option.cost, value, again)

    def _option(self, each: Candidate, form: Form, body: str, value: float) -> Option:
        return Option(form, self._renderer.cost(Entry(each.name, form, body)), value, body)
