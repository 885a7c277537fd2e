"""The multiple-choice knapsack: one option of each item, of the highest value within a capacity.

Three steps, each cheap compared with the next:

1. *Relaxation.* The options of an item that no mix of its others beats form a concave chain.
   Taking chain steps of all items by falling value per token, until one does not fit, solves the
   linear relaxation, which gives an upper bound and the price of a token (Sinha and Zoltners 1979,
   "The multiple-choice knapsack problem").
2. *Reduction.* At that price every other option of an item loses some value against the one that
   the relaxation takes. A choice that beats the best one known loses less in total than the gap
   between that one and the bound, so most options drop out.
3. *Dynamic programming* over what is left, the options closest to the price first (the core of
   Pisinger 1995, "A minimal algorithm for the multiple-choice knapsack problem"). A state is a
   cost and a loss; what is dominated, or cannot beat the best choice known any more, is dropped.

The third step is bounded in work, not in time, so that the same input gives the same choice. Where
it ends early, the bound limits the value of any better choice.
"""

import math
from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple

Options = Sequence[tuple[int, float]]  # (cost in tokens, value) of each option of an item

_MAX_WORK = 200_000  # states visited
_MAX_STATES = 3_000  # states kept
_DISTANCE_PRICE = 0.25  # of a token's price, for each token between a state and the capacity
_MANY_ITEMS = 500  # above which a gap of _TOLERANCE of the bound per item is not closed
_TOLERANCE = 2e-9
_ROUNDING = 1e-12  # of the bound: smaller differences are those of floating point

# A decision, and those before it: (item, option, earlier ones).
_Trail = tuple[int, int, "_Trail | None"]
_State = tuple[int, float, _Trail | None]  # (cost, loss, decisions that differ from the relaxation)


class Choice(NamedTuple):
    """One option of each item.

    Attributes:
        picks: the option of each item, by its number.
        cost: tokens of all.
        value: of all.
        upper_bound: of the value of any choice; equals ``value`` where that was proved the best.
        relaxed_bound: of the value of any mix of choices, too.
    """

    picks: tuple[int, ...]
    cost: int
    value: float
    upper_bound: float
    relaxed_bound: float


def choose(
    items: Sequence[Options], capacity: int, *, work: int = _MAX_WORK, fill: float = 0.0
) -> Choice | None:
    """The choice of the highest value that costs at most ``capacity``; None where none fits.

    Args:
        items: the options of each item; one that may be left out has the option (0, 0.0).
        capacity: in tokens.
        work: states to visit before a bound has to do in place of a proof.
        fill: the value of a token that remains, as a share of the price of one. Above 0 the choice
            is the best with that, and ``upper_bound`` is ``relaxed_bound``.
    """
    base = sum(min(cost for cost, _ in options) for options in items)
    if base > capacity:
        return None
    chains = [_chain(options, capacity - base) for options in items]
    relaxed = _relax(items, chains, capacity - base)
    best, bound = relaxed.feasible, relaxed.bound
    if not relaxed.closed:
        best, bound = _Core(items, relaxed, capacity, work, fill).solve()
    cost = sum(options[pick][0] for options, pick in zip(items, best, strict=True))
    value = math.fsum(options[pick][1] for options, pick in zip(items, best, strict=True))
    if fill:
        bound = relaxed.bound
    if bound - value <= _ROUNDING * max(abs(bound), 1.0):
        bound = value
    return Choice(tuple(best), cost, value, bound, max(relaxed.bound, value))


class _Relaxed(NamedTuple):
    """The solution of the relaxation.

    Attributes:
        picks: the option of each item, without the step that fits only partly.
        feasible: the same with the later steps that still fit.
        split: the item whose step fits only partly.
        price: the value of a token at that step.
        bound: the value of the relaxation.
        closed: every step was taken, so that nothing remains to be decided.
    """

    picks: list[int]
    feasible: list[int]
    split: int
    price: float
    bound: float
    closed: bool


def _chain(options: Options, max_step: int) -> list[int]:
    """The options on the concave hull, by rising cost, from the cheapest on.

    Options that cost over ``max_step`` tokens more than the cheapest fit in no choice at all.
    """
    order = sorted((cost, -value, j) for j, (cost, value) in enumerate(options))
    cheapest, _, first = order[0]
    chain = [first]
    for cost, negative, j in order[1:]:
        value = -negative
        if value <= options[chain[-1]][1]:
            continue
        if cost - cheapest > max_step:
            break
        while len(chain) > 1:
            (cost_1, value_1), (cost_2, value_2) = options[chain[-2]], options[chain[-1]]
            if (value_2 - value_1) * (cost - cost_2) > (value - value_2) * (cost_2 - cost_1):
                break
            chain.pop()
        chain.append(j)
    return chain


def _relax(items: Sequence[Options], chains: list[list[int]], capacity: int) -> _Relaxed:
    steps = []
    for i, chain in enumerate(chains):
        for at in range(1, len(chain)):
            (cost_1, value_1), (cost_2, value_2) = items[i][chain[at - 1]], items[i][chain[at]]
            steps.append(((value_1 - value_2) / (cost_2 - cost_1), i, at, cost_2 - cost_1))
    steps.sort()
    at_step = [0] * len(chains)
    broken: list[int] | None = None
    price, split, remaining = 0.0, 0, 0
    for slope, i, at, cost in steps:
        if at_step[i] != at - 1:
            continue  # an earlier step did not fit
        if cost <= capacity:
            capacity -= cost
            at_step[i] = at
        elif broken is None:
            broken, price, split, remaining = at_step.copy(), -slope, i, capacity
    taken = broken if broken is not None else at_step
    picks = [chain[at] for chain, at in zip(chains, taken, strict=True)]
    value = math.fsum(options[pick][1] for options, pick in zip(items, picks, strict=True))
    feasible = [chain[at] for chain, at in zip(chains, at_step, strict=True)]
    return _Relaxed(picks, feasible, split, price, value + price * remaining, broken is None)


class _Core:
    """Decides by dynamic programming what the relaxation leaves open."""

    def __init__(
        self, items: Sequence[Options], relaxed: _Relaxed, capacity: int, work: int, fill: float
    ) -> None:
        self._items, self._relaxed, self._capacity, self._work = items, relaxed, capacity, work
        self._best: _Trail | None = None
        self._found = False
        value = math.fsum(o[p][1] for o, p in zip(items, relaxed.feasible, strict=True))
        self._rounding = _ROUNDING * max(abs(relaxed.bound), 1.0)
        cost = sum(o[p][0] for o, p in zip(items, relaxed.feasible, strict=True))
        self._unused_price = relaxed.price * (1 - fill)  # lost with each token that remains
        unused = (relaxed.price - self._unused_price) * (capacity - cost)
        # What a better choice may lose against the bound, in total.
        self._gap = relaxed.bound - value - unused - self._rounding
        # A proof for thousands of items does not justify a second for next to no gain.
        tolerance = _TOLERANCE * len(items) * abs(relaxed.bound)
        self._tolerance = tolerance if len(items) > _MANY_ITEMS else 0.0
        self._dropped = math.inf  # the smallest loss of a state that was dropped undecided

    def solve(self) -> tuple[list[int], float]:
        """The picks, and the upper bound."""
        picks = self._relaxed.picks
        start = sum(options[pick][0] for options, pick in zip(self._items, picks, strict=True))
        states: list[_State] = [(start, 0.0, None)]
        self._note(states[0])
        open_items = self._open_items()
        ups, downs = _min_ratios(open_items)
        for number, (_, i, moves) in enumerate(open_items):
            self._work -= len(states) * (len(moves) + 1)
            if self._work < 0 or self._gap <= self._tolerance:
                self._drop(states, ups[number], downs[number])
                break
            states += self._extend(states, i, moves)
            states = self._prune(states, ups[number + 1], downs[number + 1])
        best = self._relaxed.feasible if not self._found else self._follow()
        proved = self._relaxed.bound - min(self._dropped, self._gap + self._rounding)
        return best, proved

    def _open_items(self) -> list[tuple[float, int, list[tuple[int, int, float]]]]:
        """(min loss per token, item, moves) of the open items, the closest first.

        A move is (option, cost, loss), both against the option that the relaxation takes.
        """
        price, gap, capacity = self._relaxed.price, self._gap, self._capacity
        found = []
        for i, (options, pick) in enumerate(zip(self._items, self._relaxed.picks, strict=True)):
            cost_0, value_0 = options[pick]
            moves = []
            for j, (cost, value) in enumerate(options):
                loss = value_0 - value + price * (cost - cost_0)
                if loss < gap and cost != cost_0 and cost <= capacity:
                    moves.append((j, cost - cost_0, loss if loss > 0.0 else 0.0))
            if moves:
                found.append((min(loss / abs(cost) for _, cost, loss in moves), i, moves))
        # Equal items in order from the split outwards: those taken are on one side of it.
        split = self._relaxed.split
        found.sort(key=lambda each: (each[0], abs(each[1] - split), each[1]))
        return found

    def _note(self, state: _State) -> None:
        """Keep a choice that is better than the best one known."""
        cost, loss, trail = state
        if cost > self._capacity:
            return
        lost = loss + self._unused_price * (self._capacity - cost)
        if lost < self._gap:
            self._gap, self._best, self._found = lost - self._rounding, trail, True

    def _extend(
        self, states: list[_State], i: int, moves: list[tuple[int, int, float]]
    ) -> list[_State]:
        extended: list[_State] = []
        for cost, loss, trail in states:
            for j, more, lost in moves:
                if loss + lost < self._gap:
                    state: _State = (cost + more, loss + lost, (i, j, trail))
                    extended.append(state)
                    self._note(state)
        return extended

    def _prune(self, states: list[_State], up: float, down: float) -> list[_State]:
        """The states that are not dominated, and can still beat the best choice known."""
        price, capacity = self._relaxed.price, self._capacity
        up = min(up, self._unused_price)
        states.sort(key=lambda state: (state[0], state[1]))
        kept: list[_State] = []
        max_value = -math.inf
        for state in states:
            cost, loss, _ = state
            value = price * cost - loss
            if value <= max_value:
                continue
            max_value = value
            away = up * (capacity - cost) if cost <= capacity else down * (cost - capacity)
            if loss + away < self._gap:
                kept.append(state)
        if len(kept) > _MAX_STATES:
            kept = self._thin(kept, up, down)
        return kept

    def _thin(self, states: list[_State], up: float, down: float) -> list[_State]:
        # Mostly by their value if nothing followed: another step or two fills most of what remains.
        # The bound alone keeps too many that are far from the capacity.
        price = self._relaxed.price * _DISTANCE_PRICE
        order = sorted(
            range(len(states)),
            key=lambda n: (states[n][1] + price * abs(self._capacity - states[n][0]), n),
        )
        self._drop([states[n] for n in order[_MAX_STATES:]], up, down)
        return [states[n] for n in sorted(order[:_MAX_STATES])]

    def _drop(self, states: list[_State], up: float, down: float) -> None:
        up = min(up, self._unused_price)
        losses = (self._min_loss(each, up, down) for each in states)
        self._dropped = min(self._dropped, min(losses, default=math.inf))

    def _min_loss(self, state: _State, up: float, down: float) -> float:
        cost, loss, _ = state
        unused = self._capacity - cost
        return loss + (up * unused if unused >= 0 else down * -unused)

    def _follow(self) -> list[int]:
        picks, trail = self._relaxed.picks.copy(), self._best
        while trail is not None:
            i, j, trail = trail
            picks[i] = j
        return picks


def _min_ratios(
    open_items: list[tuple[float, int, list[tuple[int, int, float]]]],
) -> tuple[list[float], list[float]]:
    """For each item and those after it: the min loss per token of a move up, and of one down."""
    up = down = math.inf
    ups, downs = [up], [down]
    for _, _, moves in reversed(open_items):
        up = min([up, *(loss / cost for _, cost, loss in moves if cost > 0)])
        down = min([down, *(loss / -cost for _, cost, loss in moves if cost < 0)])
        ups.append(up)
        downs.append(down)
    return ups[::-1], downs[::-1]


def min_capacity(items: Sequence[Options], choice: Choice) -> int:
    """The smallest capacity at which a choice of the same value is found: at most its cost."""
    enough = choice.value * (1 - _ROUNDING)

    def suffices(capacity: int) -> bool:
        found = choose(items, capacity, work=_MAX_WORK // 10)
        return found is not None and found.value >= enough

    if choice.cost == 0 or not suffices(choice.cost - 1):
        return choice.cost  # as a rule: only equal values make two choices equal
    return bisect_left(range(choice.cost), True, key=suffices)
