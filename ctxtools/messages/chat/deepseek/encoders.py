"""The encoders of DeepSeek's models since V3.2, of which a model may have several versions.

- "deepseek-recipe-0.2": DeepSeek's own code for its interface, PyPI deepseek-recipe 0.2.0.
- "vllm-0.33": the encoder of the model's repository as vLLM 0.33 has it.
- "checkpoint": the encoder of V4's first checkpoints, which writes an effort for "max" alone.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Literal

from ctxtools.errors import UsageError
from ctxtools.messages.chat.deepseek import repository, v4, v32
from ctxtools.messages.chat.deepseek.request import Ability, read_dialogue
from ctxtools.messages.chat.formats import ChatOptions, Rendered
from ctxtools.messages.chat.pieces import Piece
from ctxtools.messages.request import Request

ModelVersion = Literal["v3.2", "v4", "v4.1"]


def render(
    request: Request,
    options: ChatOptions,
    *,
    model: ModelVersion,
    thinking: bool = True,
    images: bool = False,
    note: str = "",
) -> Rendered:
    """A request as an encoder shows it to a model.

    Args:
        model: whose format it is.
        thinking: whether the model thinks if the options do not say so.
        images: the model takes them.
        note: what one should know of the model's name.

    Raises:
        UsageError: an option is unknown, or the encoder does not take something of the request,
            which is named.
    """
    versions = _VERSIONS[model]
    version = options.version or next(iter(versions))
    if version not in versions:
        raise UsageError(
            f"unknown version {version!r:.100} of the encoder of DeepSeek {model.upper()}",
            hint=f"choose one of {', '.join(versions)}",
        )
    shown = versions[version](request, options, images=images, thinking=thinking)
    return shown._replace(notes=(note, *shown.notes)) if note else shown


def _recipe(
    request: Request,
    options: ChatOptions,
    *,
    model: ModelVersion,
    writes: Callable[..., list[Piece]],
    images: bool,
    thinking: bool,
) -> Rendered:
    ability = Ability(f"DeepSeek {model.upper()}", images, later_systems=model == "v4.1")
    dialogue = read_dialogue(request, options, ability, thinking=thinking)
    return Rendered(writes(dialogue, open_turn=options.generation_prompt), dialogue.notes)


def _repository(
    request: Request,
    options: ChatOptions,
    *,
    encoder: repository.Repository,
    images: bool,
    thinking: bool,
) -> Rendered:
    return repository.render(request, options, encoder, images=images, thinking=thinking)


def _v32(request: Request, options: ChatOptions, *, images: bool, thinking: bool) -> Rendered:
    return v32.render(request, options, thinking=thinking)


_RECIPE, _VLLM = "deepseek-recipe-0.2", "vllm-0.33"
_VERSIONS: Mapping[ModelVersion, Mapping[str, Callable[..., Rendered]]] = {
    "v3.2": {_VLLM: _v32},
    "v4": {
        _RECIPE: partial(_recipe, model="v4", writes=v4.render_v4),
        _VLLM: partial(_repository, encoder=repository.VLLM_V4),
        "checkpoint": partial(_repository, encoder=repository.CHECKPOINT_V4),
    },
    "v4.1": {
        _RECIPE: partial(_recipe, model="v4.1", writes=v4.render_v41),
        _VLLM: partial(_repository, encoder=repository.VLLM_V41),
    },
}
