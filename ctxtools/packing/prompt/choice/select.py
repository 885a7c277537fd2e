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
from collections.abc import Set as AbstractSet
from itertools import product
from typing import NamedTuple

from ctxtools.packing.arguments import Form
from ctxtools.packing.prompt.choice.knapsack import Options, choose, min_capacity

_MAX_ENUMERATED = 11  # documents of a group of which every subset is tried
_MAX_HUBS = 5  # required documents of a larger group, of which every subset is tried
_MAX_SETS = 2_000  # closed sets of a group that are tried
_MAX_WORK = 30_000  # the same, times the documents of the group
_MAX_OPTIONS = 4_000  # options of a group that are kept


class Option(NamedTuple):
    """One form of a document.

    Attributes:
        form: None where it is omitted.
        cost: in tokens.
        value: what it adds.
        body: what goes in.
        label: which span of the document it is, in words.
        spans: the lines of an excerpt: (the number of the first one, that of the last one).
    """

    form: Form | None
    cost: int
    value: float
    body: str = ""
    label: str = ""
    spans: tuple[tuple[int, int], ...] = ()

    @property
    def has_content(self) -> bool:
        return self.form not in (None, Form.PATH)


OMITTED = Option(None, 0, 0.0)


class Item(NamedTuple):
    """A document to choose a form for.

    Attributes:
        options: at least one.
        tier: 0 is the first.
        requires: the numbers of the documents that it requires.
    """

    options: list[Option]
    tier: int = 0
    requires: frozenset[int] = frozenset()


class Selection(NamedTuple):
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
    requires = [item.requires for item in items]
    tier_of = _tiers(items)
    picks: list[Option | None] = [None] * len(items)
    tiers = sorted(set(tier_of))
    value = bound = relaxed = 0.0
    for tier in tiers:
        members = {i for i, each in enumerate(tier_of) if each == tier}
        undecided = {i for i, each in enumerate(tier_of) if each >= tier}
        required = closure(requires, members, undecided) - members
        view = [_without_value(item) if i in required else item for i, item in enumerate(items)]
        later = (i for i, each in enumerate(tier_of) if each > tier and i not in required)
        available = capacity - sum(_min_cost(items[i]) for i in later)
        numbers, last = sorted(members | required), tier == tiers[-1]
        chosen = _solve(view, numbers, picks, available, fill, last=last)
        if chosen is None:
            return None
        for i, option in zip(numbers, chosen.picks, strict=True):
            if i in members:
                picks[i] = option
                capacity -= option.cost
            elif option.has_content:
                items[i] = items[i]._replace(options=[o for o in items[i].options if o.has_content])
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
    return item._replace(options=[option._replace(value=0.0) for option in item.options])


class _Combination(NamedTuple):
    """An option of each of some documents."""

    picks: tuple[Option, ...]
    cost: int
    value: float


class _Group(NamedTuple):
    """Documents that are chosen together.

    Attributes:
        members: their numbers.
        combinations: to choose one from.
        relaxed: the options of each member without requirements, for the bound; None where
            ``combinations`` is complete.
    """

    members: list[int]
    combinations: list[_Combination]
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
) -> Selection | None:
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
        if all(group.combinations for group in groups):
            tried.append(_choose(groups, capacity, fill, last=last))
    found = [each for each in tried if each is not None]
    if not found:
        return None
    best = max(found, key=lambda each: (each.value, -each.cost))
    return best._replace(
        upper_bound=max(each.upper_bound for each in found),
        relaxed_bound=max(each.relaxed_bound for each in found),
    )


def _choose(groups: list[_Group], capacity: int, fill: float, *, last: bool) -> Selection | None:
    tables = [[(each.cost, each.value) for each in group.combinations] for group in groups]
    choice = choose(tables, capacity, fill=fill if last else 0.0)
    if choice is None:
        return None
    bounds = [choice]
    if not last:  # of several choices of this value the cheapest, for the later tiers
        choice = choose(tables, min_capacity(tables, choice)) or choice
    if any(group.relaxed for group in groups):
        free: list[Options] = []
        for group, table in zip(groups, tables, strict=True):
            members = group.relaxed
            free += [[(o.cost, o.value) for o in each] for each in members] if members else [table]
        if relaxed := choose(free, capacity):
            bounds.append(relaxed)
    picks: dict[int, Option] = {}
    for group, pick in zip(groups, choice.picks, strict=True):
        picks.update(zip(group.members, group.combinations[pick].picks, strict=True))
    return Selection(
        tuple(picks[i] for i in sorted(picks)),
        choice.cost,
        choice.value,
        max(each.upper_bound for each in bounds),
        max(each.relaxed_bound for each in bounds),
    )


def _groups(
    items: Sequence[Item],
    members: list[int],
    picks: Sequence[Option | None],
    forced: Mapping[int, bool],
) -> list[_Group]:
    """The items of one tier, grouped: requirements link the items of a group.

    Args:
        items: those of all tiers.
        members: the numbers of the items of this tier.
        picks: what was chosen in earlier tiers.
        forced: whether some members have content; requiring these does not link.
    """
    inside = set(members) - set(forced)
    allowed: dict[int, list[Option]] = {}
    for i in members:
        if not items[i].requires and i not in forced:
            allowed[i] = items[i].options
            continue
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
            groups.append(_Group(linked, [_Combination((o,), o.cost, o.value) for o in options]))
        else:
            groups.append(_join(items, linked, allowed))
    return groups


def _components(items: Sequence[Item], members: list[int], inside: set[int]) -> list[list[int]]:
    """The members that requirements link, each list in order."""
    if not any(items[i].requires for i in members):
        return [[i] for i in members]
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
    merged: list[_Combination] = []
    for chosen in sets:
        table = [_Combination((), 0, 0.0)]
        for i in linked:
            options = [o for o in allowed[i] if o.has_content == (i in chosen)]
            table = _undominated(
                _Combination((*picked, o), cost + o.cost, value + o.value)
                for picked, cost, value in table
                for o in options
            )
            if len(table) > limit:
                table, complete = table[:: len(table) // limit + 1], False
        merged += table
    merged = _undominated(merged)
    return _Group(linked, merged, None if complete else [allowed[i] for i in linked])


def _undominated(combinations: Iterable[_Combination]) -> list[_Combination]:
    kept: list[_Combination] = []
    for each in sorted(combinations, key=lambda each: (each.cost, -each.value)):
        if not kept or each.value > kept[-1].value:
            kept.append(each)
    return kept


def _closed_sets(
    items: Sequence[Item], linked: list[int], allowed: dict[int, list[Option]]
) -> tuple[list[frozenset[int]], bool]:
    """Sets of documents that hold all that they require, and whether these are all such sets."""
    requires, inside = [item.requires for item in items], set(linked)
    closures = {i: frozenset(closure(requires, [i], inside)) for i in linked}
    must = frozenset[int]().union(
        *(closures[i] for i in linked if all(o.has_content for o in allowed[i]))
    )
    can = {i for i in linked if all(any(o.has_content for o in allowed[j]) for j in closures[i])}
    found = {must}
    limit = min(_MAX_SETS, max(8, _MAX_WORK // len(linked)))
    # The most valuable first: those that are not reached matter least.
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


def closure(
    requires: Sequence[AbstractSet[int]],
    start: Iterable[int],
    within: AbstractSet[int] | None = None,
) -> set[int]:
    """Some documents and all that they require, directly or not.

    Args:
        requires: the documents that each one requires.
        start: some of them.
        within: what to consider; None is all.
    """
    found = set(start)
    pending = list(found)
    while pending:
        more = requires[pending.pop()] - found
        if within is not None:
            more &= within
        found |= more
        pending += more
    return found
