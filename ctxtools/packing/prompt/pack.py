"""Packing documents into a context window: the most valuable choice, in a text within the limit.

In order: the documents are collected and matched with the options (`candidates`), each is rendered
and counted by itself (`render`) and valued (`values`), its other forms are made (`forms`), one form
of each is chosen (`select`, `knapsack`), and the text is rendered and counted as a whole.

Where the counts of entries add up to that of the text, as they do in byte-level encodings, the
choice of the knapsack is final. Where they do not quite, its capacity is corrected by the
difference and the choice repeated, a few times. The text that is returned was counted as a whole.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from os import PathLike
from typing import TYPE_CHECKING, NamedTuple

from ctxtools.checks import check_list, check_threads, check_type
from ctxtools.documents import Documents as ReadDocuments
from ctxtools.encodings import Encoding, as_encoding
from ctxtools.errors import ConflictError
from ctxtools.packing.arguments import (
    FORMS,
    Form,
    Format,
    FormName,
    Order,
    PathStyle,
    Secrets,
    Trim,
    token_limit,
)
from ctxtools.packing.cache import Known
from ctxtools.packing.prompt.candidates import (
    TRIMMED,
    Candidate,
    Documents,
    collect,
    evaluate,
)
from ctxtools.packing.prompt.choice.select import OMITTED, Item, Option, select
from ctxtools.packing.prompt.draft import Draft, in_order, pack_of
from ctxtools.packing.prompt.forms import fill, fullest, make_items, path_costs, smallest_shown
from ctxtools.packing.prompt.options import PackOptions, check_lists, check_mappings
from ctxtools.packing.prompt.render import Entry, Renderer
from ctxtools.packing.prompt.result import Pack, Stable
from ctxtools.packing.prompt.rules import screened_rules
from ctxtools.packing.prompt.template import TemplateLayout, make_renderer
from ctxtools.packing.relevance.query import Query, check_query
from ctxtools.packing.secrets.screen import Screen
from ctxtools.packing.stable.earlier import find_kept
from ctxtools.units import format_count

if TYPE_CHECKING:
    from ctxtools.models import Budget

_ATTEMPTS = 12  # nearly always one is enough
_REFILLS = 2  # of them for what remains
_FEW = 300  # documents, of which each token of the limit justifies another look


def pack(
    documents: Documents,
    encoding: Encoding | str,
    *,
    budget: "int | Budget",
    format: Format = "xml",
    template: str | None = None,
    order: Order = "path",
    tree: bool = False,
    line_numbers: bool = False,
    keep_data_uris: bool = False,
    forms: Iterable[Form | FormName] = FORMS,
    trim: Trim = "head",
    pins: Iterable[str] = (),
    priorities: Mapping[str, float] | None = None,
    tiers: Iterable[str] = (),
    requires: Mapping[str, str | Iterable[str]] | None = None,
    values: Mapping[str, float] | None = None,
    query: Query | None = None,
    changes: Mapping[str, Sequence[tuple[int, int]] | None] | None = None,
    ages: Mapping[str, float] | None = None,
    roots: Iterable[str] | None = None,
    paths: PathStyle = "relative",
    secrets: Secrets = "off",
    threads: int = 0,
    cache: str | PathLike[str] | Known | None = None,
    stable_from: str | Pack | None = None,
) -> Pack:
    """Put the most valuable choice of documents into one text, within a limit of tokens.

    The text was counted as a whole, and keeps the limit. The same arguments give the same text,
    whatever the number of threads.

    What nobody of a project wrote (`ctxtools.documents.origins`) comes after everything else, and
    only outlined where it is long. Of lock files and minified files only the paths go in, and
    nothing of dependencies, environments, build outputs and earlier packs: unless they were named
    (not only the folder that they are in), pinned or required, or a tier or priority matches
    nothing but such files, or there is nothing else. With ``values``, these alone decide.

    Args:
        documents: documents, (path, text) pairs, or a mapping of paths to texts.
        encoding: counts; an Encoding, or the name of one.
        budget: the limit of the text in tokens, or a `Budget`, whose ``available`` is that.
        format: "xml", "markdown", "json" or "plain".
        template: a text of your own; see `ctxtools.packing.prompt.template`.
        order: "path"; "priority", the most valuable first; "edges", the most valuable first and
            last, since models read the middle least well (Liu and others 2023, arXiv 2307.03172);
            "stable", what changed last, by ``ages``, at the end, for ``stable_from``.
        tree: append the tree of all documents' paths.
        keep_data_uris: write data URIs whole; else the content of one of more than 256 bytes gives
            way to a marker with its size.
        line_numbers: write before each line its number in the document and a tab; they are counted.
        forms: what a document may go in as: "whole", "excerpt", "trimmed", "outline", "path".
        trim: what is kept of a trimmed document: "head", "tail", or both but for the "middle".
        pins: paths or patterns (as in .gitignore) of documents that have to go in, whole. One that
            matches nothing is an error, as in ``tiers`` and ``requires``.
        priorities: pattern -> factor of the value; of several matching patterns the last counts.
            One that matches nothing is a note, as are values of unknown paths.
        tiers: patterns; everything that the first matches comes before anything that the next does.
        requires: pattern -> patterns: what the first matches goes in with content only where
            everything that the others match does.
        values: path -> value of the whole document, in place of `ctxtools.packing.prompt.values`.
        query: what the text is to answer: a question; a function that gets texts and returns their
            scores; or `Embeddings`. Documents are then valued by the spans that are relevant for it
            as well, and may go in as an excerpt of these (`ctxtools.packing.relevance`).
        changes: path -> the first and the last line of each span that was changed, from 1; None is
            all of the document. These lines go in, whole or as an excerpt of the functions and
            sections that they are in. What they use, what uses it and tests of it are valued by
            that, and may go in as excerpts (`ctxtools.packing.relevance.graph.changes`). A path of
            no document is a note; what nobody wrote is not shown for its changes.
        ages: path -> days since its last change, for the default value.
        roots: folders that patterns and the paths in the text may be relative to; None is those
            that `read_documents` was given, if the documents come from it.
        paths: how documents are called: "relative" to the folder that was named (to its parent, if
            there are several), so that a text does not say whose home folder it comes from;
            "absolute"; or "as-given". Without roots, they are called as given.
        secrets: what to do about keys, tokens and passwords in the documents: nothing ("off");
            "report" them in ``Pack.secrets`` and ``Pack.notes``; "redact" them, so that the text
            has ``[redacted: GitHub Token]`` in their place, wherever they occur; "omit" documents
            that hold any; or "fail". All but "report", which then finds those alone that their
            shape gives away, need the extra ``secrets``.
        threads: how many may count at once; 0 is one per core.
        cache: a folder of a file in which to keep what is known of each text by its content, so
            that packing again is quicker; the text is the same. See `ctxtools.packing.cache`.
        stable_from: an earlier pack. Its documents stay first, in its order and byte for byte, up
            to the first that changed (of an excerpt: the lines that it shows), is gone or may not
            be so; the choice of the others follows.
            ``Pack.stable`` says how many tokens a provider's prompt cache can use again.

    Raises:
        ConflictError: what has to go in does not fit; ``conflict`` is the smallest set of it that
            does not.
        MissingExtraError: secrets are to be found, and detect-secrets is not installed.
        SecretsError: what goes in holds some, and ``secrets`` is "fail".
        UsageError: an argument cannot be used.
    """
    encoding = as_encoding(encoding)
    check_lists(forms=forms, pins=pins, tiers=tiers, roots=roots)
    check_mappings(
        priorities=priorities, requires=requires, values=values, ages=ages, changes=changes
    )
    if template is not None:
        check_type("template", template, str)
    check_query(query)
    for pattern, others in (requires or {}).items():
        if not isinstance(others, str):
            check_list(f"requires[{pattern!r}]", others)
    options = PackOptions(
        format, template, order, tree, line_numbers, keep_data_uris, frozenset(forms), trim,
        pins=tuple(pins),
        priorities=priorities or {},
        tiers=tuple(tiers),
        requires={k: (v,) if isinstance(v, str) else tuple(v) for k, v in (requires or {}).items()},
        values=values,
        query=query,
        changes=changes or {},
        ages=ages or {},
        roots=None if roots is None else tuple(roots),
        paths=paths,
        secrets=secrets,
        threads=check_threads(threads),
        known=Known.open(cache),
        stable_from=stable_from.text if isinstance(stable_from, Pack) else stable_from,
    )  # fmt: skip
    limit = token_limit(budget)
    screen = Screen(options.secrets, keep_lines=options.line_numbers, known=options.known)
    texts, folders = collect(documents, options)
    texts, rules, notes, left_out = screened_rules(texts, folders, options, screen)
    renderer = make_renderer(texts, encoding, options, rules)
    candidates, asked = evaluate(texts, rules, options, renderer, limit)
    draft, more_notes, stable = _pack(candidates, options, renderer, limit)
    unmatched = map(str, documents.unmatched) if isinstance(documents, ReadDocuments) else ()
    notes = [*unmatched, *notes, *asked, *more_notes]
    packed = pack_of(draft, candidates, renderer, limit, notes)
    found = screen.after(
        (each.name, each.text, pick.body)
        for each, pick in zip(candidates, draft.picks, strict=True)
        if pick.has_content
    )
    options.known.save()
    return replace(
        packed,
        omitted=(*packed.omitted, *left_out),
        notes=(*screen.notes(found), *packed.notes),
        secrets=found,
        stable=stable,
    )


def _pack(
    candidates: Sequence[Candidate], options: PackOptions, renderer: Renderer, limit: int
) -> tuple[Draft, list[str], Stable | None]:
    """The choice, notes for the user, and what of it is as in the earlier pack, if there is one.

    Raises:
        ConflictError: not even what has to go in fits.
    """
    kept = find_kept(candidates, options, renderer)
    costs = path_costs(candidates, options, renderer)
    while True:
        packer = _Packer(candidates, costs, options, renderer, limit, kept.options)
        found = packer.pack_everything() or packer.pack_best()
        if found is not None:
            return *found, kept.stable(found[0].text, options, renderer)
        kept = kept.shorter()


class _Packer(NamedTuple):
    """What the steps of choosing share."""

    candidates: Sequence[Candidate]
    path_costs: Sequence[int]
    options: PackOptions
    renderer: Renderer
    limit: int
    kept: Mapping[int, Option]  # of an earlier pack, in its order

    def pack_everything(self) -> tuple[Draft, list[str]] | None:
        """All documents, as full as they may be, where they fit."""
        if not self.options.allows(Form.WHOLE):
            return None
        if any(each.may_have_content and not each.may_be_long for each in self.candidates):
            return None
        picks = fullest(self.candidates, self.path_costs)
        for i, option in self.kept.items():
            picks[i] = option
        if self.renderer.frame_cost() + sum(pick.cost for pick in picks) > self.limit:
            return None
        draft = self._render(picks)
        return (draft._replace(bound=draft.value), []) if draft.token_count <= self.limit else None

    def pack_best(self) -> tuple[Draft, list[str]] | None:
        """The best choice that fits; and notes for the user. None if what is kept does not fit.

        Raises:
            ConflictError: not even what has to go in fits.
        """
        if (mandatory := self._render_mandatory()) is None:
            return None
        frame = self.renderer.frame_cost()
        if self.renderer.may_be_empty and frame > self.limit:
            return self._render([OMITTED] * len(self.candidates)), []
        capacity = self.limit - frame
        shared = self.candidates, self.options, self.renderer
        items, notes = make_items(*shared, self.path_costs, capacity)
        for i, option in self.kept.items():
            items[i] = items[i]._replace(options=[option])
        best, bound = None, 0.0
        # How many fewer tokens the text is expected to have than the sum of its entries.
        saving = max(self._saving(mandatory, frame), 0)
        refills = _REFILLS
        for _ in range(_ATTEMPTS):
            chosen = self._select(items, capacity + saving)
            if chosen is None:
                break
            picks, chosen_bound = chosen
            bound = max(bound, chosen_bound)
            draft = self._render(picks)._replace(bound=bound)
            if (excess := draft.token_count - self.limit) > 0:
                if best is not None:
                    break  # a refill that did not fit
                saving -= excess
                continue
            best = draft if best is None or draft.value > best.value else best
            found = self._saving(draft, frame)
            tolerance = 0 if len(items) <= _FEW else self.limit // 2000
            if found <= saving + tolerance or refills == 0:
                break
            saving, refills = found, refills - 1
        if best is None and self.kept:
            return None
        return best or mandatory._replace(bound=sum(each.value for each in self.candidates)), notes

    def _saving(self, draft: Draft, frame: int) -> int:
        """By how many tokens a text has fewer than its entries and frame together."""
        return frame + sum(p.cost for p in draft.picks) - draft.token_count if draft.text else 0

    def _select(self, items: list[Item], capacity: int) -> tuple[list[Option], float] | None:
        """An option of each document and an upper bound of the value; None where nothing fits.

        Late documents get what the others, trimmed ones included, leave.
        """
        late = [each.rule.late for each in self.candidates]
        if not any(late) or all(late):
            return self._select_of(items, capacity, late=True)
        first = [
            item._replace(options=item.options[:1]) if is_late else item
            for item, is_late in zip(items, late, strict=True)
        ]
        chosen = self._select_of(first, capacity, late=False)
        if chosen is None:
            return None
        picks, bound = chosen
        rest = [
            item if is_late else item._replace(options=[pick])
            for item, pick, is_late in zip(items, picks, late, strict=True)
        ]
        both = self._select_of(rest, capacity, late=True)
        if both is None:
            return chosen
        return both[0], bound + max(both[1] - sum(pick.value for pick in picks), 0.0)

    def _select_of(
        self, items: list[Item], capacity: int, *, late: bool
    ) -> tuple[list[Option], float] | None:
        """The same of documents that are chosen together."""
        best: tuple[float, list[Option], float] | None = None
        trims = self.options.allows(Form.TRIMMED)
        # Where there are few documents, what fills the rest matters for the choice of the others.
        for share in (0.0, TRIMMED) if trims and len(items) <= _FEW else (0.0,):
            selection = select(items, capacity, fill=share)
            if selection is None:
                return None
            picks = list(selection.picks)
            remaining = capacity - selection.cost
            filled = fill(
                picks, self.candidates, self.options, self.renderer, remaining,
                late=late, fixed=self.kept,
            )  # fmt: skip
            if filled:
                picks[filled[0]] = filled[1]
            # A document may be trimmed to any size. None of these sizes beats a mix of nothing and
            # the whole, so the relaxation bounds them; the proof over the other forms does not.
            bound = selection.relaxed_bound if trims else selection.upper_bound
            value = sum(pick.value for pick in picks)
            if best is None or value > best[0]:
                best = value, picks, bound
        return best[1:] if best else None

    def _render_mandatory(self) -> Draft | None:
        """What has to go in, alone, with what is kept; None if that is too much.

        Raises:
            ConflictError: it does not fit.
        """
        picks = smallest_shown(self.candidates, self.options, self.renderer)
        for i, option in self.kept.items():
            picks[i] = option
        draft = self._render(picks)
        if draft.token_count > self.limit:
            if self.kept:
                return None
            raise self._conflict(draft)
        return draft

    def _conflict(self, draft: Draft) -> ConflictError:
        """The fewest documents that do not fit: the largest ones."""
        frame = "template" if isinstance(self.renderer.layout, TemplateLayout) else "frame"
        total = self.renderer.empty_cost()
        conflict = [(f"the {frame}{' with the tree' if self.renderer.has_tree else ''}", total)]
        for i in sorted(draft.order, key=lambda i: (-draft.picks[i].cost, i)):
            if total > self.limit:
                break
            each, cost = self.candidates[i], draft.picks[i].cost
            why = "" if each.rule.pinned else "changed" if each.rule.is_changed else "required"
            total += cost
            conflict.append((f"{each.name} ({why})" if why else each.name, cost))
        listed = ", ".join(f"{name} ({format_count(tokens)})" for name, tokens in conflict)
        has_changes = any(each.rule.is_changed for each in self.candidates)
        how = "name fewer files that changed" if has_changes else "pin less"
        return ConflictError(
            f"what has to go in takes {format_count(draft.token_count)} tokens of "
            f"{format_count(self.limit)}; these alone exceed the limit: {listed}",
            conflict=tuple(conflict),
            available=self.limit,
            hint=f"{how}, reserve less, or raise the limit",
        )

    def _render(self, picks: Sequence[Option]) -> Draft:
        """The text of a choice and its tokens, counted as a whole."""
        order = in_order(self.options, self.candidates, picks)
        if self.kept:
            order = [*self.kept, *(i for i in order if i not in self.kept)]
        entries = (
            Entry(self.candidates[i].name, form, picks[i].body, picks[i].label)
            for i in order
            if (form := picks[i].form)
        )
        return Draft(*self.renderer.render(entries), picks, order)
