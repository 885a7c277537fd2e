"""The user's own template: a text with names in double braces that stand for what goes in.

    {{documents}}                     all documents, in the format that was chosen
    {{#documents}}…{{/documents}}     instead: this for each document, with
        {{index}} {{source}} {{form}} {{language}} {{content}}
        {{fence}}                     a Markdown fence longer than any in the content
        {{mark}}                      a word that no document contains, for delimiters
    {{tree}}                          the tree of all documents' paths
    {{part}} {{parts}}                the number of this part, and of all parts
    {{"{{"}} {{"}}"}}                 literal braces: ``{{"{{"}} name }}`` writes ``{{ name }}``

The text of a document is put in last and never searched for names, so it cannot insert anything.
Where a document contains the template's delimiter, only ``{{mark}}`` or ``{{fence}}`` keep them
apart; `TemplateLayout.is_safe` finds out.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from ctxtools.documents.file import display_name
from ctxtools.documents.filetypes import file_type
from ctxtools.encodings import Encoding
from ctxtools.errors import UsageError
from ctxtools.packing.arguments import Form, Format
from ctxtools.packing.prompt.options import PackOptions
from ctxtools.packing.prompt.paths import draw_tree
from ctxtools.packing.prompt.render import Entry, Layout, Part, Renderer, fence, make_layout
from ctxtools.packing.prompt.rules import NamedText, Rule

_OPEN = re.compile(r"\{\{\s*#documents\s*\}\}(?:\r?\n)?")
_CLOSE = re.compile(r"\{\{\s*/documents\s*\}\}(?:\r?\n)?")
_NAME = re.compile(r"\{\{\s*([#/]?\w+|([\"'])(?:\{\{|\}\})\2)\s*\}\}")
_INSIDE = ("index", "source", "form", "language", "content", "fence", "mark")
_OUTSIDE = ("tree", "part", "parts", "mark")
_CLOSER = re.compile(r"\{\{\s*content\s*\}\}([^{]*)")
_LARGE = ("content", "tree")  # what may be much longer than its name
_MAX_LARGE = 20  # times that a template may put each of them in
_MAX_NAMES = 1000


class TemplateLayout(Layout):
    """A template as a layout.

    Args:
        template: the text.
        inner: the layout of the documents, for ``{{documents}}``.
        texts: everything that may go in, so that ``{{mark}}`` can be chosen against it.

    Raises:
        UsageError: a name in it is unknown, or it does not say where the documents go.
    """

    is_empty_allowed = False

    def __init__(self, template: str, inner: Layout, texts: Iterable[str]) -> None:
        start = _OPEN.search(template)
        end = start and _CLOSE.search(template, start.end())
        if not start or not end:
            start = end = re.search(r"\{\{\s*documents\s*\}\}", template)
        if not start or not end:
            raise UsageError(
                "the template does not say where the documents go",
                hint="write {{documents}}, or {{#documents}} … {{content}} … {{/documents}}",
            )
        self._before, self._after = template[: start.start()], template[end.end() :]
        self._each = template[start.end() : end.start()] if start is not end else None
        self._inner = inner
        self.separator = inner.separator if self._each is None else ""
        for text, names in ((self._before, _OUTSIDE), (self._after, _OUTSIDE)):
            _refuse_unknown(text, names)
        if self._each is not None:
            _refuse_unknown(self._each, _INSIDE)
        _refuse_too_many(template)
        self.wants_tree = "tree" in _names(self._before + self._after)
        closer = _CLOSER.search(self._each or "")
        self._closer = closer.group(1).strip() if closer else ""
        self._mark = _free_mark(texts) if "mark" in _names(template) else ""

    def entry(self, index: int, entry: Entry) -> str:
        if self._each is None:
            return self._inner.entry(index, entry)
        values: dict[str, Callable[[], str]] = {
            "index": lambda: str(index),
            "source": lambda: display_name(entry.source),
            "form": lambda: entry.label or entry.form.value,
            "language": lambda: file_type(entry.source).language,
            "content": lambda: entry.body if entry.form is not Form.PATH else "",
            "fence": lambda: fence(entry.body),
            "mark": lambda: self._mark,
        }
        return _fill(self._each, values)

    def frame(self, tree: str, part: Part | None) -> tuple[str, str]:
        which = part or Part(1, 1)
        values: dict[str, Callable[[], str]] = {
            "tree": lambda: tree,
            "part": lambda: str(which.number),
            "parts": lambda: str(which.of),
            "mark": lambda: self._mark,
        }
        return _fill(self._before, values), _fill(self._after, values)

    def is_safe(self, body: str) -> bool:
        if self._each is None:
            return self._inner.is_safe(body)
        return not self._closer or self._closer not in body


def layout_for(format: Format, template: str | None, texts: Iterable[str]) -> Layout:
    """The layout of a format, or of a template with documents in that format.

    Raises:
        UsageError: the format is unknown, or something is wrong with the template.
    """
    texts = list(texts)
    layout = make_layout(format, texts)
    return layout if template is None else TemplateLayout(template, layout, texts)


def make_renderer(
    texts: Sequence[NamedText], encoding: Encoding, options: PackOptions, rules: Sequence[Rule]
) -> Renderer:
    """What renders some documents; errors are those of `pack`.

    Of what is in a folder that goes in without content, the tree has the folder alone.
    """
    bodies = (text.text for text, rule in zip(texts, rules, strict=True) if not rule.withheld)
    layout = layout_for(options.format, options.template, bodies)
    names = (_name_in_tree(text, rule) for text, rule in zip(texts, rules, strict=True))
    drawn = draw_tree(names) if options.tree or layout.wants_tree else ""
    return Renderer(layout, encoding, drawn, options.threads)


def _name_in_tree(text: NamedText, rule: Rule) -> str:
    folder = rule.folder_of(text.name)
    return f"{folder}/…" if folder else text.name


def unsafe_notes(layout: Layout, bodies: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Notes on documents, (name, content) pairs, that a template does not keep apart."""
    if not isinstance(layout, TemplateLayout):
        return  # the other layouts choose their delimiters by the documents
    for name, body in bodies:
        if not layout.is_safe(body):
            yield (
                f"{name} contains the delimiter that the template puts after a document; "
                "{{mark}} or {{fence}} keep them apart"
            )


def _fill(template: str, values: Mapping[str, Callable[[], str]]) -> str:
    found: dict[str, str] = {}

    def value(match: re.Match[str]) -> str:
        name, quote = match.groups()
        if quote:
            return name.strip(quote)
        if name not in found:
            found[name] = values[name]()
        return found[name]

    return _NAME.sub(value, template)


def _names(text: str) -> set[str]:
    return {match.group(1) for match in _NAME.finditer(text)}


def _refuse_unknown(text: str, known: tuple[str, ...]) -> None:
    for name, quote in _NAME.findall(text):
        if name.strip("#/") == "documents":
            raise UsageError(
                "the template says twice where the documents go, or only where they start or end",
                hint="write {{documents}} once, or {{#documents}} … {{/documents}}",
            )
        if not quote and name not in known:
            raise UsageError(
                f"unknown name {{{{{name}}}}} in the template",
                hint=f"choose one of {', '.join(known)}; "
                f'{{{{"{{{{"}}}} writes two literal braces: {{{{"{{{{"}}}} {name} }}}}',
            )


def _refuse_too_many(template: str) -> None:
    """A short template could stand for gigabytes."""
    times = Counter(match.group(1) for match in _NAME.finditer(template))
    if times.total() > _MAX_NAMES:
        raise UsageError(
            f"the template has {times.total():,} names in double braces, of at most {_MAX_NAMES:,}"
        )
    for name in _LARGE:
        if times[name] > _MAX_LARGE:
            raise UsageError(
                f"the template has {{{{{name}}}}} {times[name]:,} times, of at most {_MAX_LARGE}",
                hint="put it in once",
            )


def _free_mark(texts: Iterable[str]) -> str:
    used = set[str]()
    for text in texts:
        used.update(re.findall(r"mark-[0-9]+", text))
    number = next(n for n in range(1, len(used) + 2) if f"mark-{n}" not in used)
    return f"mark-{number}"
