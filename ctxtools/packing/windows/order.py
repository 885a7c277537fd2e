"""The order in which a stream reads windows: computed from a step, so that none has to be skipped.

Windows are cut into blocks of consecutive ones. With a seed, blocks are permuted, and taken in
groups: in a group the windows of its blocks take turns, each block's own in a permuted order. So
windows that follow each other are from all over the data, and yet only a group's blocks are in use
at a time; and where the number of shards divides that of blocks in a group, each shard reads blocks
that no other does.

Permutations are Feistel networks with cycle walking: a number is computed from another without a
table. Source: Black and Rogaway, Ciphers with arbitrary finite domains, 2002.
"""

from dataclasses import dataclass
from functools import lru_cache

_MASK = (1 << 64) - 1
_ROUNDS = 4


@dataclass(frozen=True, slots=True)
class Order:
    """The order of the windows of each epoch.

    Attributes:
        windows: their number.
        block: windows of a block.
        group: blocks of a group.
        seed: None for the order that windows have.
    """

    windows: int
    block: int
    group: int
    seed: int | None

    def window(self, epoch: int, position: int) -> int:
        """The number of the window at a position of an epoch, both from 0."""
        if self.seed is None:
            return position
        key = _mixed(_mixed(self.seed & _MASK) + epoch)
        blocks, rest = divmod(self.windows, self.block)
        if rest:  # the last windows, which are fewer than a block: before or after any group
            groups = -(-blocks // self.group)
            start = min(_mixed(key) % (groups + 1) * self.group, blocks) * self.block
            if start <= position < start + rest:
                return blocks * self.block + _permuted(position - start, rest, _mixed(~key))
            if position >= start:
                position -= rest
        group, inside = divmod(position, self.group * self.block)
        size = min(self.group, blocks - group * self.group)
        turn, at = divmod(inside, size)
        block = _permuted(group * self.group + at, blocks, key)
        return block * self.block + _permuted(turn, self.block, _mixed(key + block + 1))


def _permuted(number: int, count: int, key: int) -> int:
    """A number below a count by a permutation of those."""
    bits = max(0, count - 1).bit_length()
    low_bits = bits // 2
    low_mask, high_mask = (1 << low_bits) - 1, (1 << (bits - low_bits)) - 1
    keys = _keys(key)
    while True:
        low, high = number & low_mask, number >> low_bits
        for at in range(0, _ROUNDS, 2):
            high ^= _mixed(low + keys[at]) & high_mask
            low ^= _mixed(high + keys[at + 1]) & low_mask
        number = high << low_bits | low
        if number < count:
            return number


@lru_cache(maxsize=1024)
def _keys(key: int) -> tuple[int, ...]:
    """A key for each round."""
    return tuple(_mixed(key + turn) for turn in range(1, _ROUNDS + 1))


def _mixed(number: int) -> int:
    """64 bits that depend on all of a number: a step of SplitMix64 (Steele and others, 2014)."""
    number = (number + 0x9E3779B97F4A7C15) & _MASK
    number = ((number ^ number >> 30) * 0xBF58476D1CE4E5B9) & _MASK
    number = ((number ^ number >> 27) * 0x94D049BB133111EB) & _MASK
    return number ^ number >> 31
