"""Where templates are found: folders of models, files, names, texts."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from ctxtools import get_encoding
from ctxtools.errors import (
    CtxtoolsError,
    FormatError,
    MissingExtraError,
    NetworkError,
    UsageError,
)
from ctxtools.messages.chat.formats import ChatOptions
from ctxtools.messages.chat.pieces import Plain, Special
from ctxtools.messages.chat.template import TemplateFormat, find_template
from ctxtools.messages.meter import Meter
from ctxtools.models import get_model
from tests.messages.chat.jinja.requests import WEATHER, request, said

pytest.importorskip("jinja2", reason="templates need the extra chat")

_TEMPLATE = (
    "{{ bos_token }}{% for m in messages %}<|{{ m.role }}|>{{ m.content }}<|end|>\n{% endfor %}"
)
_CONFIG: dict[str, Any] = {
    "bos_token": {"content": "<s>", "special": True},
    "eos_token": None,
    "chat_template": _TEMPLATE,
    "added_tokens_decoder": {
        "1": {"content": "<s>", "special": True},
        "2": {"content": "<|user|>", "special": True, "rstrip": True},
        "3": {"content": "<|end|>", "special": True, "rstrip": True},
        "4": {"content": 7},
        "5": None,
    },
}


def folder(path: Path, **files: str) -> Path:
    """A folder with files, of which the names have _ for a full stop."""
    for name, content in files.items():
        (path / name.replace("__", ".")).write_text(content, "utf-8")
    return path


def written(form: TemplateFormat, *, tools: bool = False) -> str:
    """What is rendered for "Hello"."""
    asked = request(said("user", " Hello"), tools=[WEATHER] if tools else [])
    pieces = form.render(asked, ChatOptions()).pieces
    return "".join(
        piece.text if isinstance(piece, Plain) else f"[{piece.spelling}]"
        for piece in pieces
        if isinstance(piece, Plain | Special)
    )


def test_a_folder_has_the_template_and_its_tokens(tmp_path: Path) -> None:
    """Tokens take the white space that the tokenizer's configuration says they take."""
    form = find_template(folder(tmp_path, tokenizer_config__json=json.dumps(_CONFIG)))
    assert written(form) == "[<s>][<|user|>]Hello[<|end|>]"
    assert form.template.named_tokens == {"bos_token": "<s>"}


def test_a_file_of_its_own_comes_before_the_configuration(tmp_path: Path) -> None:
    config = json.dumps(_CONFIG)
    folder(tmp_path, tokenizer_config__json=config, chat_template__jinja="{{ bos_token }}X")
    assert written(find_template(tmp_path)) == "[<s>]X"
    assert written(find_template(tmp_path / "chat_template.jinja")) == "[<s>]X"
    assert written(find_template(str(tmp_path / "tokenizer_config.json"))) != "[<s>]X"


def test_another_template_for_requests_with_tools(tmp_path: Path) -> None:
    rows = [{"name": "default", "template": "D"}, {"name": "tool_use", "template": "T"}]
    config = json.dumps({"chat_template": rows})
    form = find_template(folder(tmp_path, tokenizer_config__json=config))
    assert (written(form), written(form, tools=True)) == ("D", "T")


def test_additional_templates_are_files(tmp_path: Path) -> None:
    more = tmp_path / "additional_chat_templates"
    more.mkdir()
    folder(more, tool_use__jinja="T")
    form = find_template(folder(tmp_path, chat_template__jinja="D"))
    assert (written(form), written(form, tools=True)) == ("D", "T")


def test_a_processor_has_it_in_a_file_of_json(tmp_path: Path) -> None:
    form = find_template(folder(tmp_path, chat_template__json='{"chat_template": "D"}'))
    assert written(form) == "D"


def test_tokens_of_the_tokenizer_file_where_the_configuration_has_none(tmp_path: Path) -> None:
    tokens = json.dumps({"added_tokens": [{"content": "<|user|>", "special": True}]})
    folder(tmp_path, tokenizer__json=tokens, chat_template__jinja=_TEMPLATE)
    assert written(find_template(tmp_path)) == "[<|user|>] Hello<|end|>\n"


def test_a_model_has_its_packaged_template() -> None:
    for name in ("qwen3-8b", "Qwen/Qwen3-8B-FP8", get_model("qwen3-8b")):
        assert find_template(name).template.name == "qwen3"


def test_a_text_is_a_template_whose_tokens_are_those_of_the_encoding() -> None:
    form = find_template("<|im_start|>{{ messages[0].content }}<|im_end|>")
    counted = form.count(request(said("user", "<|im_end|>")), _meter(), ChatOptions())
    assert sum(part.tokens for part in counted.parts) == 2 + get_encoding("qwen2").count(
        "<|im_end|>"
    )


def _meter() -> Meter:
    return Meter(get_encoding("qwen2"))


@pytest.mark.parametrize(
    ("files", "error", "message"),
    [
        ({}, UsageError, "no chat template"),
        ({"tokenizer_config__json": "{}"}, UsageError, "no chat template"),
        ({"tokenizer_config__json": "["}, FormatError, "not JSON"),
        ({"tokenizer_config__json": "[" * 99999}, FormatError, "not JSON"),
        ({"tokenizer_config__json": "[]"}, FormatError, "not a JSON object"),
        ({"tokenizer_config__json": '{"chat_template": [1]}'}, FormatError, "neither a template"),
        ({"tokenizer_config__json": '{"chat_template": 7}'}, UsageError, "no chat template"),
        ({"chat_template__jinja": "x" * (1 << 21)}, CtxtoolsError, "larger|bytes"),
    ],
)
def test_folders_without_a_template(
    files: dict[str, str], error: type[CtxtoolsError], message: str, tmp_path: Path
) -> None:
    with pytest.raises(error, match=message):
        find_template(folder(tmp_path, **files))


def test_a_name_that_is_nothing() -> None:
    with pytest.raises(UsageError, match="no chat template: nosuch is neither"):
        find_template("nosuch")
    with pytest.raises(UsageError, match="template must be"):
        find_template(7)  # type: ignore[arg-type]


def test_the_hub_is_asked_only_by_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    hub = pytest.importorskip("huggingface_hub", reason="the hub needs the extra hub")
    from huggingface_hub.errors import EntryNotFoundError

    asked = []
    config = folder(tmp_path, tokenizer_config__json=json.dumps(_CONFIG))

    def download(repository: str, file: str, **_: object) -> str:
        asked.append((repository, file))
        if not (config / file).exists():
            raise EntryNotFoundError("no such file")
        return str(config / file)

    monkeypatch.setattr(hub, "hf_hub_download", download)
    form = find_template("hf:some/model")
    assert form.name == "chat template of hf:some/model"
    assert written(form) == "[<s>][<|user|>]Hello[<|end|>]"
    assert {repository for repository, _ in asked} == {"some/model"}
    (config / "tokenizer_config.json").unlink()
    with pytest.raises(NetworkError):
        find_template("hf:some/model")


def test_without_jinja2_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(MissingExtraError, match="a chat template needs jinja2") as raised:
        written(find_template("qwen3-8b"))
    assert "[chat]" in str(raised.value)
