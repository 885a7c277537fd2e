"""What a rule says, and how it is written wrongly."""

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ctxtools as ctx
from ctxtools.errors import ConfigError, CtxtoolsError, UsageError
from ctxtools.limits import Growth, LimitRules, load_limits
from ctxtools.limits.rules import parse_limit, read_growth


def test_ways_to_write_a_limit() -> None:
    rules = LimitRules.of(
        {
            "a": 4000,
            "b": "4k",
            "c": "each:25k,all:400k",
            "d": {"each": "1Ki", "max_growth": "10%"},
            "e": {"all": 9, "max_growth": {"each": 5, "all": "0.5%"}, "encoding": "cl100k_base"},
            "f": "each: 1,500 , all: 20,000",
        }
    ).rules
    assert [(rule.each, rule.all) for rule in rules] == [
        (4000, None),
        (4000, None),
        (25_000, 400_000),
        (1024, None),
        (None, 9),
        (1500, 20_000),
    ]
    assert rules[3].each_growth == Growth("10%", 0, 10_000) and rules[3].all_growth is None
    assert rules[4].each_growth == Growth("5", 5) and rules[4].all_growth == Growth("0.5%", 0, 500)
    assert (rules[4].encoding, rules[4].model) == ("cl100k_base", None)


def test_an_option_is_a_pattern_and_a_size() -> None:
    rule = parse_limit("docs/a=b/**=each:25k,all:400k")
    assert (rule.pattern, rule.each, rule.all) == ("docs/a=b/**", 25_000, 400_000)
    assert parse_limit("x=0").each == 0


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("4k", "not a pattern and a size with = between them", "'**=4k' is for every file"),
        ("=4k", "not a pattern and a size", "AGENTS.md=4k"),
        ("a=", "a is invalid: '' is not a size", "write a size"),
        ("a=b", "a is invalid: 'b' is not a size", "write a size"),
        ("a=-4", "a is invalid", "write a size"),
        ("a=1.5", "a is invalid", "write a size"),
        ("a=eahc:4k", "has a limit 'eahc', which is none of each and all", "did you mean each?"),
        ("a=each:4k,each:5k", "has a limit 'each', which is there twice", "write each:25k"),
        ("a=each:x", "a.each is invalid: 'x' is not a size", ""),
        ("!a=4", '"!a" takes back', "exclude"),
        ("../a=4", '"../a" leads out of the folder', "below the folder"),
        ("a/../../b=4", "leads out of the folder", ""),
        ("~/a=4", "leads out of the folder", ""),
        ("a=9999999999999999", "at most", ""),
    ],
)
def test_an_option_that_says_nothing(text: str, message: str, hint: str) -> None:
    with pytest.raises(CtxtoolsError) as raised:
        parse_limit(text)
    assert message in raised.value.message and "--limit" in raised.value.message
    assert hint in (raised.value.hint or "")


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([], r"a must be a size, not \[\]"),
        (True, "a must be a size, not true"),
        (None, "a must be a size or a table"),
        (1.5, "a must be a size"),
        ({}, '"a" states no limit'),
        ({"each": []}, "a.each must be a size"),
        ({"al": 4}, "unknown setting a.al"),
        ({"each": 4, "model": 5}, "a.model must be a name"),
        ({"each": 4, "model": " "}, "a.model must be a name"),
        ({"each": 4, "model": "x", "encoding": "y"}, "a.model and encoding were both given"),
        ({"each": 4, "max_growth": "x"}, "a.max_growth is invalid: 'x' is no percentage"),
        ({"each": 4, "max_growth": {"eahc": "1%"}}, "a.max_growth max_growth: unknown setting"),
        ({"each": 4, "max_growth": []}, "is no percentage"),
        ({"each": 4, "max_growth": {}}, "states no growth"),
        ({1: 2}, "each key of 'a' must be a str"),
    ],
)
def test_a_table_of_wrong_types(value: Any, message: str) -> None:
    with pytest.raises(CtxtoolsError, match=message):
        LimitRules.of({"a": value})


def test_a_mapping_of_wrong_types() -> None:
    wrong: Any
    for wrong in ([], "a", 5, None, {5: 4}, {"": 4}, {"a" * 5000: 4}):
        with pytest.raises(CtxtoolsError):
            LimitRules.of(wrong)


def test_a_model_or_an_encoding_itself() -> None:
    rules = LimitRules.of(
        {
            "a": {"each": 1, "model": ctx.get_model("gpt-4o")},
            "b": {"each": 1, "encoding": ctx.get_encoding("cl100k_base")},
        }
    )
    assert rules.rules[0].model == ctx.get_model("gpt-4o")


@given(st.integers(0, 10**9), st.integers(0, 10**6), st.integers(0, 999))
def test_growth_is_exact(before: int, percent: int, thousandths: int) -> None:
    growth = Growth.parse(f"{percent}.{thousandths:03}%")
    assert growth.highest(before) == before + before * (percent * 1000 + thousandths) // 100_000
    assert Growth.parse(percent).highest(before) == before + percent


@pytest.mark.parametrize("text", ["", "%", "-1%", "1.2345%", "x", "10 percent", "١%", "1e3%"])
def test_what_is_no_growth(text: str) -> None:
    with pytest.raises(UsageError, match="is no percentage and no size"):
        read_growth(text)


def test_growth_of_each_and_of_all() -> None:
    assert read_growth("each:10%,all:2k") == {
        "each": Growth("10%", 0, 10_000),
        "all": Growth("2k", 2000),
    }
    assert read_growth(5) == {"each": Growth("5", 5)}


# In the configuration


def test_a_project_has_rules(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "ctxtools.toml").write_text(
        'model = "gpt-4o"\n[check]\nencoding = "cl100k_base"\nmax_growth = "10%"\n'
        '"AGENTS.md" = "4k"\n"docs/**" = { each = "25k", all = "400k", max_growth = { all = 5 } }\n'
        '"p/*" = { each = 9, model = "gpt-4o" }\n"/model" = 7\n'
    )
    rules = load_limits()
    assert rules.folder == folder and rules.encoding == "cl100k_base" and rules.model is None
    assert [rule.pattern for rule in rules.rules] == ["AGENTS.md", "docs/**", "p/*", "/model"]
    growth = Growth("10%", 0, 10_000)
    assert [(rule.each_growth, rule.all_growth) for rule in rules.rules] == [
        (growth, None),
        (growth, Growth("5", 5)),
        (growth, None),
        (growth, None),
    ]
    (folder / "sub").mkdir()
    monkeypatch.chdir(folder / "sub")
    assert load_limits().folder == folder


def test_pyproject_has_them_too(folder: Path) -> None:
    text = '[tool.ctxtools]\nencoding = "cl100k_base"\n[tool.ctxtools.check]\n"*.md" = 5\n'
    (folder / "pyproject.toml").write_text(text)
    rules = load_limits()
    assert [(rule.pattern, rule.each) for rule in rules.rules] == [("*.md", 5)]
    assert rules.encoding == "cl100k_base"
    assert rules.rules[0].origin == f"{folder}/pyproject.toml [tool.ctxtools.check]"


def test_configurations_with_different_rules_differ(folder: Path) -> None:
    (folder / "ctxtools.toml").write_text("[check]\na = 5\n")
    first, again = ctx.load_config(), ctx.load_config()
    (folder / "ctxtools.toml").write_text("[check]\na = 6\n")
    assert first == again and hash(first) == hash(again)
    assert first != ctx.load_config()


def test_no_project_no_rules(folder: Path) -> None:
    assert load_limits().rules == ()
    with pytest.raises(UsageError, match="there are no limits to check") as raised:
        ctx.check_limits()
    assert '"AGENTS.md" = "4k"' in str(raised.value.hint)


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("check = 5", "check must be a table, not 5", ""),
        ("[check]\nencodng = 'x'", "check.encodng is invalid", "did you mean encoding?"),
        ("[check]\nmax_grwth = '5%'", "check.max_grwth is invalid", "did you mean max_growth?"),
        ("[check]\n'a' = { eahc = 5 }", "unknown setting check.a.eahc", "did you mean each?"),
        ("[check]\n'a' = []", "check.a must be a size, not []", "write a size"),
        ("[check]\n'../a' = 5", "leads out of the folder", "below the folder"),
        ("[check]\nmodel = 'a'\nencoding = 'b'\nx = 5", "both given", "keep one"),
        ("[check]\n" + "".join(f"a{n} = 5\n" for n in range(1001)), "has 1,001 rules", ""),
        ("[[check]]\na = 5", "check must be a table", ""),
    ],
)
def test_a_mistake_in_the_configuration(folder: Path, text: str, message: str, hint: str) -> None:
    (folder / "ctxtools.toml").write_text(text)
    with pytest.raises(ConfigError) as raised:
        load_limits()
    assert raised.value.message.startswith(f"{folder}/ctxtools.toml: ")
    assert message in raised.value.message and hint in (raised.value.hint or "")


def test_a_user_has_no_rules_of_their_own(folder: Path) -> None:
    own = folder.parent / "config" / "ctxtools" / "config.toml"
    own.parent.mkdir(parents=True)
    own.write_text("[check]\na = 5\n")
    with pytest.raises(ConfigError, match=re.escape(f"{own}: check is for the file of a project")):
        load_limits()


@pytest.mark.parametrize("wanted", ["hf:gpt2", "../x.tiktoken#cl100k", "/etc/passwd"])
@pytest.mark.parametrize(
    "where", ["[check]\nencoding = {}\na = 5", "[check]\na = {{ each = 5, encoding = {} }}"]
)
def test_a_project_may_not_name_a_tokenizer_elsewhere(
    folder: Path, wanted: str, where: str
) -> None:
    (folder / "a").write_text("text")
    (folder.parent / "x.tiktoken").write_text("SECRET")
    (folder / "ctxtools.toml").write_text(where.format(f"'{wanted}'"))
    with pytest.raises(ConfigError, match="the configuration of a project may not") as raised:
        ctx.check_limits()
    assert "SECRET" not in str(raised.value)


def test_a_rule_of_the_configuration_counts_with_a_tokenizer_of_the_project(folder: Path) -> None:
    from tests.test_project_config import RANKS

    (folder / "own.tiktoken").write_text(RANKS)
    (folder / "a").write_text("hello")
    text = "[check]\na = { each = 4, encoding = 'own.tiktoken#cl100k' }\n"
    (folder / "ctxtools.toml").write_text(text)
    checked = ctx.check_limits()
    assert [each.tokens for each in checked.files] == [5] and not checked.fits
