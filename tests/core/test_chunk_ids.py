"""The ids of chunks, by kernel and fallback."""

from hypothesis import given
from hypothesis import strategies as st

from tests.core import needs_kernel
from tests.core.test_parity import fallback, kernel

_few = st.sampled_from([b"", b"a", b"b", b"ab", "é".encode()])


@needs_kernel
@given(
    st.lists(_few, min_size=2, max_size=2),
    st.lists(st.tuples(st.integers(0, 1), st.lists(_few, max_size=3), _few), max_size=12),
)
def test_ids(configurations: list[bytes], chunks: list[tuple[int, list[bytes], bytes]]) -> None:
    ours, theirs = kernel("ChunkIds")(configurations), fallback("ChunkIds")(configurations)
    found = [ours.next(*chunk) for chunk in chunks]
    assert found == [theirs.next(*chunk) for chunk in chunks]
    if configurations[0] != configurations[1]:
        assert len({id for id, _ in found}) == len(chunks)
    for depth in (0, 1):
        numbers = [
            number for (_, number), chunk in zip(found, chunks, strict=True) if chunk[0] == depth
        ]
        assert numbers == list(range(len(numbers)))
