"""The tree of an HTML document is that of a browser's parser: lexbor, by way of selectolax."""

from html import unescape
from typing import Any

import pytest
from hypothesis import example, given
from selectolax.lexbor import LexborHTMLParser

from ctxtools._core.html.elements import STRUCTURE, UNSTRUCTURED
from ctxtools._core.html.tokens import tokens
from ctxtools._core.html.tree import CLOSE, OPEN, TEXT, events
from tests.chunking.formats.html.pages import pages, soup

# Those that no page needs, and row groups, which a browser adds where there are none.
_PASSED = {"html", "head", "body", "tbody"}


def shape(items: list[Any]) -> list[Any]:
    """Elements as [name, *children], text without white space; no empty paragraphs, which are how
    browsers read a lone </p>."""
    found: list[Any] = []
    for item in items:
        if isinstance(item, str):
            text = "".join(item.split())
            if text and found and isinstance(found[-1], str):
                found[-1] += text
            elif text:
                found.append(text)
            continue
        name, *children = item
        children = shape(children)
        if name in _PASSED:
            found += children
        elif name != "p" or children:
            found.append([name, *children])
    return found


def ours(text: str) -> list[Any]:
    open_: list[list[Any]] = [[]]
    for kind, name, start, end in events(text, [*tokens(text)]):
        if kind == OPEN:
            open_.append([name])
        elif kind == CLOSE:
            element = open_.pop()
            assert element[0] == name, "elements are nested"
            open_[-1].append(element)
        elif kind == TEXT:
            open_[-1].append(unescape(text[start:end]))
    assert len(open_) == 1
    return shape(shape(open_[0]))


def theirs(text: str) -> list[Any]:
    def children(node: Any) -> list[Any]:
        found: list[Any] = []
        for child in node.iter(include_text=True):
            if child.tag == "-text":
                found.append(child.text(deep=False))
            elif child.tag in STRUCTURE and child.tag != "hr":
                found.append([child.tag, *children(child)])
            elif child.tag not in UNSTRUCTURED:
                found += children(child)
        return found

    # Without a doctype, a paragraph would not end before a table.
    return shape(shape(children(LexborHTMLParser("<!DOCTYPE html>" + text).root)))


@given(pages())
def test_the_tree_of_a_page(text: str) -> None:
    assert ours(text) == theirs(text)


@given(soup())
@example("<ul><li><div><li>rope")
@example("<dl><dt><section><dd>rope")
@example("<p><details></p>rope")
@example("<h1><h2>a</h1>b")
def test_the_tree_of_any_tags(text: str) -> None:
    assert ours(text) == theirs(text)


@pytest.mark.parametrize(
    "text",
    [
        "<table><tr><td>a<td>b<tr><th>c</table>d",
        "<table><thead><tr><th>a<tbody><tr><td>b<tfoot><tr><td>c</table>",
        "<table><caption>a<tr><td>b",
        "<table><tr><td><table><tr><td>a</td></tr></table>b<td>c</table>",
        "<table><tr><td></div>a</table>",
        "<div><table><tr><td><p>a</div>b</table></div>",
        "<table><td>a<td>b</table>",
        "<ul><li>a<ul><li>b</ul>c<li>d</ul>",
        "<select><option>a<option>b</select><p>c",
        "<body><p>a</body><p>b",
        "<svg><title>a</title><path d='M0 0'/></svg><p>b",
        "<p>a<svg><g><p>b",
        "<script><!-- <script> </script> <p> --></script><p>a",
        "<!--> <p>a<!-- --!> <p>b<!-- - -- <p> --> c",
        "<p a='>' b=\"</p>\" c=>d</p >e",
        "<textarea><p></textarea><title></p></title><p>a",
        "<nav><h2>a</nav><h1>b",
    ],
)
def test_the_tree_of_what_is_rare(text: str) -> None:
    assert ours(text) == theirs(text)
