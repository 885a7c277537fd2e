"""Choosing a form for each document: tiers and requirements, on top of the knapsack.

*Tiers* are strict: what the first one is worth comes before all that the others are. So each is
solved by itself, in the least room in which its best value is found, and the next gets the rest.
What it requires of later ones takes part, worth nothing there; what was taken has to go in when
its own tier comes, in whichever form is best then.

*Requirements* join documents: one goes in with content only where all that it requires do. The
documents that requirements join become one item of the knapsack, whose options are the sets of
them that are closed under it, in all their forms. Where a group is large, but few documents are
required, the knapsack is solved for each set of those. Where these are many, too, as many closed
sets as there is time for have to do, and the bound is that without requirements.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product

from ctxtools.packing.prompt.entry import Form
from ctxtools.packing.prompt.knapsack import choose, least_room

_JOINED = 11  # documents of a group whose sets are all looked at
_HUBS = 5  # required documents of larger groups, each set of which is tried
_SETS = 2_000  # closed sets of one group that are looked at
_WORK = 30_000  # the same times the documents of the group, where it is large
_OPTIONS = 4_000  # options of one group that are kept


@dataclass(frozen=True, slots=True)
class Option:
    """One form of a document: ``form`` is None where it is left out."""

    form: Form | None
    cost: int
    value: float
    body: str = ""

    @property
    def has_content(self) -> bool:
        return self.form not in (None, Form.PATH)


@dataclass(slots=True)
class Item:
    """A document to choose a form for.

    Attributes:
        options: at least one.
        tier: 0 is the first.
        requires: the numbers of the documents that it requires.
    """

    options: list[Option]
    tier: int = 0
    requires: set[int] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Selection:
    """An option of each item; `Choice` says what the figures are."""

    picks: tuple[Option, ...]
    cost: int
    value: float
    upper_bound: float
    relaxed_bound: float


def select(items: Sequence[Item], room: int, *, fill: float = 0.0) -> Selection | None:
    """The best option of each item, all within ``room`` tokens; None where none fit.

    Args:
        items: the documents.
        room: tokens.
        fill: see `choose`; of the last tier.
    """
    items = list(items)
    tier_of = _tiers(items)
    picks: list[Option | None] = [None] * len(items)
    tiers = sorted(set(tier_of))
    value = bound = mixed = 0.0
    for tier in tiers:
        own = {i for i, each in enumerate(tier_of) if each == tier}
        open_ones = {i for i, each in enumerate(tier_of) if each >= tier}
        lent = _closure(items, own, open_ones) - own
        view = [_worthless(item) if i in lent else item for i, item in enumerate(items)]
        later = (i for i, each in enumerate(tier_of) if each > tier and i not in lent)
        rest = room - sum(_least_cost(items[i]) for i in later)
        chosen = _solve(view, sorted(own | lent), picks, rest, fill, last=tier == tiers[-1])
        if chosen is None:
            return None
        for i, option in chosen.picks.items():
            if i in own:
                picks[i] = option
                room -= option.cost
            elif option.has_content:
                items[i] = replace(items[i], options=[o for o in items[i].options if o.has_content])
        value += chosen.value
        bound += chosen.upper_bound
        mixed += chosen.relaxed_bound
    done = tuple(pick for pick in picks if pick is not None)
    cost = sum(each.cost for each in done)
    return Selection(done, cost, value, max(bound, value), max(mixed, value))


def _tiers(items: Sequence[Item]) -> list[int]:
    """The tier of each; what is worth nothing goes in for what requires it, whichever tier's."""
    last = max((item.tier for item in items), default=0)
    return [item.tier if any(o.value for o in item.options) else last for item in items]


def _worthless(item: Item) -> Item:
    return replace(item, options=[replace(option, value=0.0) for option in item.options])


@dataclass(slots=True)
class _Chosen:
    picks: dict[int, Option]
    cost: int
    value: float
    upper_bound: float
    relaxed_bound: float


@dataclass(slots=True)
class _Group:
    """Documents that are chosen together.

    Attributes:
        options: (option of each member, cost, value).
        relaxed: the most that they could be worth without their requirements, for each cost; None
            where the options are all there are.
    """

    members: list[int]
    options: list[tuple[tuple[Option, ...], int, float]]
    relaxed: list[list[Option]] | None = None


def _least_cost(item: Item) -> int:
    return min(option.cost for option in item.options)


def _solve(
    items: Sequence[Item],
    members: list[int],
    picks: Sequence[Option | None],
    room: int,
    fill: float,
    *,
    last: bool,
) -> _Chosen | None:
    """The best options of one tier."""
    joined = _components(items, members, set(members))
    large = {i for group in joined if len(group) > _JOINED for i in group}
    hubs = sorted({j for i in large for j in items[i].requires & large})
    if not large or len(hubs) > _HUBS:
        return _choose(_groups(items, members, picks, {}), room, fill, last=last)
    tried = []
    for taken in product((False, True), repeat=len(hubs)):
        forced = dict(zip(hubs, taken, strict=True))
        groups = _groups(items, members, picks, forced)
        if all(group.options for group in groups):
            tried.append(_choose(groups, room, fill, last=last))
    found = [each for each in tried if each is not None]
    if not found:
        return None
    best = max(found, key=lambda each: (each.value, -each.cost))
    best.upper_bound = max(each.upper_bound for each in found)
    best.relaxed_bound = max(each.relaxed_bound for each in found)
    return best


def _choose(groups: list[_Group], room: int, fill: float, *, last: bool) -> _Chosen | None:
    tables = [[(cost, value) for _, cost, value in group.options] for group in groups]
    choice = choose(tables, room, fill=fill if last else 0.0)
    if choice is None:
        return None
    bound, mixed = choice.upper_bound, choice.relaxed_bound
    if not last:  # of several choices of this value the cheapest, for what comes after
        choice = choose(tables, least_room(tables, choice)) or choice
    if any(group.relaxed for group in groups):
        free = [
            table
            for group, own in zip(groups, tables, strict=True)
            for table in (
                [[(o.cost, o.value) for o in options] for options in group.relaxed]
                if group.relaxed
                else [own]
            )
        ]
        relaxed = choose(free, room)
        if relaxed:
            bound = max(bound, relaxed.upper_bound)
            mixed = max(mixed, relaxed.relaxed_bound)
    picks: dict[int, Option] = {}
    for group, pick in zip(groups, choice.picks, strict=True):
        picks.update(zip(group.members, group.options[pick][0], strict=True))
    return _Chosen(picks, choice.cost, choice.value, bound, mixed)


def _groups(
    items: Sequence[Item],
    members: list[int],
    picks: Sequence[Option | None],
    forced: Mapping[int, bool],
) -> list[_Group]:
    """The items of one tier, those that requirements join as one.

    Args:
        items: all of them.
        members: the numbers of those of this tier.
        picks: what was chosen in earlier tiers.
        forced: whether some members have content; requirements of these are no joints.
    """
    inside = set(members) - set(forced)
    allowed: dict[int, list[Option]] = {}
    for i in members:
        earlier = {j: pick.has_content for j in items[i].requires if (pick := picks[j])}
        met = all((earlier | {j: forced[j] for j in items[i].requires & forced.keys()}).values())
        allowed[i] = [
            o
            for o in items[i].options
            if (met or not o.has_content) and (i not in forced or o.has_content == forced[i])
        ]
    groups = []
    for joined in _components(items, members, inside):
        if len(joined) == 1:
            options = allowed[joined[0]]
            groups.append(_Group(joined, [((o,), o.cost, o.value) for o in options]))
        else:
            groups.append(_join(items, joined, allowed))
    return groups


def _components(items: Sequence[Item], members: list[int], inside: set[int]) -> list[list[int]]:
    """The members that requirements join, each list in order."""
    parent = {i: i for i in members}

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    for i in members:
        for j in items[i].requires & inside:
            parent[root(i)] = root(j)
    found: dict[int, list[int]] = {}
    for i in members:
        found.setdefault(root(i), []).append(i)
    return list(found.values())


def _join(items: Sequence[Item], joined: list[int], allowed: dict[int, list[Option]]) -> _Group:
    """One item of the knapsack for several documents."""
    sets, complete = _closed_sets(items, joined, allowed)
    most = max(2, _OPTIONS * _WORK // max(_WORK, len(sets) * len(joined) ** 2))
    merged: list[tuple[tuple[Option, ...], int, float]] = []
    for chosen in sets:
        table: list[tuple[tuple[Option, ...], int, float]] = [((), 0, 0.0)]
        for i in joined:
            options = [o for o in allowed[i] if o.has_content == (i in chosen)]
            table = _undominated(
                ((*picked, o), cost + o.cost, value + o.value)
                for picked, cost, value in table
                for o in options
            )
            if len(table) > most:
                table, complete = table[:: len(table) // most + 1], False
        merged += table
    merged = _undominated(merged)
    return _Group(joined, merged, None if complete else [allowed[i] for i in joined])


def _undominated(
    options: Iterable[tuple[tuple[Option, ...], int, float]],
) -> list[tuple[tuple[Option, ...], int, float]]:
    kept: list[tuple[tuple[Option, ...], int, float]] = []
    for option in sorted(options, key=lambda each: (each[1], -each[2])):
        if not kept or option[2] > kept[-1][2]:
            kept.append(option)
    return kept


def _closed_sets(
    items: Sequence[Item], joined: list[int], allowed: dict[int, list[Option]]
) -> tuple[list[frozenset[int]], bool]:
    """Sets of documents that hold all that they require, and whether these are all such sets."""
    inside = set(joined)
    closures = {i: _closure(items, [i], inside) for i in joined}
    must = frozenset[int]().union(
        *(closures[i] for i in joined if all(o.has_content for o in allowed[i]))
    )
    can = {i for i in joined if all(any(o.has_content for o in allowed[j]) for j in closures[i])}
    found = {must}
    most = min(_SETS, max(8, _WORK // len(joined)))
    # The most valuable first, so that what there is no time for matters least.
    for i in sorted(can - must, key=lambda i: (-max(o.value for o in allowed[i]), i)):
        if len(found) > most:
            break
        found |= {each | closures[i] for each in found}
    else:
        return sorted(found, key=sorted), True
    by_density = sorted(can, key=lambda i: (-max(_density(o) for o in allowed[i]), i))
    chains = {must | closures[i] for i in by_density[:most]}
    union = must
    for number, i in enumerate(by_density):
        union = union | closures[i]
        if number % (len(by_density) // most + 1) == 0:
            chains.add(union)
    return sorted(found | chains | {union}, key=sorted), False


def _density(option: Option) -> float:
    return option.value / max(option.cost, 1)


def _closure(items: Sequence[Item], start: Iterable[int], inside: set[int]) -> frozenset[int]:
    """Documents and all that they require, directly or not."""
    found = set(start)
    waiting = list(found)
    while waiting:
        for j in items[waiting.pop()].requires & inside - found:
            found.add(j)
            waiting.append(j)
    return frozenset(found)
