"""The documents to choose from: their texts, what the options say of each, and their values.

Three records, each complete once it is made: a `NamedText` is a document, a `Rule` what the options
say of it, a `Candidate` both with the tokens and the value of the whole document.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from ctxtools.checks import check_list
from ctxtools.documents import Document
from ctxtools.documents import Documents as ReadDocuments
from ctxtools.documents.filetypes import Kind, document_kind
from ctxtools.documents.origins.data_uris import data_uri_starts, elide_data_uris
from ctxtools.errors import UsageError
from ctxtools.packing.arguments import Form
from ctxtools.packing.cache.counts import whole_costs
from ctxtools.packing.line_numbers import number_lines
from ctxtools.packing.prompt.options import PackOptions
from ctxtools.packing.prompt.paths import shown_paths
from ctxtools.packing.prompt.render import Entry, Renderer
from ctxtools.packing.prompt.result import Explanation
from ctxtools.packing.prompt.rules import NamedText, Rule, spellings
from ctxtools.packing.prompt.values import (
    ASKED_README,
    QUERY_KINDS,
    Asked,
    Prior,
    score,
    size_factor,
)
from ctxtools.packing.relevance.graph.edges import Graph
from ctxtools.packing.relevance.graph.importance import (
    AVERAGE,
    Importance,
    asked_factors,
    code_graph,
    importances,
)
from ctxtools.packing.relevance.query import find_relevance
from ctxtools.packing.relevance.spans import (
    NOTHING,
    Relevance,
    Source,
    diminished,
    merged,
)
from ctxtools.packing.unwritten import MAX_LATE

Documents = Iterable[Document | tuple[str, str]] | Mapping[str, str]

# The values of the forms against that of the whole document. Trimmed, a document has its share of
# the tokens times a factor below 1, since nobody knows what the rest says: so trimmed documents
# fill what remains, or stand for one that is too large, and otherwise whole ones come first. An
# outline says what there is, in few tokens, but not how it works (with 0.2, outlines took up to a
# third of the tokens). A path alone has the value of two of the document's tokens, and at most a
# twentieth of the document's.
TRIMMED = 0.7
OUTLINE = 0.15
PATH_TOKENS, PATH = 2, 0.05
_PATH_SIZE = size_factor(PATH_TOKENS)
# The value of the most relevant span for a question, in tokens of documents of the mean value.
RELEVANT_TOKENS = 30_000.0
_LONG_TOKEN = 8  # characters: texts of more for each token of the limit do not all go in
_SAMPLE = 100  # documents, by which there is code or not


class Candidate(NamedTuple):
    """A document that may go in.

    Attributes:
        document: what it is.
        rule: what the options say of it.
        body: what goes in if it goes in whole.
        cost: tokens of its entry, whole.
        value: of the whole document: ``prior + scale * relevance.total``.
        path_value: of its path alone.
        factors: where the value comes from, as in `Explanation`.
        prior: the value without a question.
        relevance: of its spans for the question.
        scale: the value of a span of the highest relevance.
    """

    document: NamedText
    rule: Rule
    body: str
    cost: int
    value: float
    path_value: float
    factors: tuple[object, ...]
    prior: float
    relevance: Relevance = NOTHING
    scale: float = 0.0

    @property
    def name(self) -> str:
        return self.document.name

    @property
    def text(self) -> str:
        return self.document.text

    @property
    def is_mandatory(self) -> bool:
        """Whether it has to go in, whole or the lines of it that were changed."""
        return self.rule.pinned or self.rule.required or self.rule.is_changed

    @property
    def explanation(self) -> Explanation:
        """Where its value comes from."""
        late, factors = self.rule.late, self.factors
        if late:
            why = ", content left out" if self.rule.withheld else ", after all others"
            factors = (*factors, why)
        return Explanation(self.name, self.value, factors, late)

    @property
    def may_have_content(self) -> bool:
        """Whether more than its path may go in."""
        return not self.rule.withheld

    @property
    def may_be_long(self) -> bool:
        """Whether it may go in whole, or trimmed."""
        rule = self.rule
        return not rule.withheld and (not rule.late or rule.named or self.cost <= MAX_LATE)

    @property
    def rank(self) -> tuple[bool, int, float]:
        """Sorts by tier, then by value per token, the highest first; late ones come last."""
        return self.rule.late, self.rule.tier, -self.value / max(self.cost, 1)


def collect(documents: Documents, options: PackOptions) -> tuple[list[NamedText], list[str]]:
    """The documents in the order of their paths, and the folders that were named.

    Raises:
        UsageError: something is neither a document nor a pair.
    """
    hint = "`read_documents` reads files and directories"
    check_list("documents", documents, "Documents or (path, text) pairs", hint=hint)
    pairs = list(documents.items() if isinstance(documents, Mapping) else documents)
    paths = [_path(each) for each in pairs]
    roots = options.roots
    if roots is None and isinstance(documents, ReadDocuments):
        roots = documents.folders
    # Pairs without folders have the names that the caller chose.
    style = "as-given" if roots is None and options.paths == "relative" else options.paths
    shown = shown_paths(paths, roots or (), style)
    texts = [_named(each, name) for each, name in zip(pairs, shown, strict=True)]
    options.known.load(each.text for each in texts)
    if not options.keep_data_uris:
        for i, starts in enumerate(data_uri_starts([each.text for each in texts], options.threads)):
            if starts:
                texts[i] = _without_data(texts[i], options, starts)
    texts.sort(key=lambda text: text.sort_key)
    return texts, [root for root in roots or () if root]


def _path(document: Document | tuple[str, str]) -> str:
    if isinstance(document, Document):
        return document.path
    match document:
        case (str(path), str()):
            return path
    raise UsageError(
        f"documents must be Documents or (path, text) pairs, got {document!r:.60}",
        hint="or pass a mapping of paths to texts",
    )


def _named(document: Document | tuple[str, str], shown: str) -> NamedText:
    if isinstance(document, Document):
        path, record = document.path, document.record
        pages = tuple(document.pages or ())
        # A document in another one has its file's path and its own name as its source.
        is_below = document.source.startswith((f"{path}/", f"{path}#"))
        below = document.source[len(path) :] if record is not None and is_below else ""
        return NamedText(
            shown, path, document.text, record, document.marks, pages=pages, below=below,
            headings=tuple(document.headings), format=document.format,
        )  # fmt: skip
    path, text = document
    return NamedText(shown, path, text)


def _without_data(text: NamedText, options: PackOptions, starts: Sequence[int]) -> NamedText:
    found = elide_data_uris(text.text, keep_lines=options.line_numbers, starts=starts)
    if not found.number:
        return text
    return text.with_text(found.text)._replace(elided=(found.number, found.size))


def evaluate(
    texts: Sequence[NamedText],
    rules: Sequence[Rule],
    options: PackOptions,
    renderer: Renderer,
    limit: int,
) -> tuple[list[Candidate], list[str]]:
    """The documents with their tokens and values; and notes for the user.

    Args:
        texts, rules: the documents, and what the options say of each.
        options, renderer: as for all.
        limit: of the text in tokens.
    """
    if options.query is not None:
        _prepare_parser(texts, rules)
    bodies = [number_lines(each.text) if options.line_numbers else each.text for each in texts]
    names, contents = [text.name for text in texts], [text.text for text in texts]
    kinds = [document_kind(rule.path) for rule in rules]
    is_changed = any(rule.is_changed for rule in rules)
    with whole_costs(names, contents, bodies, options, renderer) as counted:
        # Where outlines are known, others may not be needed.
        is_outlined = options.allows(Form.OUTLINE) and not options.known.has_any("outline of ")
        if is_outlined and sum(map(len, bodies)) > _LONG_TOKEN * limit:
            _prepare_parser(texts, rules)
        overheads = renderer.costs(Entry(name, Form.WHOLE) for name in names)
        graph = _graph(texts, rules, options) if is_changed or options.values is None else None
        shown = {i for i, rule in enumerate(rules) if rule.is_shown}
        found = importances(graph, shown) if graph and options.values is None else {}
        asked = _Asked([NOTHING] * len(texts), {}, [])
        if options.query is not None or is_changed:
            asked = _ask(texts, rules, kinds, options, graph, limit)
        costs = counted()
    priors = [
        _prior(text, rule, kind, cost - overhead, found.get(number, AVERAGE), options)
        for number, (text, rule, kind, cost, overhead) in enumerate(
            zip(texts, rules, kinds, costs, overheads, strict=True)
        )
    ]
    for i, (factor, why) in asked.factors.items():
        priors[i] = priors[i].times(factor, why)
    # So that values that the user gives, of any size, count as much against those of a question.
    early = [number for number, rule in enumerate(rules) if not rule.late]
    tokens = sum(costs[number] for number in early)
    unit = sum(priors[number].value for number in early) / max(tokens, 1) or 1.0
    what = " and ".join(("query",) * (options.query is not None) + ("changes",) * is_changed)
    return [
        _candidate(document, prior, QUERY_KINDS[kind], relevance, RELEVANT_TOKENS * unit, what)
        for document, prior, kind, relevance in zip(
            zip(texts, rules, bodies, costs, strict=True), priors, kinds, asked.found, strict=True
        )
    ], asked.notes


def _prepare_parser(texts: Sequence[NamedText], rules: Sequence[Rule]) -> None:
    """Have ready what parses code, if there is some: that takes 40 ms, in the background."""
    early = [each for each, rule in zip(texts, rules, strict=True) if not rule.late]
    sample = early[:: max(len(early) // _SAMPLE, 1)]
    if any(each.structure != "text" for each in sample):
        from ctxtools.chunking.formats.code import prepare

        prepare((each.structure, len(each.text)) for each in sample)


def _graph(texts: Sequence[NamedText], rules: Sequence[Rule], options: PackOptions) -> Graph:
    """Which documents of code use which."""
    without = {
        number
        for number, (text, rule) in enumerate(zip(texts, rules, strict=True))
        if text.record is not None or rule.late
    }
    documents = [(each.path, each.text) for each in texts]
    return code_graph(documents, without, options.known, options.threads)


def _prior(
    text: NamedText,
    rule: Rule,
    kind: Kind,
    tokens: int,
    importance: Importance,
    options: PackOptions,
) -> Prior:
    if options.values is not None:
        values = options.values
        given = next((values[each] for each in spellings(text) if each in values), 0.0)
        value = given * rule.weight
        return Prior(value, PATH * value, (f"given {given:g} x weight {rule.weight:g}",))
    depth, days = rule.path.count("/"), options.ages.get(text.path)
    found = score(
        kind, tokens, weight=rule.weight, depth=depth, days=days, origin=rule.origin,
        importance=importance,
    )  # fmt: skip
    unit = found.unit
    value = unit * found.size_factor
    return Prior(value, min(_PATH_SIZE * unit, PATH * value), (found,))


class _Asked(NamedTuple):
    """What a question or changes say of the documents.

    Attributes:
        found: how relevant each is.
        factors: the number of a document -> a factor of its value beside that, and why.
        notes: for the user.
    """

    found: Sequence[Relevance]
    factors: Mapping[int, tuple[float, str]]
    notes: list[str]


def _ask(
    texts: Sequence[NamedText],
    rules: Sequence[Rule],
    kinds: Sequence[Kind],
    options: PackOptions,
    graph: Graph | None,
    limit: int,
) -> _Asked:
    """What the question or the changes say.

    Late documents keep the value that they have, since they come after all others anyway.
    """
    sources = [
        Source(rule.path, "")
        if rule.late
        else Source(rule.path, text.text, text.format or "auto", text.headings)
        for text, rule in zip(texts, rules, strict=True)
    ]
    found, notes, factors = [NOTHING] * len(sources), list[str](), dict[int, tuple[float, str]]()
    if options.query is not None:
        found, notes = find_relevance(sources, options.query, limit, options.threads)
        found = [
            diminished(each) if kind == "test" else each
            for each, kind in zip(found, kinds, strict=True)
        ]
        if options.values is None and any(each.spans for each in found):
            factors = _factors(rules, kinds, found, graph)
    changes = {i: rule.changed for i, rule in enumerate(rules) if rule.is_changed}
    if graph is not None and changes:
        from ctxtools.packing.relevance.graph.changes import context_of_changes  # and all parsers

        context = context_of_changes(sources, graph, changes)
        found = [merged(each, other) for each, other in zip(found, context, strict=True)]
    return _Asked(found, factors, notes)


def _factors(
    rules: Sequence[Rule], kinds: Sequence[Kind], found: Sequence[Relevance], graph: Graph | None
) -> dict[int, tuple[float, str]]:
    """Factors of the values of READMEs, and of what uses or is used by what a question finds."""
    scores = {i: each.best.score for i, each in enumerate(found) if each.best}
    steps = asked_factors(graph, scores) if graph else {}
    factors = {
        i: (factor, f" x asked {factor:.2f} (1 step from {user})")
        for i, (factor, user) in steps.items()
    }
    for i, (rule, kind) in enumerate(zip(rules, kinds, strict=True)):
        if not rule.late and kind == "readme":
            factors[i] = ASKED_README, f" x asked {ASKED_README:.2f}"
    return factors


def _candidate(
    document: tuple[NamedText, Rule, str, int],
    prior: Prior,
    factor: float,
    relevance: Relevance,
    unit: float,
    what: str,
) -> Candidate:
    """A document with its value.

    Args:
        document: what it is, what the options say of it, its body, and the tokens of that.
        prior: its value without a question.
        factor: of what is found in it, by its kind.
        relevance: of its spans.
        unit: the value of a span of the highest relevance.
        what: the reason why some are relevant; "" if there is none.
    """
    value, path_value, factors = prior
    if not what:
        return Candidate(*document, value, path_value, factors, value)
    scale = unit * document[1].weight * factor if relevance.spans else 0.0
    factors = (*factors, Asked(what, value, relevance, scale))
    found = value + scale * relevance.total if relevance.spans else value
    return Candidate(*document, found, path_value, factors, value, relevance, scale)
