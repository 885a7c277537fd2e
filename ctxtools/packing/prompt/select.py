"""Choosing a form for each document: tiers and requirements, on top of the knapsack.

*Tiers* are strict: the value of an earlier one comes before that of all later ones. So each is
solved alone, with the smallest capacity that gives its best value, and the next one gets the rest.
Documents of later tiers that it requires take part with a value of 0; those that were taken have
to go in when their own tier comes, in whichever form is best then.

*Requirements* link documents: one goes in with content only where all that it requires do. Linked
documents become one item of the knapsack, whose options are the sets of them that are closed under
requirements, in all their forms. Where a group is large but few documents are required, the
knapsack is solved for each set of those. Where these are many as well, only as many closed sets are
tried as there is time for, and the bound is that without requirements.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

from ctxtools.packing.arguments import Form
from ctxtools.packing.prompt.knapsack import choose, min_capacity

_MAX_ENUMERATED = 11  # documents of a group all sets of which are tried
_MAX_HUBS = 5  # required documents of larger groups, each set of which is tried
_MAX_SETS = 2_000  # closed sets of a group that are tried
_MAX_WORK = 30_000  # the same, times the documents of the group
_MAX_OPTIONS = 4_000  # options of a group that are kept


@dataclass(frozen=True, slots=True)
class Option:
    """One form of a document; ``form`` is None where it is omitted."""

    form: Form | None
    cost: int
    value: float
    body: str = ""

    @property
    def has_content(self) -> bool:
        return self.form not in (None, Form.PATH)


OMITTED = Option(None, 0, 0.0)


@dataclass(frozen=True, slots=True)
class Item:
    """A document to choose a form for.

    Attributes:
        options: at least one.
        tier: 0 is the first.
        requires: the numbers of the documents that it requires.
    """

    options: list[Option]
    tier: int = 0
    requires: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Selection:
    """An option of each item; the figures are those of a `Choice`."""

    picks: tuple[Option, ...]
    cost: int
    value: float
    upper_bound: float
    relaxed_bound: float


def select(items: Sequence[Item], capacity: int, *, fill: float = 0.0) -> Selection | None:
    """The best option of each item, within ``capacity`` tokens together; None where none fit.

    Args:
        items: the documents.
        capacity: in tokens.
        fill: see `choose`; for the last tier.
    """
    items = list(items)
    tier_of = _tiers(items)
    picks: list[Option | None] = [None] * len(items)
    tiers = sorted(set(tier_of))
    value = bound = relaxed = 0.0
    for tier in tiers:
        members = {i for i, each in enumerate(tier_of) if each == tier}
        undecided = {i for i, each in enumerate(tier_of) if each >= tier}
        required = _closure(items, members, undecided) - members
        view = [_without_value(item) if i in required else item for i, item in enumerate(items)]
        later = (i for i, each in enumerate(tier_of) if each > tier and i not in required)
        available = capacity - sum(_min_cost(items[i]) for i in later)
        numbers, last = sorted(members | required), tier == tiers[-1]
        chosen = _solve(view, numbers, picks, available, fill, last=last)
        if chosen is None:
            return None
        for i, option in chosen.picks.items():
            if i in members:
                picks[i] = option
                capacity -= option.cost
            elif option.has_content:
                items[i] = replace(items[i], options=[o for o in items[i].options if o.has_content])
        value += chosen.value
        bound += chosen.upper_bound
        relaxed += chosen.relaxed_bound
    done = tuple(pick for pick in picks if pick is not None)
    cost = sum(each.cost for each in done)
    return Selection(done, cost, value, max(bound, value), max(relaxed, value))


def _tiers(items: Sequence[Item]) -> list[int]:
    """The tier of each; without a value, a document goes in for what requires it, in any tier."""
    last = max((item.tier for item in items), default=0)
    return [item.tier if any(o.value for o in item.options) else last for item in items]


def _without_value(item: Item) -> Item:
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
        relaxed: the options of each member without requirements, for the bound; None where
            ``options`` is complete.
    """

    members: list[int]
    options: list[tuple[tuple[Option, ...], int, float]]
    relaxed: list[list[Option]] | None = None


def _min_cost(item: Item) -> int:
    return min(option.cost for option in item.options)


def _solve(
    items: Sequence[Item],
    members: list[int],
    picks: Sequence[Option | None],
    capacity: int,
    fill: float,
    *,
    last: bool,
) -> _Chosen | None:
    """The best options of one tier."""
    linked = _components(items, members, set(members))
    large = {i for group in linked if len(group) > _MAX_ENUMERATED for i in group}
    hubs = sorted({j for i in large for j in items[i].requires & large})
    if not large or len(hubs) > _MAX_HUBS:
        return _choose(_groups(items, members, picks, {}), capacity, fill, last=last)
    tried = []
    for taken in product((False, True), repeat=len(hubs)):
        forced = dict(zip(hubs, taken, strict=True))
        groups = _groups(items, members, picks, forced)
        if all(group.options for group in groups):
            tried.append(_choose(groups, capacity, fill, last=last))
    found = [each for each in tried if each is not None]
    if not found:
        return None
    best = max(found, key=lambda each: (each.value, -each.cost))
    best.upper_bound = max(each.upper_bound for each in found)
    best.relaxed_bound = max(each.relaxed_bound for each in found)
    return best


def _choose(groups: list[_Group], capacity: int, fill: float, *, last: bool) -> _Chosen | None:
    tables = [[(cost, value) for _, cost, value in group.options] for group in groups]
    choice = choose(tables, capacity, fill=fill if last else 0.0)
    if choice is None:
        return None
    bound, relaxed_bound = choice.upper_bound, choice.relaxed_bound
    if not last:  # of several choices of this value the cheapest, for the later tiers
        choice = choose(tables, min_capacity(tables, choice)) or choice
    if any(group.relaxed for group in groups):
        free = [
            table
            for group, options in zip(groups, tables, strict=True)
            for table in (
                [[(o.cost, o.value) for o in member] for member in group.relaxed]
                if group.relaxed
                else [options]
            )
        ]
        relaxed = choose(free, capacity)
        if relaxed:
            bound = max(bound, relaxed.upper_bound)
            relaxed_bound = max(relaxed_bound, relaxed.relaxed_bound)
    picks: dict[int, Option] = {}
    for group, pick in zip(groups, choice.picks, strict=True):
        picks.update(zip(group.members, group.options[pick][0], strict=True))
    return _Chosen(picks, choice.cost, choice.value, bound, relaxed_bound)


def _groups(
    items: Sequence[Item],
    members: list[int],
    picks: Sequence[Option | None],
    forced: Mapping[int, bool],
) -> list[_Group]:
    """The items of one tier, those that requirements link as one.

    Args:
        items: all of them.
        members: the numbers of those of this tier.
        picks: what was chosen in earlier tiers.
        forced: whether some members have content; requiring these does not link.
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
    for linked in _components(items, members, inside):
        if len(linked) == 1:
            options = allowed[linked[0]]
            groups.append(_Group(linked, [((o,), o.cost, o.value) for o in options]))
        else:
            groups.append(_join(items, linked, allowed))
    return groups


def _components(items: Sequence[Item], members: list[int], inside: set[int]) -> list[list[int]]:
    """The members that requirements link, each list in order."""
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


def _join(items: Sequence[Item], linked: list[int], allowed: dict[int, list[Option]]) -> _Group:
    """One item of the knapsack for several documents."""
    sets, complete = _closed_sets(items, linked, allowed)
    limit = max(2, _MAX_OPTIONS * _MAX_WORK // max(_MAX_WORK, len(sets) * len(linked) ** 2))
    merged: list[tuple[tuple[Option, ...], int, float]] = []
    for chosen in sets:
        table: list[tuple[tuple[Option, ...], int, float]] = [((), 0, 0.0)]
        for i in linked:
            options = [o for o in allowed[i] if o.has_content == (i in chosen)]
            table = _undominated(
                ((*picked, o), cost + o.cost, value + o.value)
                for picked, cost, value in table
                for o in options
            )
            if len(table) > limit:
                table, complete = table[:: len(table) // limit + 1], False
        merged += table
    merged = _undominated(merged)
    return _Group(linked, merged, None if complete else [allowed[i] for i in linked])


def _undominated(
    options: Iterable[tuple[tuple[Option, ...], int, float]],
) -> list[tuple[tuple[Option, ...], int, float]]:
    kept: list[tuple[tuple[Option, ...], int, float]] = []
    for option in sorted(options, key=lambda each: (each[1], -each[2])):
        if not kept or option[2] > kept[-1][2]:
            kept.append(option)
    return kept


def _closed_sets(
    items: Sequence[Item], linked: list[int], allowed: dict[int, list[Option]]
) -> tuple[list[frozenset[int]], bool]:
    """Sets of documents that hold all that they require, and whether these are all such sets."""
    inside = set(linked)
    closures = {i: _closure(items, [i], inside) for i in linked}
    must = frozenset[int]().union(
        *(closures[i] for i in linked if all(o.has_content for o in allowed[i]))
    )
    can = {i for i in linked if all(any(o.has_content for o in allowed[j]) for j in closures[i])}
    found = {must}
    limit = min(_MAX_SETS, max(8, _MAX_WORK // len(linked)))
    # The most valuable first, so that those without time matter least.
    for i in sorted(can - must, key=lambda i: (-max(o.value for o in allowed[i]), i)):
        if len(found) > limit:
            break
        found |= {each | closures[i] for each in found}
    else:
        return sorted(found, key=sorted), True
    by_density = sorted(can, key=lambda i: (-max(_density(o) for o in allowed[i]), i))
    chains = {must | closures[i] for i in by_density[:limit]}
    union = must
    for number, i in enumerate(by_density):
        union = union | closures[i]
        if number % (len(by_density) // limit + 1) == 0:
            chains.add(union)
    return sorted(found | chains | {union}, key=sorted), False


def _density(option: Option) -> float:
    return option.value / max(option.cost, 1)


def _closure(items: Sequence[Item], start: Iterable[int], inside: set[int]) -> frozenset[int]:
    """Documents and all that they require, directly or not."""
    found = set(start)
    pending = list(found)
    while pending:
        for j in items[pending.pop()].requires & inside - found:
            found.add(j)
            pending.append(j)
    return frozenset(found)
