"""Pages to parse: conforming ones with and without the end tags that may be omitted, and any tags
in any order."""

from hypothesis import strategies as st

_WORDS = ("rope", "Mast &amp; sail.", "a", "é😀", "two words", "Is it? Yes.", "。岸", "12 m")
_INLINE = ("b", "em", "code", "a", "span", "sup")
_WRAPPERS = ("div", "section", "article", "main", "header", "aside", "blockquote", "details", "nav")
_SPACES = ("", " ", "\n", "\n  ", "\n\n")
_ATTRIBUTES = ("", ' id="x"', " class='a b'", ' title="Stop. Go > on"', " hidden", " data-x=1")


@st.composite
def inline(draw: st.DrawFn, depth: int = 2) -> str:
    """Words, links, images and line breaks."""
    parts = []
    for _ in range(draw(st.integers(1, 3))):
        kind = draw(st.sampled_from(("words", "words", "element", "void", "comment")))
        if kind == "element" and depth:
            name = draw(st.sampled_from(_INLINE))
            attributes = draw(st.sampled_from(_ATTRIBUTES))
            parts.append(f"<{name}{attributes}>{draw(inline(depth - 1))}</{name}>")
        elif kind == "void":
            parts.append(draw(st.sampled_from(("<br>", "<br/>", '<img alt="A mast">', "<wbr>"))))
        elif kind == "comment":
            parts.append("<!-- <p> -->")
        else:
            parts.append(draw(st.sampled_from(_WORDS)))
    return draw(st.sampled_from(("", " "))).join(parts)


@st.composite
def flow(draw: st.DrawFn, depth: int = 3) -> str:
    """Blocks, one after the other."""
    parts = []
    for _ in range(draw(st.integers(1, 3))):
        kinds = ["p", "p", "heading", "pre", "hr"]
        if depth:
            kinds += ["wrapper", "wrapper", "list", "terms", "table", "figure"]
        kind = draw(st.sampled_from(kinds))
        parts.append(draw(_BLOCKS[kind](depth - 1)))
        parts.append(draw(st.sampled_from(_SPACES)))
    return "".join(parts)


@st.composite
def _paragraph(draw: st.DrawFn, _: int) -> str:
    return f"<p>{draw(inline())}{draw(_end('p'))}"


@st.composite
def _heading(draw: st.DrawFn, _: int) -> str:
    level = draw(st.integers(1, 6))
    return f"<h{level}{draw(st.sampled_from(_ATTRIBUTES))}>{draw(inline())}</h{level}>"


@st.composite
def _pre(draw: st.DrawFn, _: int) -> str:
    return f"<pre>{draw(st.sampled_from(_WORDS))}\n\n  {draw(inline(1))}</pre>"


@st.composite
def _wrapper(draw: st.DrawFn, depth: int) -> str:
    name = draw(st.sampled_from(_WRAPPERS))
    first = f"<summary>{draw(inline(1))}</summary>" if name == "details" else ""
    space = draw(st.sampled_from(_SPACES))
    return f"<{name}{draw(st.sampled_from(_ATTRIBUTES))}>{first}{space}{draw(flow(depth))}</{name}>"


@st.composite
def _list(draw: st.DrawFn, depth: int) -> str:
    name = draw(st.sampled_from(("ul", "ol")))
    items = draw(st.lists(st.one_of(inline(1), flow(depth)), min_size=1, max_size=3))
    return f"<{name}>" + "".join(f"<li>{item}{draw(_end('li'))}" for item in items) + f"</{name}>"


@st.composite
def _terms(draw: st.DrawFn, depth: int) -> str:
    pairs = []
    for _ in range(draw(st.integers(1, 3))):
        pairs.append(f"<dt>{draw(inline(1))}{draw(_end('dt'))}")
        pairs.append(f"<dd>{draw(st.one_of(inline(1), flow(depth)))}{draw(_end('dd'))}")
    return f"<dl>{''.join(pairs)}</dl>"


@st.composite
def _table(draw: st.DrawFn, depth: int) -> str:
    columns = draw(st.integers(1, 3))
    parts = ["<table>", draw(st.sampled_from(_SPACES))]
    if draw(st.booleans()):
        parts.append(f"<caption>{draw(inline(1))}</caption>")
    head = draw(st.sampled_from(("none", "row", "thead")))
    if head != "none":
        cells = "".join(f"<th>{draw(inline(1))}{draw(_end('th'))}" for _ in range(columns))
        row = f"<tr>{cells}{draw(_end('tr'))}"
        parts.append(row if head == "row" else f"<thead>{row}{draw(_end('thead'))}<tbody>")
    for _ in range(draw(st.integers(1, 3))):
        cells = ""
        for _ in range(columns):
            content = draw(st.one_of(inline(1), inline(1), flow(depth))) if depth else "1"
            cells += f"<td>{content}{draw(_end('td'))}"
        parts.append(f"<tr>{cells}{draw(_end('tr'))}{draw(st.sampled_from(_SPACES))}")
    return "".join([*parts, "</table>"])


@st.composite
def _figure(draw: st.DrawFn, depth: int) -> str:
    return f"<figure>{draw(flow(depth))}<figcaption>{draw(inline(1))}</figcaption></figure>"


def _end(name: str) -> st.SearchStrategy[str]:
    return st.sampled_from((f"</{name}>", f"</{name}>", ""))


_BLOCKS = {
    "p": _paragraph,
    "heading": _heading,
    "pre": _pre,
    "hr": lambda _: st.just("<hr>"),
    "wrapper": _wrapper,
    "list": _list,
    "terms": _terms,
    "table": _table,
    "figure": _figure,
}


@st.composite
def pages(draw: st.DrawFn) -> str:
    """A conforming page."""
    head = draw(st.sampled_from(("", "<!DOCTYPE html>\n<title>A &lt;page&gt;</title>\n")))
    return head + draw(flow())


_NAMES = (
    *("div", "section", "p", "pre", "blockquote", "address", "details", "summary", "h1", "h2"),
    *("h3", "ul", "ol", "li", "dl", "dt", "dd"),
)


@st.composite
def soup(draw: st.DrawFn) -> str:
    """Start tags and end tags of blocks in any order."""
    parts = st.sampled_from(("<{}>", "<{}>", "</{}>", "rope", " ", "\n"))
    name = st.sampled_from(_NAMES)
    count = draw(st.integers(0, 40))
    return "".join(draw(parts).format(draw(name)) for _ in range(count))
