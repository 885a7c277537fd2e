"""XML: elements where expat finds them, titles, paragraphs, records, and texts that are no XML."""

from xml.parsers import expat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools.chunking import Chunker
from ctxtools.chunking.formats import parse, parse_blocks
from ctxtools.errors import FormatError
from tests.chunking.contract import cut
from tests.chunking.formats.trees import check, sketch, walk

LONG = "some words which are more than are merged with others, as is written above"


def lines(text: str) -> list[str]:
    blocks = parse_blocks(text, "xml")
    check(blocks, text)
    return sketch(blocks, text)


def test_elements_are_nested_and_titled_by_what_names_them() -> None:
    text = f"""\
<?xml version="1.0"?>
<!-- about it -->
<book>
  <title>Of <b>boats</b> &amp; oars</title>
  <chapter>
    <title>Oars</title>
    <para>{LONG}</para>
  </chapter>
  <bean id="a.b"><x>{LONG}</x></bean>
</book>
"""
    assert lines(text) == [
        "section NONE <Of boats & oars>",
        "  element NONE '  <title>Of <b>boats</b> &amp; oars</title>\\n'",
        "  section NONE <Oars>",
        "    element NONE '    <title>Oars</title>\\n'",
        f"    paragraph NONE '    <para>{LONG}</para>\\n'",
        "    element NONE '  </chapter>\\n'",
        "  element PARAGRAPH <bean a.b>",
        f"    paragraph NONE '<x>{LONG}</x>'",
        "    element NONE '</bean>\\n'",
        "  element NONE '</book>\\n'",
    ]
    assert parse_blocks(text, "xml")[0].start == 0


def test_elements_in_a_text_are_inline_unless_they_have_lines_of_their_own() -> None:
    text = f"<a>some text <b x='y'>{LONG}</b> and\n<c>{LONG}</c>\n<d>{LONG}</d> more</a>"
    assert [text[block.start : block.end] for block in walk(parse_blocks(text, "xml"))][1:] == [
        f"<c>{LONG}</c>\n"
    ]
    assert parse(text, "xml").inline == [(text.index("<b"), text.index(LONG))]


def test_elements_of_one_name_are_records() -> None:
    record = f"<r><id>7</id><text>{LONG}</text></r>\n"
    (root,) = parse_blocks(f"<all>\n{record * 3}<other/></all>", "xml")
    assert [(child.kind, child.title) for child in root.children] == [
        *[("record", "r 7")] * 3,
        *[("element", "")] * 2,
    ]


def test_comments_stay_with_the_element_after_them() -> None:
    text = f"<a>\n<!-- one -->\n<!-- two -->\n<b>{LONG}</b>\n<?three?><c>{LONG}</c>\n</a>"
    found = [text[b.start : b.end] for b in parse_blocks(text, "xml")[0].children]
    assert found == [
        f"<!-- one -->\n<!-- two -->\n<b>{LONG}</b>\n",
        f"<?three?><c>{LONG}</c>\n",
        "</a>",
    ]


def test_no_tag_is_cut() -> None:
    tag = '<point name="The north. Of it." about="a b c d e f g h"/>'
    text = f"<a>{tag * 20}</a>"
    chunks, _ = cut(Chunker(len, 200, format="xml"), text)
    assert all(chunk.text.count("<") == chunk.text.count(">") for chunk in chunks)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "line 1: there is no element"),
        ("text", "line 1: text outside of all elements"),
        ("<a>\n<b></a>", "line 2: </a> does not close <b> of line 2"),
        ("<a/>\n</b>", "line 2: </b> closes no element"),
        ("<a>\n1 < 2</a>", "line 2: '<' starts no tag"),
        ("<a b='c></a>", "line 1: '<' starts no tag"),
        ("<a b=c></a>", "line 1: '<' starts no tag"),
        ("<a/> more", "line 1: text outside of all elements"),
        ("<!-- a", "line 1: '<' starts no tag"),
    ],
)
def test_what_is_no_xml(text: str, fault: str) -> None:
    with pytest.raises(FormatError, match=f"not XML: {fault}"):
        parse_blocks(text, "xml")
    chunks, summary = cut(Chunker(len, 100, format="xml"), text)
    assert "".join(chunk.text for chunk in chunks) == text
    assert summary.notes == (f"text: cut as plain text: not XML: {fault}",)


def test_entities_are_not_expanded() -> None:
    """A billion laughs are three lines to a scan of tags."""
    lol = "".join(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, 10))
    text = f"<!DOCTYPE a [<!ENTITY l0 'lol'>{lol}]>\n<a><title>&l9;</title><b>{LONG}</b></a>"
    (root,) = parse_blocks(text, "xml")
    assert root.title == "&l9;"


def test_an_element_that_is_not_closed_ends_with_the_text() -> None:
    text = f"<log>\n<entry><a>{LONG}</a></entry>\n<entry><a>{LONG}</a>"
    check(parse_blocks(text, "xml"), text)
    assert [b.title for b in walk(parse_blocks(text, "xml")) if b.title] == [
        "log",
        "entry",
        "entry",
    ]


_names = st.sampled_from(["a", "b", "item", "title", "h:name", "é"])
_texts = st.sampled_from(
    ["", "some text ", f"{LONG}. ", "&lt;", "\n", "\n  ", "<!-- c -->", "<?p?>"]
)
_attributes = st.sampled_from(["", ' x="1"', " id='a > b'", '\n  y = "&amp;"'])
_elements = st.recursive(
    _texts,
    lambda inner: st.tuples(_names, _attributes, st.lists(inner, max_size=5)).map(
        lambda it: f"<{it[0]}{it[1]}>{''.join(it[2])}</{it[0]}>" if it[2] else f"<{it[0]}{it[1]}/>"
    ),
    max_leaves=30,
)
_documents = st.tuples(_names, st.lists(_elements, min_size=1, max_size=6)).map(
    lambda it: f"<?xml version='1.0'?>\n<{it[0]}>{''.join(it[1])}</{it[0]}>\n"
)


@given(_documents)
def test_blocks_are_elements_as_expat_finds_them(text: str) -> None:
    data = text.encode()
    starts: set[int] = set()
    ends: set[int] = set()
    parser = expat.ParserCreate()

    def offset(byte: int) -> int:
        return len(data[:byte].decode())

    def start(name: str, attributes: object) -> None:
        starts.add(offset(parser.CurrentByteIndex))

    def end(name: str) -> None:
        at = offset(parser.CurrentByteIndex)
        ends.add(at)
        ends.add(text.index(">", at) + 1)

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.Parse(data, True)
    blocks = parse_blocks(text, "xml")
    check(blocks, text)
    for block in walk(blocks):
        first = text[block.start : block.end]
        begin = block.start
        while begin not in starts and (rest := text[begin : block.end].lstrip())[:2] in (
            "<!",
            "<?",
        ):
            begin = text.index(">", block.end - len(rest)) + 1
            first = text[begin:]
        begin += len(first) - len(first.lstrip())
        assert begin in starts or text.startswith("</", begin)
        assert len(text[: block.end].rstrip()) in ends or block.end in ends


def test_feeds() -> None:
    items = "".join(
        f"<item><title>News {n}</title><link>https://e.org/{n}</link>"
        f"<description>{LONG}</description></item>"
        for n in range(3)
    )
    text = f"<rss><channel><title>The feed</title>{items}</channel></rss>"
    titles = [block.title for block in walk(parse_blocks(text, "xml")) if block.title]
    assert titles == ["rss", "The feed", "News 0", "News 1", "News 2"]
