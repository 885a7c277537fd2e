"""Documents to pack, and what the options say of each: whether it has to go in, and when."""

from collections.abc import Iterator, Sequence
from itertools import compress
from typing import TYPE_CHECKING, NamedTuple

from ctxtools.documents import STDIN
from ctxtools.documents.file import record_name
from ctxtools.documents.filetypes import file_type
from ctxtools.documents.origins import Origin
from ctxtools.errors import UsageError
from ctxtools.packing.prompt.choice.select import closure
from ctxtools.packing.prompt.options import PackOptions
from ctxtools.packing.prompt.paths import PathMatcher
from ctxtools.packing.prompt.result import OmittedDocument
from ctxtools.packing.secrets.screen import Screen, Screened
from ctxtools.packing.unwritten import find_origins, is_withheld
from ctxtools.suggestions import closest_match

if TYPE_CHECKING:
    from ctxtools.documents.filetypes import ChunkFormat
    from ctxtools.documents.readers.extraction.extracted import Heading

_NOTED = 5  # unknown paths that are named


class NamedText(NamedTuple):
    """A document to pack.

    Attributes:
        shown: how the pack calls its file; see `shown_paths`.
        path: its path as it was given.
        text: its content.
        record: the number of the record; None for a whole file.
        marks: see `ctxtools.documents.origins.attributes`.
        elided: the number of data URIs whose content was elided, and its size in bytes.
        pages: offsets in characters at which its pages start; () if none are known.
        below: how it is called after its file, if not by that number: "/report.pdf" of a mail.
        headings, format: as in `Document`.
    """

    shown: str
    path: str
    text: str
    record: int | None = None
    marks: frozenset[str] = frozenset()
    elided: tuple[int, int] = (0, 0)
    pages: tuple[int, ...] = ()
    below: str = ""
    headings: "tuple[Heading, ...]" = ()
    format: "ChunkFormat | None" = None

    def with_text(self, text: str) -> "NamedText":
        """The same with another text, in which pages and headings start elsewhere."""
        return self._replace(text=text, pages=(), headings=())

    @property
    def structure(self) -> str:
        """The format of its text."""
        return self.format or file_type(self.path).format

    @property
    def has_structure(self) -> bool:
        """Whether it may have an outline."""
        return self.structure != "text" or bool(self.headings)

    @property
    def name(self) -> str:
        """How the pack calls it: its file, and what it is in that, if it is not all of it."""
        return self.called(self.shown)

    def called(self, path: str) -> str:
        """Its name, where its file is called so."""
        return path + self.below if self.below else record_name(path, self.record)

    @property
    def sort_key(self) -> tuple[list[str], int]:
        return self.shown.split("/"), self.record or 0


class Rule(NamedTuple):
    """What the options say of one document.

    Attributes:
        path: of the document, relative to the folder that was named.
        weight: a factor of its value.
        tier: 0 is the first.
        pinned: it has to go in whole.
        required: a pinned document requires it, directly or not, so that it has to go in as well.
        requires: the numbers of the documents that it requires.
        origin: how it came about, if nobody of the project wrote it.
        late: it comes after everything that somebody wrote.
        withheld: not even then its content goes in.
        named: the user named the file itself.
        is_changed: lines of it were changed, which have to go in.
        changed: those lines: the first and the last of each span, from 1; None is all.
    """

    path: str
    weight: float
    tier: int
    pinned: bool
    required: bool
    requires: frozenset[int]
    origin: Origin | None = None
    late: bool = False
    withheld: bool = False
    named: bool = False
    is_changed: bool = False
    changed: Sequence[tuple[int, int]] | None = None

    @property
    def is_shown(self) -> bool:
        """Whether all of it has to be seen, or what was changed."""
        return self.pinned or self.is_changed

    @property
    def why_withheld(self) -> str:
        """The reason, "" if it is not."""
        return str(self.origin) if self.withheld else ""

    def folder_of(self, name: str) -> str:
        """The part of a document's name that is the folder for whose sake it is withheld, or ""."""
        depth = self.origin.depth if self.origin and self.withheld else 0
        return name.rsplit("/", depth)[0] if depth else ""


def screened_rules(
    texts: Sequence[NamedText], roots: Sequence[str], options: PackOptions, screen: Screen
) -> tuple[list[NamedText], list[Rule], list[str], list[OmittedDocument]]:
    """What `make_rules` returns, of documents without the secrets that are to be replaced.

    Withheld documents are not looked at, since nothing of them goes in.

    Returns:
        The documents, their rules, notes for the user, and what is left out for its secrets.

    Raises:
        UsageError: as `make_rules` does, also where what a pattern matches is left out.
    """
    rules, notes = make_rules(texts, roots, options)
    going = [not rule.withheld for rule in rules]
    found = iter(screen.before([(each.name, each.text) for each in compress(texts, going)]))
    kept, left_out = [], []
    for text, goes in zip(texts, going, strict=True):
        each = next(found) if goes else Screened(text.text)
        if each.reason:
            left_out.append(OmittedDocument(text.name, each.reason))
        else:
            kept.append(text if each.text == text.text else text.with_text(each.text))
    if left_out:
        try:
            rules, notes = make_rules(kept, roots, options)
        except UsageError as error:
            hint = f"{left_out[0].path} {left_out[0].reason}, and was left out"
            raise UsageError(error.message, hint=hint) from error
    return kept, rules, notes, left_out


def make_rules(
    texts: Sequence[NamedText], roots: Sequence[str], options: PackOptions
) -> tuple[list[Rule], list[str]]:
    """What the options say of each document; and notes for the user.

    Args:
        texts: the documents.
        roots: the folders that were named.
        options: what was asked for.

    Raises:
        UsageError: a pattern is wrong, or matches no document where it should.
    """
    paths, shown = [text.path for text in texts], [text.shown for text in texts]
    matcher = PathMatcher(paths, roots, shown)
    origins: list[Origin | None] = [None] * len(texts)
    if options.values is None:
        origins = _origins(texts, matcher, options)
    asked = set[int]()  # by a pattern for nothing but what nobody wrote

    def ask(found: list[int]) -> None:
        if all(origins[i] for i in found):
            asked.update(found)

    weights, notes = [1.0] * len(texts), []
    for pattern, weight in options.priorities.items():
        found = matcher.find(pattern, "priority")
        if not found:
            hint = matcher.similar(pattern)
            message = f"priority: no document matches {pattern!r}"
            notes.append(f"{message}; {hint}" if hint else message)
        for i in found:
            weights[i] = weight
        ask(found)
    notes += _unknown_values(texts, options)
    # What nobody wrote, such as a lock file, follows from what was changed.
    changes = {i: spans for i, spans in _changes(texts, options, notes) if not origins[i]}
    pinned = {i for pattern in options.pins for i in matcher.find_some("pin", pattern)}
    tiers = [len(options.tiers)] * len(texts)
    for tier, pattern in reversed(list(enumerate(options.tiers))):
        found = matcher.find_some("tier", pattern)
        for i in found:
            tiers[i] = tier
        ask(found)
    requires: list[set[int]] = [set() for _ in texts]
    for pattern, targets in options.requires.items():
        required = {i for target in targets for i in matcher.find_some("requires", target)}
        asked |= required
        for i in matcher.find_some("requires", pattern):
            requires[i] |= required - {i}
    mandatory = closure(requires, pinned | changes.keys())
    late = {i for i, origin in enumerate(origins) if origin} - asked - mandatory
    withheld = {i for i in late if (o := origins[i]) and is_withheld(o, texts[i].marks)}
    if len(withheld) == len(texts):
        withheld = set()
    if len(late) == len(texts):
        late = withheld  # there is nothing else, so it is what was asked for
    rules = [
        Rule(
            path, weight, tier, i in pinned, i in mandatory - pinned - changes.keys(),
            frozenset(required), origins[i], i in late, i in withheld, "named" in texts[i].marks,
            i in changes, changes.get(i),
        )
        for i, (path, weight, tier, required) in enumerate(
            zip(matcher.relative, weights, tiers, requires, strict=True)
        )
    ]  # fmt: skip
    return rules, [*notes, *_elision_notes(texts, rules)]


def _changes(
    texts: Sequence[NamedText], options: PackOptions, notes: list[str]
) -> Iterator[tuple[int, Sequence[tuple[int, int]] | None]]:
    """The number of each document that was changed, and its lines; adds to the notes for the user.

    One in which no line is new has nothing to show.
    """
    if not options.changes:
        return
    numbers: dict[str, list[int]] = {}
    for i, text in enumerate(texts):
        for spelling in {*spellings(text)}:
            numbers.setdefault(spelling, []).append(i)
    missing = list[str]()
    for path, spans in options.changes.items():
        if path not in numbers:
            missing.append(path)
        for number in numbers.get(path, ()):
            if texts[number].text and (spans is None or spans):
                yield number, spans
    if missing:
        more = f" and {len(missing) - _NOTED:,} more" if missing[_NOTED:] else ""
        notes.append(f"changes: there is no document {', '.join(missing[:_NOTED])}{more}")


def _origins(
    texts: Sequence[NamedText], matcher: PathMatcher, options: PackOptions
) -> list[Origin | None]:
    """How each document came about, where nobody of the project wrote it."""
    contents = [each.text if each.record is None and each.path != STDIN else None for each in texts]
    return find_origins(matcher.below, contents, [text.marks for text in texts], options)


def _elision_notes(texts: Sequence[NamedText], rules: Sequence[Rule]) -> Iterator[str]:
    """A note on the data URIs whose content was elided."""
    elided = [
        text
        for text, rule in zip(texts, rules, strict=True)
        if text.elided[0] and not rule.withheld
    ]
    if elided:
        number, size = (sum(text.elided[i] for text in elided) for i in (0, 1))
        names = ", ".join(text.name for text in elided[:_NOTED])
        more = f" and {len(elided) - _NOTED:,} more" if elided[_NOTED:] else ""
        which = "1 data URI" if number == 1 else f"{number:,} data URIs"
        yield f"{which} elided, {size:,} bytes: {names}{more}"


def _unknown_values(texts: Sequence[NamedText], options: PackOptions) -> Iterator[str]:
    """A note on values that were given for no document; those that have none are worth 0."""
    known = {name for text in texts for name in spellings(text)}
    unknown = [path for path in options.values or () if path not in known]
    for path in unknown[:_NOTED]:
        hint = closest_match(path, known)
        yield f"values: there is no document {path!r}{f'; {hint}' if hint else ''}"
    if more := unknown[_NOTED:]:
        yield f"values: nor are there {len(more):,} more"


def spellings(text: NamedText) -> tuple[str, str, str]:
    """What a document may be called in ``values``."""
    return text.name, text.called(text.path), text.path
