"""Tags are not cut, nor parted from what they belong to."""

from hypothesis import given

from ctxtools._core.html.tokens import tokens
from ctxtools.chunking.formats import parse
from tests.chunking.formats.html.pages import pages, soup


def spans(text: str) -> list[str]:
    return [text[start:end] for start, end in parse(text, "html").inline]


@given(pages() | soup())
def test_every_tag_is_in_a_span_and_spans_are_in_order(text: str) -> None:
    outer: tuple[int, int] = (0, 0)
    tags = {(token.start, token.end) for token in tokens(text)}
    left = tags
    for start, end in parse(text, "html").inline:
        assert 0 <= start < end <= len(text)
        if start < outer[1]:
            assert end <= outer[1]
            assert any(start <= first and last <= end for first, last in tags)
        else:
            outer = start, end
        left = {tag for tag in left if not (start <= tag[0] and tag[1] <= end)}
    assert not left


def test_start_tags_go_with_what_follows_and_end_tags_with_what_is_before() -> None:
    assert spans("one <b> a </b> <i>bc</i>。</p>") == ["<b> a </b>", "<i>bc</i>", "。</p>"]
    assert spans("<i>\n <b>one more a</b>\n</i>\n<i><b>c") == [
        "<i>\n <b>one",
        "a</b>\n</i>",
        "<i><b>c",
    ]
    assert spans("a<br>\n<a></a><b>c") == ["a<br>", "<a></a><b>c"]
    assert spans("a <!-- c --> b <img src=c> d") == ["<!-- c -->", "<img src=c>"]
    long = "x" * 40
    assert spans(f"<b>{long}</b> <b> {long} </b>") == ["<b>", "</b>", "<b> x", "x </b>"]


def test_tags_of_a_long_span_follow_it() -> None:
    first, second = '<section class="first">', '<div class="second one">'
    text = f"{first}\n{second}\n words more </b\n></section-with-quite-a-long-name>"
    assert spans(text) == [
        f"{first}\n{second}\n words",
        *(first, f"{second}\n words", second),
        *("more </b\n></section-with-quite-a-long-name>", "more </b\n>", "</b\n>"),
        "</section-with-quite-a-long-name>",
    ]
