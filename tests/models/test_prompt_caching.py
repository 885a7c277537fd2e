"""What a vendor's prompt cache holds."""

import pytest

from ctxtools.models import Model, get_model
from ctxtools.models.prompt_caching import CacheRule, cache_rule


@pytest.mark.parametrize(
    ("name", "tokens", "held"),
    [
        ("gpt-4o", 1_023, 0),
        ("gpt-4o", 1_024, 1_024),
        ("gpt-4o", 1_279, 1_152),
        ("deepseek-chat", 1_000, 1_000),
        ("claude-opus-4-8", 4_095, 0),
        ("claude-opus-4-8", 4_097, 4_097),
        ("gemini-2.5-pro", 10_000, 10_000),
    ],
)
def test_rules_of_vendors(name: str, tokens: int, held: int) -> None:
    model = get_model(name)
    assert cache_rule(model).held(tokens) == held
    source = cache_rule(model).source
    assert source is not None and source.date is not None
    minimum = cache_rule(model).minimum
    assert (f"{minimum:,} tokens" if minimum > 1 else "each token;") in str(cache_rule(model))


def test_of_an_unknown_vendor_each_token_counts() -> None:
    rule = cache_rule(Model("m", vendor="somebody"))
    assert [rule.held(n) for n in (0, 1, 77)] == [0, 1, 77]
    assert "not known" in str(rule)
    assert CacheRule(10, 5).held(22) == 20
