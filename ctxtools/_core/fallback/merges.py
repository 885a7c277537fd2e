"""Whether ids used as ranks make the same tokens as a list of merges.

A ``tokenizer.json`` lists merges: pairs of tokens, by priority. The engines here use ranks: of the
neighbours whose bytes together are a token, they join those whose token has the lowest rank. The
two agree where every token has a *split*: the last two tokens when its bytes alone are merged,
which a merge in the list joins, and these merges are in the order of the ranks.

For take two neighbours x and y in a text that is half merged. No merge has crossed the ends of
their bytes, so the merges between those ends were the ones of these bytes alone, in the same order.
If the bytes are a token, x and y are thus the last two tokens when its bytes are merged: its split.
So ranks and merges join the same two tokens next.

A token that merging never produces affects no other, and needs no rank.
"""

from collections.abc import Collection, Iterable, Mapping

_BITS = 32  # of an id


class Merges:
    """Finds the split of every token that merges make.

    Args:
        ids: token -> id. An id is a rank if it is above those of all single bytes and of the
            tokens that earlier merges make.
        characters: the tokens that are single bytes.
    """

    def __init__(self, ids: Mapping[str, int], characters: Iterable[str]) -> None:
        self._ids = ids
        # id -> the ids of the two tokens of its split, where it can be made.
        self._left = dict.fromkeys((ids[character] for character in characters), -1)
        self._right: dict[int, int] = {}
        self._made: dict[int, int] = {}  # the two ids of a split, in one number -> the id
        self._last_byte = max(self._left)

    @property
    def made(self) -> Collection[int]:
        """The ids of the tokens that merging can produce, single bytes included."""
        return self._left.keys()

    def add(self, pairs: Iterable[Iterable[str]]) -> bool:
        """Take all merges, in their order; False if the ids are not ranks that do the same.

        A token may be listed with several pairs, of which merging produces at most one.

        Raises:
            KeyError: a token is not in the vocabulary.
        """
        ids, left = self._ids, self._left
        last, late = self._last_byte, []
        for first, second in pairs:
            a, b, token = ids[first], ids[second], ids[first + second]
            if a not in left or b not in left:
                late.append((a, b, token))
            elif token in left:
                if self._made.get(a << _BITS | b) == token:
                    return False  # listed twice: its rank is ambiguous
            elif self._is_made(a, b):
                if token <= last:
                    return False
                left[token], self._right[token], self._made[a << _BITS | b] = a, b, token
                last = token
        # A token made after the merge that joins it would be joined at once.
        return all(token in left or not (a in left and b in left) for a, b, token in late)

    def is_never_made(self, token: str) -> bool:
        """Whether merging never produces two tokens that together are these bytes."""
        ids, left = self._ids, self._left
        for middle in range(1, len(token)):
            a, b = ids.get(token[:middle], -1), ids.get(token[middle:], -1)
            if a in left and b in left and self._is_made(a, b):
                return False
        return True

    def _is_made(self, a: int, b: int) -> bool:
        """Whether merging the bytes of two tokens, together, produces these two.

        It does unless something is joined across the boundary before both are complete. So
        their merges are undone, the latest first, and what then meets at the boundary is looked up.
        The idea is that of https://github.com/github/rust-gems/tree/main/crates/bpe.
        """
        made, last_byte = self._made.get, self._last_byte
        while a > last_byte or b > last_byte:
            if a > b:
                before = self._right[a]
                if made(before << _BITS | b, a) < a:
                    return False
                a = before
            else:
                before = self._left[b]
                # Of two merges of equal rank the left one is first: that across the boundary.
                if made(a << _BITS | before, b + 1) <= b:
                    return False
                b = before
        return True
