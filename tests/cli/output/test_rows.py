"""Many files' counts, held compactly: what comes out is what was put in."""

from hypothesis import given
from hypothesis import strategies as st

from ctxtools.cli.output.rows import FileCount, FileCounts
from ctxtools.models.interval import TextCount

NUMBERS = st.integers(0, 1 << 62)
COUNTS = st.one_of(NUMBERS, st.builds(TextCount, NUMBERS, st.just((1, 2))))


def _files(width: int) -> st.SearchStrategy[list[FileCount]]:
    counts = st.lists(COUNTS, min_size=width, max_size=width).map(tuple)
    more = (
        st.sampled_from(["text", "image"]),
        st.integers(0, 3),
        st.lists(st.text(), max_size=1).map(tuple),
        st.lists(st.just({"basis": "rule"}), max_size=1).map(tuple),
    )
    plain = st.tuples(st.text(), NUMBERS, counts)
    odd = st.tuples(st.text(), NUMBERS, counts, *more)
    return st.lists(st.one_of(plain, odd).map(lambda values: FileCount(*values)))


@given(st.integers(1, 3).flatmap(_files))
def test_files_come_out_as_they_were_put_in(files: list[FileCount]) -> None:
    held = FileCounts()
    for file in files:
        held.append(file)
    for _ in range(2):
        found = list(held)
        assert found == files
        assert [[type(n) for n in each.counts] for each in found] == [
            [type(n) for n in each.counts] for each in files
        ]
    assert len(held) == len(files)
