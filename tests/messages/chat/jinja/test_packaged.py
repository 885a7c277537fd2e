"""The packaged templates: counts of the facts file, names, and what is beside the texts."""

import hashlib

import pytest

from ctxtools import get_encoding
from ctxtools.messages.chat.formats import ChatOptions, find_format
from ctxtools.messages.chat.jinja.sources import PACKAGED, packaged_names, packaged_template
from ctxtools.messages.chat.template import find_template
from ctxtools.messages.meter import Meter
from ctxtools.messages.request import Request
from ctxtools.toml_file import read_toml
from tests.messages.chat.jinja.requests import WEATHER, called, request, said

pytest.importorskip("jinja2", reason="templates need the extra chat")

USER = said("user", "Hello")
SYSTEM = said("system", "You are helpful.")
TURNS = (USER, said("assistant", "Hi"), USER)
OTHER = {**WEATHER, "function": {**WEATHER["function"], "name": "get_time"}}
ROUND_TRIP = (
    USER,
    said("assistant", "", tool_calls=[called("get_weather", {"city": "Rome"})]),
    said("tool", "sunny"),
)


def tokens(model: str, asked: Request, options: ChatOptions | None = None) -> int:
    """What a model counts, with the packaged vocabulary of Qwen 2 and 3."""
    form = find_format(model)
    assert form is not None
    counted = form.count(asked, Meter(get_encoding("qwen2")), options or ChatOptions())
    return sum(part.tokens for part in counted.parts)


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("qwen2.5-7b-instruct", (30, 18, 42, 161, 215, 202)),
        ("Qwen/Qwen3-8B", (9, 18, 21, 145, 199, 181)),
        ("qwq-32b", (11, 20, 23, 147, 201, 183)),
    ],
)
def test_counts_are_those_of_apply_chat_template(model: str, expected: tuple[int, ...]) -> None:
    """As transformers 5.24.0 and the models' own tokenizers gave them."""
    requests = (
        request(USER),
        request(SYSTEM, USER),
        request(*TURNS),
        request(USER, tools=[WEATHER]),
        request(USER, tools=[WEATHER, OTHER]),
        request(*ROUND_TRIP, tools=[WEATHER]),
    )
    assert tuple(tokens(model, each) for each in requests) == expected


def test_thinking_is_what_the_template_calls_it() -> None:
    off = ChatOptions(thinking=False)
    assert tokens("qwen3-8b", request(USER), off) == 13
    assert tokens("qwen3-8b", request(USER), ChatOptions(template={"enable_thinking": False})) == 13
    form = find_format("qwen2.5-7b")
    assert form is not None
    rendered = form.render(request(USER), off)
    assert rendered is not None
    assert "the template has no switch for thinking" in rendered.notes


@pytest.mark.parametrize(
    ("model", "template"),
    [
        ("qwen3:8b-q4_K_M", "qwen3"),
        ("Qwen/Qwen3-4B-Instruct-2507-FP8", "qwen3_instruct_2507"),
        ("Qwen/Qwen3-VL-30B-A3B-Instruct", "qwen3_vl"),
        ("Qwen/Qwen2.5-Coder-32B-Instruct-AWQ", "qwen2_5"),
        ("qwen2.5vl:7b", "qwen2_5_vl"),
        ("qwen3.5-0.8b", "qwen3_5_small"),
        ("qwen3.5-397b-a17b", "qwen3_5"),
        ("qwen3.6-35b-a3b", "qwen3_6"),
        ("qwen3.8", "qwen3_8"),
        ("zai-org/GLM-4.5-Air-FP8", "glm_4_5"),
        ("glm-4.6v-flash", "glm_4_6v_flash"),
        ("z-ai/glm-5.2", "glm_5_2"),
        ("deepseek-r1:7b", "deepseek_r1_distill"),
        ("deepseek-r1:8b", "deepseek_r1_0528_qwen3"),
    ],
)
def test_a_model_has_its_own_template(model: str, template: str) -> None:
    form = find_format(model)
    assert form is not None
    assert (form.module, form.figures) == ("template", {"template": template})
    assert find_template(model).template.name == template


@pytest.mark.parametrize(
    "model",
    ["qwen3-4b-thinking-2507", "qwen3-vl-8b-thinking", "qwen3-coder", "qwen3-max", "glm-4.7"],
)
def test_a_model_whose_template_is_not_packaged_gets_no_other(model: str) -> None:
    form = find_format(model)
    assert form is None or form.module != "template"


def test_every_template_is_what_its_table_says() -> None:
    rows = read_toml(PACKAGED / "templates.toml")["templates"]
    assert {row["name"] for row in rows} == {path.stem for path in PACKAGED.glob("*.jinja")}
    for row in rows:
        data = (PACKAGED / f"{row['name']}.jinja").read_bytes()
        assert hashlib.sha256(data).hexdigest() == row["sha256"], row["name"]
        template = packaged_template(row["name"])
        assert template.trusted
        assert template.tokens
        for spellings in template.placeholders.values():
            assert set(spellings) <= {token.spelling for token in template.tokens}
            assert spellings[0] in template.source
    assert len(packaged_names()) == len(rows)
