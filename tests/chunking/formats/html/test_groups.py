"""What stays together: questions and answers, terms and definitions, captions, lines."""

from ctxtools.chunking.formats import parse_blocks
from tests.chunking.formats.trees import check, sketch


def lines(text: str) -> list[str]:
    blocks = parse_blocks(text, "html")
    check(blocks, text)
    return sketch(blocks, text)


def test_details_are_atomic_and_their_summary_stays_with_what_follows() -> None:
    text = "<details><summary>Q</summary><p>A</p>b</details>"
    (details,) = parse_blocks(text, "html")
    assert details.atomic
    assert sketch(details.children, text) == [
        "paragraph PARAGRAPH '<details><summary>Q</summary>'",
        "paragraph NONE '<p>A</p>'",
        "paragraph PARAGRAPH 'b</details>'",
    ]


def test_terms_are_atomic_with_their_definitions() -> None:
    text = "<dl>\n<dt>A<dt>B\n<dd>one\n<dd>two\n<dt>C</dt></dl>"
    (terms,) = parse_blocks(text, "html")
    assert [block.atomic for block in terms.children] == [True, True]
    assert sketch(terms.children, text) == [
        "item SENTENCE",
        "  item SENTENCE '<dl>\\n<dt>A'",
        "  item NONE '<dt>B\\n'",
        "  item NONE '<dd>one\\n'",
        "  item SENTENCE '<dd>two\\n'",
        "item SENTENCE '<dt>C</dt></dl>'",
    ]


def test_terms_in_groups_of_their_own() -> None:
    text = "<dl><div><dt>A</dt><dd>one</dd></div><div><dt>B</dt><dd>two</dd></div></dl>"
    (terms,) = parse_blocks(text, "html")
    assert [(block.kind, block.atomic) for block in terms.children] == [("item", True)] * 2


def test_captions_stay_with_their_figure() -> None:
    assert lines("<figure><pre>a</pre><figcaption>b</figcaption></figure>c") == [
        "element PARAGRAPH",
        "  code PARAGRAPH '<figure><pre>a</pre>'",
        "  paragraph NONE '<figcaption>b</figcaption></figure>'",
        "paragraph PARAGRAPH 'c'",
    ]
    assert lines("<figure><figcaption>b</figcaption><img src=a></figure>") == [
        "element PARAGRAPH",
        "  paragraph PARAGRAPH '<figure><figcaption>b</figcaption>'",
        "  paragraph NONE '<img src=a></figure>'",
    ]


def test_line_breaks() -> None:
    text = "<p>Bank Street 1<br>Leith.<br/>\n<em>Open</em> daily<br>\n<br>Ring twice</p>"
    assert lines(text) == [
        "paragraph PARAGRAPH",
        "  paragraph PARAGRAPH '<p>Bank Street 1<br>'",
        "  text LINE 'Leith.<br/>\\n'",
        "  text SENTENCE_LINE '<em>Open</em> daily<br>\\n<br>'",
        "  text PARAGRAPH 'Ring twice</p>'",
    ]


def test_elements_without_space_between_them_and_text_beside_them() -> None:
    text = "<div>a</div><div>b</div>c <b>d</b><p>e</p><div><div><div>f</div></div></div>"
    assert lines(text) == [
        "paragraph PARAGRAPH '<div>a</div>'",
        "paragraph PARAGRAPH '<div>b</div>'",
        "paragraph PARAGRAPH 'c <b>d</b>'",
        "paragraph PARAGRAPH '<p>e</p>'",
        "paragraph PARAGRAPH '<div><div><div>f</div></div></div>'",
    ]


def test_a_paragraph_that_ends_with_a_colon_introduces_a_list() -> None:
    assert lines("<p>We need:</p>\n<ul><li>a</ul><p>b</p><ul><li>c</ul>") == [
        "paragraph PARAGRAPH '<p>We need:</p>\\n'",
        "list LINE",
        "  item SENTENCE '<ul><li>a</ul>'",
        "paragraph PARAGRAPH '<p>b</p>'",
        "list PARAGRAPH",
        "  item SENTENCE '<ul><li>c</ul>'",
    ]


def test_scripts_in_the_head_are_blocks_of_it() -> None:
    text = "<head><meta charset=utf-8><title>T</title>\n<script>a</script>\n<style>b</style></head>"
    assert lines(text) == [
        "section SECTION <T>",
        "  metadata PARAGRAPH",
        "    paragraph PARAGRAPH '<head><meta charset=utf-8><title>T</title>\\n'",
        "    code PARAGRAPH '<script>a</script>\\n'",
        "    code PARAGRAPH '<style>b</style></head>'",
    ]


def test_what_is_nested_deeply_is_cut_by_its_text() -> None:
    for tag in ("div", "ul><li", "blockquote", "aside", "blockquote><h2>a</h2"):
        text = f"<{tag}>" * 300 + "words <p>a</p><p>b</p>"
        check(parse_blocks(text, "html"), text)
