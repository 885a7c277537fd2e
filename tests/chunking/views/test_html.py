"""A page as plain text and as Markdown is what a browser shows, and each word is mapped back."""

import re
from html import unescape
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from selectolax.lexbor import LexborHTMLParser

from ctxtools.chunking.views.html import html_view
from tests.chunking.formats.html.pages import pages, soup

MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def as_text(text: str) -> str:
    return html_view(text, markdown=False, left_out={}).text


def as_markdown(text: str) -> str:
    return html_view(text, markdown=True, left_out={}).text


def page(text: str) -> Any:
    """The tree of a page without what is not shown, with the texts of its images."""
    tree = LexborHTMLParser("<!DOCTYPE html>" + text)
    for node in tree.css("head, script, style, svg, template, [hidden]"):
        node.decompose()
    for node in tree.css("img"):
        node.replace_with(node.attributes.get("alt") or "")
    return tree


def words(tree: Any) -> str:
    """All text without white space."""
    return "".join(tree.root.text(deep=True).split())


def headings(tree: Any) -> list[tuple[str, str]]:
    found = tree.css("h1, h2, h3, h4, h5, h6")
    texts = ((node.tag, "".join(node.text(deep=True).split())) for node in found)
    return [(tag, text) for tag, text in texts if text]


@given(pages())
def test_text_has_all_words_of_a_page(text: str) -> None:
    assume("<dl" not in text and "<table" not in text)  # which have signs of their own
    found = re.sub(r"^(?:- |\d+\. |  +)+", "", as_text(text), flags=re.MULTILINE)
    assert "".join(found.split()) == words(page(text))


@given(pages())
@example("<p>1. a<p># b<p>- c<p>+ d<p>&gt; e<p>=== <p>---<p>a<br>---<br>===")
@example("<p>&lt;b&gt; &amp;amp; *a* _b_ a_b `c` \\* [d](e) ![f](g) ~~h~~ <b>[x]</b>(y)")
@example("<p>a!<a href=b>c</a> <b>d:</b>e f<i>'g'</i>h <code>`</code><code> i </code>")
@example("a<b>c.</b><b>d</b> e<b>f.</b><wbr><i></i>g")
@example("<ul><li><ul><li>a</ul><li><pre>\n\n b\n\n</pre><li><ol start=7><li>c</ol></ul>")
@example("<table><tr><td>a|b<td><code>c|d</code><tr><td colspan=2>e<td>f<tr><td>g</table>")
def test_markdown_shows_what_the_page_shows(text: str) -> None:
    assume("<dl" not in text)
    shown = page(MARKDOWN.render(as_markdown(text)))
    assert words(shown) == words(page(text))
    if "<table" not in text:
        assert headings(shown) == headings(page(text))


@given(pages() | soup())
def test_each_letter_is_where_the_map_says(text: str) -> None:
    for markdown in (False, True):
        view = html_view(text, markdown=markdown, left_out={})
        for i, letter in enumerate(view.text):
            start, end = view.source_span(i, i + 1)
            assert 0 <= start <= end <= len(text)
            if letter.isalpha():
                assert letter in unescape(text[start:end])
                assert view.position(start) <= i


@given(pages(), st.lists(st.integers(0, 400), max_size=8))
def test_spans_of_the_document_are_in_order(text: str, cuts: list[int]) -> None:
    view = html_view(text, markdown=True, left_out={})
    offsets = sorted({min(cut, len(view.text)) for cut in [0, *cuts, len(view.text)]})
    spans = [view.source_span(start, end) for start, end in pairwise(offsets)]
    assert all(0 <= first <= last <= len(text) for first, last in spans)
    # What one span was made of, such as an image, may be in two.
    assert sorted(first for first, _ in spans) == [first for first, _ in spans]
    assert sorted(last for _, last in spans) == [last for _, last in spans]


PAGE = """<!DOCTYPE html><html><head><title>T</title><script>x</script></head><body>
<h1>Nets &amp; <em>rope</em><a class="headerlink" href="#x">¶</a></h1>
<p>First  paragraph with <b>bold </b>and <i>it</i>alic, <code>a &lt;c></code>, snake_case,
2 * 3 *x*, a <a href="http://x.y/(z) b">link [1]</a> and<br>a break <img src="i.png" alt="An image">
<a href="#"></a><img src="data:image/png;base64,AAAA"></p>
<ul><li>a</li><li><p>b</p><p>b2</p><ol start=3><li>c<li>d<pre>x
  y</pre></ol></li></ul>
<blockquote><p>Quote</p><div class="highlight-python"><div><pre>
def f():

    return `x` &lt; 1
</pre></div></div></blockquote>
<table><caption>Cap</caption><tr><th>A<th colspan=2>B</tr><tr><td rowspan=2>1|2<td><p>x</p><p>y</p>
<td>z</tr><tr><td>q<td></tr></table>
<dl><dt>T<dd>one<dd>two</dl><div>three</div><div>four</div><hr><p hidden>no</p>
<span style="display:none">no</span><p>&nbsp;</p><details><summary>Q</summary>A</details>
<math><mi>x</mi><annotation encoding="application/x-tex">x^2</annotation></math>
</body></html>
"""


def test_a_page_as_markdown() -> None:
    assert as_markdown(PAGE).split("\n") == [
        "# Nets & *rope*",
        "",
        "First paragraph with **bold** and *it*alic, `a <c>`, snake_case, 2 * 3 \\*x\\*, "
        "a [link \\[1\\]](http://x.y/%28z%29%20b) and  ",
        "a break ![An image](i.png)",
        "",
        "- a",
        "- b",
        "",
        "  b2",
        "",
        "  3. c",
        "  4. d",
        "",
        "     ```",
        "     x",
        "       y",
        "     ```",
        "",
        "> Quote",
        ">",
        "> ```python",
        "> def f():",
        "> ",
        ">     return `x` < 1",
        "> ```",
        "",
        "Cap",
        "",
        "| A | B |  |",
        "|---|---|---|",
        "| 1\\|2 | x y | z |",
        "|  | q |  |",
        "",
        "T",
        ": one",
        ": two",
        "",
        "three",
        "",
        "four",
        "",
        "---",
        "",
        "Q",
        "",
        "A",
        "",
        "$x^2$",
    ]


def test_a_page_as_text() -> None:
    assert as_text(PAGE).split("\n") == [
        "Nets & rope",
        "",
        "First paragraph with bold and italic, a <c>, snake_case, 2 * 3 *x*, a link [1] and",
        "a break An image",
        "",
        "- a",
        "- b",
        "",
        "  b2",
        "",
        "  3. c",
        "  4. d",
        "",
        "     x",
        "       y",
        "",
        "Quote",
        "",
        "def f():",
        "",
        "    return `x` < 1",
        "",
        "Cap",
        "",
        "A | B",
        "1|2 | x y | z",
        " | q | ",
        "",
        "T",
        ": one",
        ": two",
        "",
        "three",
        "four",
        "",
        "Q",
        "",
        "A",
        "",
        "$x^2$",
    ]


@pytest.mark.parametrize(
    "html, markdown",
    [
        ("<b>a</b>b <b>a.</b>b <b> c </b>d<b></b>", "**a**b a.b **c** d"),
        ("<b><p>a</p><p>b</p></b>", "**a**\n\n**b**"),
        ("<a href='javascript:x'>a</a> <a>b</a> <a href=c></a>", "a b"),
        ("<a href=x><div>a</div><div>b</div></a>", "[a](x)\n\n[b](x)"),
        ("<code>a`b</code> <kbd>c</kbd>", "`` a`b `` `c`"),
        ("<del>a</del> <sup>2</sup>", "~~a~~ 2"),
        ("<pre><code class='lang-js'>a ``` b</code></pre>", "````js\na ``` b\n````"),
        ("<pre>\n\n</pre>a", "a"),
        ("<ul><li></li><li>a</ul>", "- a"),
        ("<table><tr><td><h2>a</h2></table>b", "## a\n\nb"),
        ("<noscript>no</noscript><select><option>no</select>a<textarea>no</textarea>", "a"),
        ("<span class='sr-only'>no <span>no</span></span>a", "a"),
        ("<b>a <i>b</b> c</i> d", "**a *b*** c d"),
        ("a<br><br>b<p><br>c", "a  \nb\n\nc"),
    ],
)
def test_parts_of_a_page(html: str, markdown: str) -> None:
    assert as_markdown(html) == markdown


@pytest.mark.parametrize(
    ("inside", "shown"),
    [
        ("[opt] <b>[x]</b> [y]", "[opt] **[x]** [y]"),
        ("<span>[a</span><span>b]</span> <i>c</i>", "[ab] *c*"),
        ('use [FILE]<a class="headerlink" href="#f">\uf0c1</a>', "use [FILE]"),
        ('[a]<a href="b">c</a>', "[a\\][c](b)"),
        ("[a]<b></b>(b)", "[a\\](b)"),
        ("[a]<!-- -->(b)", "[a\\](b)"),
    ],
)
def test_brackets_are_escaped_where_they_would_be_a_link(inside: str, shown: str) -> None:
    assert as_markdown(f"<p>{inside}</p><p>(d)</p>") == f"{shown}\n\n(d)"
