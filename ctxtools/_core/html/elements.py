"""Elements of HTML by what they are (https://html.spec.whatwg.org/#semantics)."""


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


HEADINGS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6}
"""Element: its level."""

RAW = _names("script style textarea title xmp iframe noembed noframes plaintext")
"""Elements that contain text alone, whatever it looks like."""

DRAWINGS = _names("svg math")

UNSTRUCTURED = DRAWINGS | RAW | {"template"}
"""Elements without structure inside."""

VOID = _names("area base br col embed hr img input link meta param source track wbr")
"""Elements without an end tag."""

INVISIBLE = _names("meta link base col source track param wbr area bgsound basefont")
"""Elements that show nothing."""

VISIBLE = _names(
    "img input embed object video audio canvas iframe picture select progress meter textarea"
)
"""Inline elements that show something, whatever they contain."""

IN_HEAD = _names("head base basefont bgsound link meta noscript script style template title")
"""Elements that do not end the head."""

CLOSING_P = _names(
    "address article aside blockquote center details dialog dir div dl fieldset figcaption figure"
    " footer form header hgroup hr main menu nav ol p pre search section summary table ul xmp"
    " listing li dd dt h1 h2 h3 h4 h5 h6"
)
"""Elements before which a paragraph ends."""

STRUCTURE = CLOSING_P | _names("html head body legend caption colgroup thead tbody tfoot tr td th")
"""Elements that are nested; others are inline."""

ROW_GROUPS = _names("thead tbody tfoot")
CELLS = _names("td th")

SCOPES = _names("aside nav footer dialog blockquote figure")
"""Elements beyond which their headings rule nothing."""

INTRODUCING = _names("summary dt caption figcaption legend")
"""Elements that belong to what follows them."""

KINDS = {
    name: kind
    for kind, names in {
        "heading": "h1 h2 h3 h4 h5 h6",
        "paragraph": "p address summary legend figcaption caption",
        "list": "ul ol dl menu dir",
        "item": "li dt dd",
        "code": "pre listing xmp plaintext script style template",
        "quote": "blockquote",
        "table": "table",
        "row": "tr",
        "metadata": "head",
    }.items()
    for name in names.split()
}
"""Element: the kind of its block, where that is not "element"."""

ROLES = {
    "table": "table",
    "grid": "table",
    "treegrid": "table",
    "rowgroup": "tbody",
    "row": "tr",
    "columnheader": "th",
    "rowheader": "th",
    "cell": "td",
    "gridcell": "td",
    "list": "ul",
    "listitem": "li",
    "navigation": "nav",
    "main": "main",
    "complementary": "aside",
    "contentinfo": "footer",
}
"""Role of an element: the element that has it otherwise."""
