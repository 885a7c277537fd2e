"""Names as people type them, against the tokenizer and the window that the model has.

The table, names.txt, holds public names: of providers' APIs, of repositories on the hub, of Ollama.
In it ``+`` is a window that is known, from hosts' figures, which may change with the next list;
``?`` one that is not.
"""

import importlib
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ctxtools.encodings.files.specs import SPECS
from ctxtools.errors import BudgetError, UnknownEncodingError, UnknownModelError
from ctxtools.models import Model, Registry, encoding_for_model, get_model, list_models
from ctxtools.models.catalog import FAMILIES, LISTED
from ctxtools.models.names import bare_name, listed_key, lookup_key, readings
from ctxtools.toml_file import read_toml

TABLE = Path(__file__).with_name("names.txt").read_text("utf-8")

ROWS = [tuple(cell.strip() for cell in line.split("|")) for line in TABLE.splitlines()]


@pytest.mark.parametrize(("name", "tokenizer", "window"), ROWS, ids=lambda value: value)
def test_a_name_has_its_tokenizer_and_its_window(name: str, tokenizer: str, window: str) -> None:
    model = get_model(name)
    assert (model.encoding or model.load or ("closed" if model.closed else None)) == tokenizer
    if window == "?":
        assert (model.context, model.max_input, model.max_output) == (None, None, None)
        with pytest.raises(BudgetError, match="is unknown"):
            model.budget()
    elif window == "+":
        assert model.context is not None
    else:
        assert model.context == int(window.replace(",", ""))


@pytest.mark.parametrize("name", [row[0] for row in ROWS[::7]])
def test_case_does_not_matter(name: str) -> None:
    lower, upper = get_model(name.lower()), get_model(name.upper())
    assert lower == upper == get_model(f"  {name} ")


@pytest.mark.parametrize(
    "name",
    [
        *("gpt-4x", "gpt-4oo", "gpt-40", "gpt4x", "o11", "o1x", "agpt-4o", "not-gpt-4o", "o5"),
        *("llama-qwen", "llama-3-qwen-merge", "qwen2-llama-3", "mistral-7b-gemma", "deepseek-gpt"),
        *("deepseek", "deepseek-v5", "deepseek-r2", "deepseek-vl", "xdeepseek-v3"),
        *("qwen-image", "qwenx", "myqwen3", "codeqwen-7b", "qwen0"),
        *("claude", "claude-next", "llama-9", "llama-5-8b", "mistral-qux", "gemma-9", "phi-9"),
        *(
            "zebra",
            "",
            " ",
            "/",
            "-",
            ":",
            "@",
            "-latest",
            ":free",
            "-instruct",
            "ft:",
            "a/b/c/",
            "\0",
        ),
        *("kimi", "glm-9", "command-z", "text-embedding-9", "text-embedding-ada", "gpt-oss2"),
        "x" * 10_000,
    ],
)
def test_what_merely_looks_alike_is_not_found(name: str) -> None:
    with pytest.raises(UnknownModelError):
        get_model(name)


@pytest.mark.parametrize(
    ("name", "not_of"),
    [
        ("qwen3.5:7b", "qwen2"),
        ("qwen/qwen3.6-plus", "qwen2"),
        ("Qwen3p7-Max", "qwen2"),
        ("deepseek-llama3.3-70b", "deepseek_v3"),
        ("deepseek-v2", "deepseek_v3"),
        ("deepseek-ai/DeepSeek-V2.5-1210", "deepseek_v3"),
        ("deepseek-coder-v2:16b", "deepseek_v3"),
        ("deepseek-r1:32b", "deepseek_v3"),
        ("deepseek-r1-distill-llama-8b", "deepseek_v3"),
        ("deepseek-r1-distill-llama-8b", "qwen2"),
        ("gpt-oss-20b", "o200k_base"),
        ("phi-4", "cl100k_base"),
    ],
)
def test_a_later_or_other_family_is_not_taken_for_it(name: str, not_of: str) -> None:
    assert get_model(name).encoding != not_of


@pytest.mark.parametrize(
    ("name", "encoding"),
    [
        ("somebody/Merged-Qwen3-8B-v2", "qwen2"),
        ("somebody/tiny-qwen3-0.6b:Q8_0", "qwen2"),
        ("somebody/Taught-Qwen2.5-Coder-14B", "qwen2"),
        ("dolphin-qwen2.5-7b", "qwen2"),
        ("Tongyi-Zhiwen/QwenLong-L1-32B", "qwen2"),
        ("somebody/Merged-Qwen3.5-9B", None),
        ("dolphin-3-qwen3.5-9b", None),
        ("somebody/Llama-Qwen3-8B", None),
    ],
)
def test_a_model_that_others_trained_further_has_the_tokenizer_of_its_base(
    name: str, encoding: str | None
) -> None:
    found = Registry.packaged().find(name)
    assert (found and found.encoding) == encoding


tiktoken_model = importlib.import_module("tiktoken.model")
ENCODINGS: dict[str, str] = tiktoken_model.MODEL_TO_ENCODING
PREFIXES: dict[str, str] = tiktoken_model.MODEL_PREFIX_TO_ENCODING


@pytest.mark.parametrize("name", ENCODINGS)
def test_each_name_that_tiktoken_knows_has_its_encoding(name: str) -> None:
    assert get_model(name).encoding == ENCODINGS[name]
    if ENCODINGS[name] in SPECS:
        assert encoding_for_model(name).name == ENCODINGS[name]


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("suffix", ["mini", "2031-01-02", "0613", "pro-preview", "x_y.z", "q:r::s"])
def test_each_prefix_that_tiktoken_knows_has_its_encoding(prefix: str, suffix: str) -> None:
    assert get_model(prefix + suffix).encoding == PREFIXES[prefix]


def test_a_fine_tune_of_gpt_4_1_is_of_gpt_4_1() -> None:
    """tiktoken 0.14 takes it for one of GPT-4, whose name its name begins with."""
    assert get_model("ft:gpt-4.1-2025-04-14:org::id").encoding == "o200k_base"
    assert get_model("ft:gpt-4-0613:org::id").encoding == "cl100k_base"


def test_an_encoding_that_is_not_packaged_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path))
    with pytest.raises(UnknownEncodingError, match="p50k_base is not packaged") as raised:
        encoding_for_model("text-davinci-003")
    assert "tiktoken.get_encoding" in (raised.value.hint or "")


@pytest.mark.parametrize(
    ("name", "context", "max_output"),
    [
        ("gpt-3.5-turbo-0613", 4_097, 4_096),
        ("gpt-3.5-turbo-1106", 16_385, 4_096),
        ("gpt-4-32k-0613", 32_768, 4_096),
        ("gpt-4-0314", 8_192, 4_096),
        ("gpt-4o-2024-05-13", 128_000, 4_096),
        ("gpt-4o-2024-11-20", 128_000, 16_384),
        ("o1-preview-2024-09-12", 128_000, 32_768),
        ("claude-2.1", 200_000, 8_191),
        ("claude-2.0", 100_000, 8_191),
    ],
)
def test_an_edition_keeps_its_own_limits(name: str, context: int, max_output: int) -> None:
    model = get_model(name)
    assert (model.context, model.max_output) == (context, max_output)


@pytest.mark.parametrize(
    ("variant", "base"),
    [
        ("gpt-4o-0101", "gpt-4o"),
        ("claude-opus-4-5-experimental", "claude-opus-4-5"),
        ("claude-sonnet-4-5[1m]", "claude-sonnet-4-5"),
        ("anthropic.claude-3-haiku-20240307-v1:0:48k", "claude-3-haiku"),
        ("Qwen/Qwen3-8B-Base", "qwen3-8b"),
        ("gemini-2.5-pro-exp", "gemini-2.5-pro"),
    ],
)
def test_a_variant_has_the_tokenizer_but_not_the_limits(variant: str, base: str) -> None:
    found, known = get_model(variant), get_model(base)
    assert (found.encoding, found.load, found.closed) == (known.encoding, known.load, known.closed)
    assert found.estimate == known.estimate
    assert found.context is None
    assert known.context is not None


def test_openais_window_is_input_and_output_where_the_list_has_the_input() -> None:
    model = get_model("gpt-5-codex")
    assert (model.context, model.max_input, model.max_output) == (400_000, 272_000, 128_000)


_alphabet = st.sampled_from("gptoclaudeqwen3145-.:/@_#[] \n0Kkmß\u212a\u0130")
_pieces = st.sampled_from(
    [
        *("gpt-4o", "claude-3.5-sonnet", "qwen3", "deepseek-r1", "llama3", "gemini-2.5-pro", "o1"),
        *("openai/", "azure:", "us.", "anthropic.", "ft:", "@cf/", "hf.co/", "bartowski/Qwen_"),
        *(":free", ":7b", "-v2:0", "@20240620", "-20250929", "-latest", "-preview", "-FP8", "-it"),
        *("[1m]", "-GGUF", ":latest", "-0613", ".gguf", "-instruct-turbo", "#x", "::", "--", "//"),
    ]
)
_names = st.text(max_size=40) | st.text(_alphabet, max_size=40) | st.lists(_pieces).map("".join)


@given(_names)
@example("ft:::::")
@example("deepseek.deepseek.r1")
@example("databricks-databricks-")
def test_reading_a_name_ends_and_never_crashes(name: str) -> None:
    found = [*readings(name)]
    assert len(found) <= 2 * len(name) + 2
    Registry.packaged().find(name)
    assert lookup_key(lookup_key(name)) == lookup_key(lookup_key(lookup_key(name)))
    bare_name(name)
    listed_key(name)


@given(_names)
def test_any_name_is_found_whatever_its_case(name: str) -> None:
    if name.lower().upper().lower() == name.lower():  # not so of "ß" and a few others
        registry = Registry.packaged()
        assert registry.find(name) == registry.find(name.lower())


def test_an_unknown_name_is_answered_by_the_closest_of_all() -> None:
    for typed, meant in (
        ("claud-opus-4-5", "claude-opus-4-5"),
        ("host/lama-3.3-70b", "llama-3.3-70b"),
    ):
        with pytest.raises(UnknownModelError) as raised:
            get_model(typed)
        assert meant in (raised.value.hint or "")


@pytest.mark.parametrize("model", list_models(), ids=lambda model: model.name)
def test_a_family_agrees_with_the_models_of_it_that_are_listed(model: Model) -> None:
    family = Registry.packaged().family(model.name)
    assert family is not None
    assert (family.encoding, family.closed) == (model.encoding, model.closed)
    assert family.estimate == model.estimate


def test_every_family_states_one_tokenizer() -> None:
    for row in read_toml(FAMILIES)["families"]:
        assert sum(key in row for key in ("encoding", "load", "closed")) == 1, row["match"]
        assert "source" in row
        assert not row.get("closed") or "estimate" in row


def test_the_list_is_small_and_is_not_read_for_a_common_name() -> None:
    import subprocess
    import sys

    assert LISTED.stat().st_size < 150_000
    code = (
        "import sys; from ctxtools.models import get_model; get_model('gpt-4o'); "
        "print('ctxtools.models.catalog' in sys.modules and 'json' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
