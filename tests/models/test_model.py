from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools.errors import BudgetError, UnknownEncodingError, UsageError
from ctxtools.models import Budget, Model, Price, Source, Tier

_tokens = st.integers(min_value=0, max_value=2_000_000)


@given(
    context=_tokens,
    max_input=st.none() | _tokens,
    reserve=_tokens,
    overhead=_tokens,
    output=_tokens,
)
def test_a_budget_leaves_remaining_for_everything_or_is_an_error(
    context: int, max_input: int | None, reserve: int, overhead: int, output: int
) -> None:
    model = Model("m", context=context, max_input=max_input, max_output=output)
    remaining = min(context - reserve, context if max_input is None else max_input) - overhead
    if remaining < 1:
        with pytest.raises(BudgetError) as caught:
            model.budget(reserve, overhead)
        assert caught.value.hint
        return
    budget = model.budget(reserve, overhead)
    assert budget.available == remaining
    assert budget.available + overhead == budget.limit
    assert budget.limit + reserve <= context
    assert max_input is None or budget.limit <= max_input


def test_the_vendors_limit_on_the_input_holds_without_a_reserve() -> None:
    model = Model("gpt-5", context=400_000, max_input=272_000)
    assert model.budget().available == 272_000
    assert model.budget(reserve_output=128_000).available == 272_000
    assert model.budget(reserve_output=128_001).available == 271_999


def test_a_reserve_above_the_maximum_output_is_kept() -> None:
    model = Model("m", context=128_000, max_output=4_028)
    assert model.budget(reserve_output=32_000).available == 96_000


def test_the_last_token_may_be_used_and_no_more() -> None:
    model = Model("m", context=10)
    assert model.budget(reserve_output=9).available == 1
    with pytest.raises(BudgetError, match="m's context window"):
        model.budget(reserve_output=10)


@pytest.mark.parametrize("figures", [{"reserve_output": -1}, {"overhead": -1}])
def test_a_negative_figure_is_a_mistake(figures: dict[str, int]) -> None:
    with pytest.raises(UsageError, match="must be >= 0, got -"):
        Model("m", context=10).budget(**figures)


def test_an_unknown_window_has_no_budget() -> None:
    with pytest.raises(BudgetError, match="the context window of m is unknown"):
        Model("m").budget()


def test_a_limit_without_a_model_has_a_budget_too() -> None:
    assert Budget.within(1_000, reserve_output=200, overhead=50).available == 750


def test_cost_is_exact_and_unknown_is_not_zero() -> None:
    assert Model("m", price=Price(1.32, 3.96)).cost(1_000_000, 1_000) == Decimal("1.32396")
    assert Model("m", price=Price(0.0, 0.0)).cost(1_000) == 0
    assert Model("m").cost(1_000) is None


def test_a_long_input_pays_the_tier_that_it_is_above() -> None:
    tiers = (Tier(200_000, 2.5, 15.0), Tier(500_000, 4.0, 20.0))
    model = Model("m", price=Price(1.25, 10.0, tiers))
    assert model.cost(200_000) == Decimal("0.25")
    assert model.cost(200_001) == Decimal("0.5000025")
    assert model.cost(1_000_000, 1_000_000) == 24


def test_cached_tokens_pay_the_cached_price_of_their_tier() -> None:
    tiers = (Tier(200_000, 2.5, 15.0, 0.25), Tier(500_000, 4.0, 20.0))
    model = Model("m", price=Price(1.25, 10.0, tiers, cached_input=0.125))
    assert model.cost(200_000, cached_tokens=100_000) == Decimal("0.1375")
    assert model.cost(400_000, cached_tokens=400_000) == Decimal("0.1")
    assert model.cost(1_000_000, cached_tokens=1_000_000) == model.cost(1_000_000) == 4


def test_a_fact_has_its_own_source_or_the_models() -> None:
    model = Model("m", source="a", date="2026-01-01", sources=(("price", Source("b")),))
    assert model.source_of("context") == Source("a", "2026-01-01")
    assert model.source_of("price") == Source("b")
    with pytest.raises(UsageError, match="colour"):
        model.source_of("colour")  # type: ignore[arg-type]


def test_a_packaged_encoding_goes_by_name_and_a_file_by_path(
    monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.setattr("ctxtools.encodings.load.get_encoding", lambda name: f"name {name}")
    monkeypatch.setattr(
        "ctxtools.encodings.load.load_encoding", lambda path, pattern: f"path {path}"
    )
    assert str(Model("m", encoding="qwen2").load_encoding()) == "name qwen2"
    path = f"{tmp_path}/tokenizer.json"
    assert str(Model("m", encoding=path).load_encoding()) == f"path {path}"


@pytest.mark.parametrize(
    ("model", "hint"),
    [
        (Model("m", closed=True), "only an estimate exists"),
        (Model("m", load="hf:org/name"), "ctx count -e hf:org/name"),
        (Model("m"), "tokenizer.json"),
    ],
)
def test_a_missing_tokenizer_says_what_to_do(model: Model, hint: str) -> None:
    with pytest.raises(UnknownEncodingError) as caught:
        model.load_encoding()
    assert hint in (caught.value.hint or "")
