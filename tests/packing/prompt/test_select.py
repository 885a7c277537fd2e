"""Tiers and requirements against trying every choice."""

from collections.abc import Iterator
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from ctxtools.packing.arguments import Form
from ctxtools.packing.prompt.choice.select import OMITTED, Item, Option, Selection, select


@st.composite
def documents(draw: st.DrawFn) -> list[Item]:
    n = draw(st.integers(0, 5))
    items = []
    for i in range(n):
        cost, value = draw(st.integers(1, 20)), float(draw(st.integers(0, 9)))
        options = [OMITTED, Option(Form.WHOLE, cost, value)]
        if draw(st.booleans()):
            options.append(Option(Form.PATH, 1, value / 8))
        if draw(st.booleans()):
            options.append(Option(Form.OUTLINE, (cost + 1) // 2, value / 2))
        others = set(range(n)) - {i}
        requires = draw(st.sets(st.sampled_from(sorted(others)), max_size=2)) if others else set()
        items.append(Item(options, draw(st.integers(0, 2)), frozenset(requires)))
    return items


def choices(items: list[Item], capacity: int) -> Iterator[tuple[Option, ...]]:
    for picks in product(*(item.options for item in items)):
        meets = all(
            picks[j].has_content
            for item, pick in zip(items, picks, strict=True)
            if pick.has_content
            for j in item.requires
        )
        if meets and sum(pick.cost for pick in picks) <= capacity:
            yield picks


def by_tier(items: list[Item], picks: tuple[Option, ...]) -> tuple[float, ...]:
    return tuple(
        sum(pick.value for item, pick in zip(items, picks, strict=True) if item.tier == tier)
        for tier in range(3)
    )


def check(items: list[Item], capacity: int, found: Selection) -> None:
    assert found.picks in set(choices(items, capacity))
    assert found.cost == sum(pick.cost for pick in found.picks)


@given(documents(), st.integers(0, 60))
def test_what_comes_first_is_best_first(items: list[Item], capacity: int) -> None:
    found = select(items, capacity)
    assert found is not None
    check(items, capacity, found)
    values = by_tier(items, found.picks)
    rivals = [*choices(items, capacity)]
    for tier in range(3):
        assert values[tier] == max(by_tier(items, each)[tier] for each in rivals)
        # Of several choices of one value the cheapest is taken, whatever it lets later tiers have.
        rivals = [
            each
            for each in rivals
            if by_tier(items, each)[tier] == values[tier]
            and all(
                mine.has_content == its.has_content
                for item, mine, its in zip(items, found.picks, each, strict=True)
                if item.tier <= tier
            )
        ]


@given(documents(), st.integers(0, 60))
def test_requirements_are_met_and_the_best_is_found(items: list[Item], capacity: int) -> None:
    items = [item._replace(tier=0) for item in items]
    found = select(items, capacity)
    assert found is not None
    check(items, capacity, found)
    best = max(sum(pick.value for pick in each) for each in choices(items, capacity))
    assert found.value == best
    assert found.upper_bound == best <= found.relaxed_bound


def test_a_document_required_by_an_earlier_tier_keeps_its_tier() -> None:
    """It went in before more valuable ones of its tier even if what requires it did not."""
    first = Item([OMITTED, Option(Form.WHOLE, 9, 9.0)], tier=0, requires=frozenset({1}))
    required = Item([OMITTED, Option(Form.WHOLE, 5, 1.0)], tier=1)
    better = Item([OMITTED, Option(Form.WHOLE, 6, 8.0)], tier=1)
    found = select([first, required, better], 10)
    assert found is not None
    assert [pick.value for pick in found.picks] == [0.0, 0.0, 8.0]
    both = select([first, required, better], 14)
    assert both is not None
    assert [pick.value for pick in both.picks] == [9.0, 1.0, 0.0]


def test_many_linked_documents_are_still_chosen_well() -> None:
    """A hundred documents that all require one: more closed sets than can be tried."""
    items = [Item([OMITTED, Option(Form.WHOLE, 10, 1.0)])]
    items += [
        Item([OMITTED, Option(Form.WHOLE, 10, 5.0)], requires=frozenset({0})) for _ in range(100)
    ]
    found = select(items, 505)
    assert found is not None
    assert (found.cost, found.value) == (500, 1 + 49 * 5.0)
    assert found.value <= found.upper_bound <= 50 * 5.0 + 1
    nothing = select(items, 15)
    assert nothing is not None and nothing.value == 1.0


def test_what_must_go_in_and_does_not_fit() -> None:
    assert select([Item([Option(Form.WHOLE, 10, 1.0)])], 9) is None


@given(st.lists(st.tuples(st.integers(1, 30), st.integers(1, 9)), min_size=20, max_size=60))
def test_one_document_that_many_require(costs: list[tuple[int, int]]) -> None:
    """Enumerating the sets that hold it took minutes for some hundred documents."""
    capacity, hub = sum(cost for cost, _ in costs) // 3, 10
    items = [Item([OMITTED, Option(Form.WHOLE, hub, 1.0)])]
    for cost, value in costs:
        items.append(
            Item([OMITTED, Option(Form.WHOLE, cost, float(value))], requires=frozenset({0}))
        )
    found = select(items, capacity)
    assert found is not None
    best = [0.0] * (capacity + 1)  # the textbook's table, for what is left next to the hub
    for cost, value in costs:
        for left in range(capacity, cost - 1, -1):
            best[left] = max(best[left], best[left - cost] + value)
    assert found.value == (1 + best[capacity - hub] if capacity >= hub else 0)
    assert found.upper_bound == found.value
