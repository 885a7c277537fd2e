"""The contract, on chunks with one fault each. Tokens are characters here."""

from collections.abc import Sequence
from statistics import pstdev

import pytest
import regex
from hypothesis import given

from ctxtools.bench.contract import Clusters, Piece, Verdict, judge, kind_of_cut, locate
from tests.strategies import texts as hard_texts

SOURCE = "One sentence. Another one!\n\nA line\nand the last words"
ENDS = (13, 28, 35, len(SOURCE))


def count_batch(texts: Sequence[str]) -> list[int]:
    return [len(text) for text in texts]


def cut(source: str = SOURCE, ends: Sequence[int] = ENDS, back: int = 0) -> list[Piece]:
    starts = [0, *(end - back for end in ends[:-1])]
    return [Piece(source[a:b], a, b, b - a, f"id {a}") for a, b in zip(starts, ends, strict=True)]


def judged(pieces: Sequence[Piece], source: str = SOURCE, limit: int = 20) -> Verdict:
    return judge(source, pieces, count_batch, limit=limit)


def test_correct_chunks_keep_the_contract() -> None:
    verdict = judged(cut())
    assert verdict.broken == ()
    assert (verdict.chunks, verdict.tokens, verdict.fewest) == (4, 53, 3)
    assert verdict.fill == pytest.approx(53 / 4 / 20)
    assert (verdict.last, verdict.tiny_last) == (18, False)
    assert verdict.cuts == {"sentence": 1, "paragraph": 1, "line": 1}
    assert verdict.good_cuts == pytest.approx(2 / 3)
    assert verdict.relative_deviation == pytest.approx(pstdev([13, 15, 7, 18]) / 13.25)


@pytest.mark.parametrize(
    ("change", "broken"),
    [
        ({"text": SOURCE[13:28] + "      ", "end": None}, "1 over the limit (worst +1)"),
        ({"tokens": 14}, "1 wrong counts"),
        ({"start": -1}, "1 wrong offsets"),
        ({"start": 12}, "1 wrong offsets"),
        ({"start": None}, "1 without offsets"),
        ({"text": SOURCE[13:26], "end": 26}, "2 characters of space lost"),
        ({"text": SOURCE[13:25], "end": 25}, "3 characters lost, 1 not space"),
        ({"text": "Another one?\n\n"}, "text changed"),
        ({"text": SOURCE[12:28], "start": 12}, "1 joins with a gap or out of order"),
        ({"text": SOURCE[13:27] + "\ufffd"}, "1 U+FFFD inserted"),
        ({"id": "id 0"}, "2 duplicate ids"),
    ],
)
def test_each_fault_is_named(change: dict[str, object], broken: str) -> None:
    pieces = cut()
    pieces[1] = pieces[1]._replace(**change)  # type: ignore[arg-type]
    assert broken in judged(pieces).broken


def test_a_header_is_counted_but_not_part_of_the_slice() -> None:
    headed = [piece._replace(text="H " + piece.text, header="H ", tokens=None) for piece in cut()]
    assert judged(headed).broken == ()
    assert judged(headed, limit=19).broken == ("1 over the limit (worst +1)",)


def test_a_tiny_last_chunk() -> None:
    assert judged(cut(ends=(18, 36, 52, 53))).tiny_last
    assert not judged(cut(ends=(18, 36, 51, 53))).tiny_last
    assert not judged(cut("a", (1,)), "a").tiny_last


def test_no_chunks() -> None:
    assert judged([], "").broken == ()
    assert judged([], "ab").broken == ("2 characters lost, 2 not space",)


def test_overlap_that_is_missing_or_too_large() -> None:
    verdict = judge(SOURCE, cut(back=3), count_batch, limit=30, overlap=3)
    assert (verdict.broken, verdict.overlap) == ((), 3)
    assert judge(SOURCE, cut(back=4), count_batch, limit=30, overlap=3).unmet == 3
    assert judge(SOURCE, cut(), count_batch, limit=30, overlap=3).unmet == 3


def test_a_cluster_may_be_cut_only_if_it_is_above_the_limit() -> None:
    family = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
    source = f"ab{family}cd"
    assert judged(cut(source, (3, 9)), source).inside_clusters == 1
    assert judged(cut(source, (3, 9)), source, limit=4).inside_clusters == 0
    assert judged(cut(source, (2, 9)), source).inside_clusters == 0
    assert judged(cut("a\r\nb", (2, 4)), "a\r\nb").inside_clusters == 1


@given(hard_texts)
def test_clusters_are_those_of_the_whole_text(text: str) -> None:
    """Guards against segmentation that starts inside a cluster."""
    spans = [match.span() for match in regex.finditer(r"\X", text)]
    clusters = Clusters(text)
    for offset in range(len(text) + 1):
        inside = [span for span in spans if span[0] < offset < span[1]]
        assert clusters.around(offset) == (inside[0] if inside else None)


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        ("An end.", " Next", "sentence"),
        ("An end. ", "Next", "sentence"),
        ("He said “So!”", " Next", "sentence"),
        ("(In brackets.)\n", "Next", "sentence"),
        ("那是什么？」", "他说", "sentence"),
        ("句号。", "\n下一", "sentence"),
        ("by Mr.", " Smith", "word"),
        ("by J.", " Smith", "word"),
        ("1.", " Item", "word"),
        ("see e.g.", " this", "word"),
        ("the .py file of x.", " and", "word"),
        ("pi is 3.", "14", "inside"),
        ("wo", "rd", "inside"),
        ("漢", "字", "inside"),
        ("two", " words", "word"),
        ("a line\n", "next", "line"),
        ("a line\r\n", "next", "line"),
        ("a par\n  \n", "next", "paragraph"),
        ("a par\r\n\r\n", "next", "paragraph"),
        ("a par\n", "# not a heading", "line"),
    ],
)
def test_kinds_of_cuts(before: str, after: str, kind: str) -> None:
    assert kind_of_cut(before + after, len(before)) == kind


def test_headings_are_those_of_markdown() -> None:
    for heading in ("# One", "###### Six", "Title\n====", "Title\n---\n"):
        assert kind_of_cut(f"text\n{heading}", 5, markdown=True) == "heading"
    for other in ("####### Seven", "#tag", "Title\nand more"):
        assert kind_of_cut(f"text\n{other}", 5, markdown=True) == "line"


def test_pieces_without_offsets_are_found_in_order() -> None:
    source = "same. same. other same. "
    pieces = [Piece("same. "), Piece("same. "), Piece("other "), Piece("none"), Piece("same. ")]
    assert locate(source, pieces) == [(0, 6), (6, 12), (12, 18), None, (18, 24)]
    misled = [Piece("other ", 12, 18), Piece("same. same. ", -1, 11)]
    assert locate(source, misled) == [(12, 18), (0, 12)]
    overlapping = [Piece("same. same. "), Piece("same. other "), Piece("other same. ")]
    assert locate(source, overlapping, True) == [(0, 12), (6, 18), (12, 24)]
