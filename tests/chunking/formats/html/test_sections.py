"""A heading rules what follows it in the document, whatever is around the two."""

from collections.abc import Sequence

import pytest

from ctxtools._core.types import Strength
from ctxtools.chunking import Block, Chunker
from ctxtools.chunking.formats import parse, parse_blocks
from ctxtools.chunking.structure import Structure


def headings(text: str, words: str) -> tuple[str, ...]:
    """The titles above some words of a document."""
    return Structure(parse(text, "html")).headings(text.index(words))


def starts(text: str) -> dict[str, str]:
    """Title: what its section starts with."""

    def all_of(blocks: Sequence[Block]) -> dict[str, str]:
        found = {}
        for block in blocks:
            if block.title:
                found[block.title] = text[block.start : block.start + 20].split("\n")[0]
            found |= all_of(block.children)
        return found

    return all_of(parse_blocks(text, "html"))


@pytest.mark.parametrize(
    "before, after",
    [
        ("<div class='title'>", "</div>"),
        ("<header><div>", "</div><p>by A. Smith</p></header>"),
        ("<hgroup>", "<p>For beginners</p></hgroup>"),
        ("<section>\n", "\n"),
        ("<details open><summary><section>", "</section></summary>"),
        ("<a id='x'></a>", ""),
        ("<custom-title>", "</custom-title>"),
        ("<table><tr><td>", "</td></tr></table>"),
        ("<center><b>", "</b></center>"),
    ],
)
def test_what_wraps_a_heading_makes_no_difference(before: str, after: str) -> None:
    text = (
        "<h1>Nets</h1>\n<p>intro</p>\n"
        f"{before}<h2>Knots</h2>{after}\n<div><p>reef</p></div>\n"
        f"{before}<h2>Mending</h2>{after}\n<div><div><p>needle</p></div></div>"
    )
    assert headings(text, "intro") == ("Nets",)
    assert headings(text, "reef") == ("Nets", "Knots")
    assert headings(text, "needle") == ("Nets", "Mending")
    assert starts(text)["Knots"].startswith(before.strip()[:20])


def test_a_section_starts_at_the_outermost_wrapper_in_which_nothing_is_before_its_heading() -> None:
    text = (
        "<article>\n<div><p>before</p><section><div class='t'><h2>Oars</h2></div><p>ash</p>"
        "</section></div>\n<section><header>\n<h2>Sails</h2></header>flax</section></article>"
    )
    assert starts(text) == {
        "Oars": "<section><div class=",
        "Sails": "<section><header>",
    }
    assert headings(text, "before") == ()


def test_inline_start_tags_before_a_heading_belong_to_it() -> None:
    text = "<p>a</p>b <i>c</i> <page-title id=x><b><h2>Oars</h2></b></page-title><p>ash</p>"
    assert starts(text)["Oars"] == "<page-title id=x><b>"


def test_a_short_link_beside_a_heading_belongs_to_it() -> None:
    text = (
        "<p>a</p><section><a class='src' href='x'>Source</a><h4>fn cast</h4></section><p>docs</p>"
        "<div><h4>Reel</h4><span>[<a href='e'>edit</a>]</span></div><p>wood</p>"
    )
    assert starts(text)["fn cast"] == "<section><a class='s"
    (reel,) = [block for block in parse_blocks(text, "html") if block.title == "Reel"]
    assert text[reel.children[0].start : reel.children[0].end].endswith("</span></div>")


def test_a_page_of_an_interface() -> None:
    """As rustdoc writes them: methods are in summaries, their documentation beside these."""
    method = (
        '<details class="toggle" open><summary><section id="method.{0}"><span class="rightside">'
        '<a class="src" href="x.html#1">Source</a></span><h4 class="code-header">pub fn '
        '<a href="#method.{0}" class="fn">{0}</a>(&amp;self)</h4></section></summary>'
        '<div class="docblock"><p>About {0}.</p><h5 id="e"><a class="doc-anchor" href="#e">§</a>'
        "Examples</h5><pre>{0}_example()</pre></div></details>"
    )
    text = (
        "<!DOCTYPE html><title>Rope in nets - Rust</title><nav><h2>Rope</h2><h3>Methods</h3></nav>"
        '<main><h1>Struct <span>Rope</span>&nbsp;<button title="Copy">Copy item path</button></h1>'
        '<h2 id="i">Implementations<a href="#i" class="anchor">§</a></h2><div>'
        + method.format("coil")
        + method.format("cut")
        + "</div></main>"
    )
    expected = ("Struct Rope", "Implementations", "pub fn cut(&self)", "Examples")
    assert headings(text, "cut_example") == expected
    assert headings(text, "About cut") == expected[:3]


@pytest.mark.parametrize("name", ["aside", "nav", "footer", "blockquote", "figure", "dialog"])
def test_headings_beside_the_text_rule_nothing_outside(name: str) -> None:
    text = f"<h1>Boats</h1><p>one</p><{name}><h2>Note</h2><p>two</p></{name}><p>three</p>"
    assert headings(text, "two") == ("Boats", "Note")
    assert headings(text, "three") == ("Boats",)


@pytest.mark.parametrize("main", ["main", "div role=main", "article role='main' class=a"])
@pytest.mark.parametrize("after", ["nav", "aside", "footer", "div role=navigation", "div"])
def test_headings_of_the_main_content_but_its_h1_rule_nothing_after_it(
    main: str, after: str
) -> None:
    """As Sphinx writes pages, and mdBook: the navigation is after what it leads away from."""
    text = (
        f"<body><div><{main}><h1>Boats</h1><h2>Knots</h2><h3>Reef</h3><p>one</p></{main.split()[0]}>"
        f"</div><{after}><p>two</p><h4>Next</h4><p>three</p></{after.split()[0]}><p>four</p></body>"
    )
    assert headings(text, "one") == ("Boats", "Knots", "Reef")
    assert headings(text, "two") == ("Boats",)
    assert headings(text, "three") == ("Boats", "Next")
    assert headings(text, "four") == (("Boats", "Next") if after == "div" else ("Boats",))


def test_a_heading_without_text_at_the_end_of_the_main_content() -> None:
    text = "<main><h2>Knots</h2></main><nav><p>two</p></nav>"
    knots, nav = parse_blocks(text, "html")
    assert (knots.title, nav.title, nav.strength) == ("Knots", "", Strength.SECTION)
    assert text[nav.start : nav.end] == "<nav><p>two</p></nav>"


def test_headings_in_a_table_with_a_head_rule_nothing() -> None:
    text = (
        "<h2>Plans</h2><table><thead><tr><th><h3>Small</h3></th><th><h3>Large</h3></th></tr></thead>"
        "<tr><td>1</td><td>2</td></tr></table><p>after</p>"
    )
    assert headings(text, "<td>2") == headings(text, "after") == ("Plans",)


def test_the_title_of_the_document_is_the_outermost_heading_where_there_is_no_h1() -> None:
    page = "<html><head><title>Tide &amp; time</title></head><body>{}<p>text</p></body></html>"
    assert headings(page.format("<h2>High</h2>"), "text") == ("Tide & time", "High")
    assert headings(page.format(""), "text") == ("Tide & time",)
    assert headings(page.format("<h1>Tides</h1>"), "text") == ("Tides",)
    assert headings(page.format("<h2>Tide &amp; time</h2>"), "text") == ("Tide & time",)
    assert headings(page.format("<nav><h1>Site</h1></nav>"), "text") == ("Tide & time",)
    (section,) = parse_blocks(page.format(""), "html")
    assert (section.start, section.level) == (0, 1)


@pytest.mark.parametrize(
    "markup, title",
    [
        ("Boats<br>and <em>ships</em>", "Boats and ships"),
        ("A\n  &amp; B&nbsp;C", "A & B C"),
        ('Warping<a class="headerlink" href="#warping" title="Link">¶</a>', "Warping"),
        ('<a class="anchor" aria-hidden="true" href="#x"><svg><path d=""/></svg></a>Use', "Use"),
        ('<a href="#use">#</a> Use', "Use"),
        ('Use<a class="hash-link" href="#use">\u200b</a>', "Use"),
        ('Notes<a class="headerlink" href="#notes" title="Link">\uf0c1</a>', "Notes"),
        ('<i class="fa">\uf02d</i> Books', "Books"),
        ("In\u00adstall\ufeff", "Install"),
        ("<svg><title>icon</title></svg>Mail", "Mail"),
        ("Mail<script>x()</script><style>b{}</style><template>t</template>", "Mail"),
        ("<span hidden>old</span><span style='display: none'>x</span>New", "New"),
        ("<span class='a sr-only'>Section<span>:</span></span>New", "New"),
        ("History<span class='mw-editsection'>[<a>edit</a>]</span>", "History"),
        ('<img src="x" alt="Acme &amp; Co"> manual', "Acme & Co manual"),
        ("std::<wbr>fs", "std::fs"),
        ("Installing {#installing}", "Installing"),
        (
            "Area <math><mi>x</mi><annotation encoding='x'>x^2</annotation></math> of a sail",
            "Area x of a sail",
        ),
        ("C#", "C#"),
        ("§ 5 Rights", "§ 5 Rights"),
        ("<div>One</div><div>Two</div>", "One Two"),
        ("The <a href='/x'>#</a>1 <a>choice</a>", "The 1 choice"),
        ("x" * 300, "x" * 199 + "…"),
    ],
)
def test_the_title_of_a_section_is_what_a_reader_sees(markup: str, title: str) -> None:
    assert headings(f"<h2>{markup}</h2><p>text", "text") == (title,)


def test_a_heading_without_text_is_none() -> None:
    text = "<h1>Nets</h1><h2><svg></svg></h2><p>text"
    assert headings(text, "text") == ("Nets",)


@pytest.mark.parametrize("role", ['role="heading" aria-level="2"', "role=heading"])
def test_a_heading_by_its_role(role: str) -> None:
    text = f"<h1>Nets</h1><div {role}><span>Knots</span></div><p>reef</p><h2>Cork</h2><p>float"
    assert headings(text, "reef") == ("Nets", "Knots")
    assert headings(text, "float") == ("Nets", "Cork")


def test_chunks_name_the_sections_that_they_start_in() -> None:
    text = "".join(
        f"<section id={i}>\n<h2>Part {i}</h2>\n<p>{'A rope has strands. ' * 8}</p>\n</section>\n"
        for i in range(5)
    )
    chunks = [*Chunker("o200k_base", 80, format="html").chunk(text)]
    assert [chunk.headings for chunk in chunks] == [(f"Part {i}",) for i in range(5)]
    assert all(chunk.text.startswith("<section id=") for chunk in chunks)
