"""The encoders of DeepSeek's models, of which one model may have several versions."""

from collections.abc import Callable, Mapping
from typing import Literal, NamedTuple

from ctxtools.errors import UsageError
from ctxtools.messages.chat.deepseek.request import Ability, read_dialogue
from ctxtools.messages.chat.deepseek.turns import Dialogue
from ctxtools.messages.chat.deepseek.v4 import render_v4, render_v41
from ctxtools.messages.chat.formats import ChatOptions, Rendered
from ctxtools.messages.chat.pieces import Piece
from ctxtools.messages.request import Request

ModelVersion = Literal["v4", "v4.1"]


class _Encoder(NamedTuple):
    """A version of an encoder."""

    render: Callable[..., list[Piece]]


_RECIPE = "deepseek-recipe-0.2"
_VERSIONS: Mapping[ModelVersion, Mapping[str, _Encoder]] = {
    "v4": {_RECIPE: _Encoder(render_v4)},
    "v4.1": {_RECIPE: _Encoder(render_v41)},
}


def render(
    request: Request,
    options: ChatOptions,
    *,
    model: ModelVersion,
    thinking: bool = True,
    images: bool = False,
) -> Rendered:
    """A request as DeepSeek's own code for its interface shows it to a model.

    Args:
        model: whose format it is.
        thinking: whether the model thinks if the options do not say so.
        images: the model takes them.

    Raises:
        UsageError: an option is unknown, or DeepSeek's interface refuses the request.
    """
    versions = _VERSIONS[model]
    version = options.version or next(iter(versions))
    if version not in versions:
        raise UsageError(
            f"unknown version {version!r} of the encoder of DeepSeek {model.upper()}",
            hint=f"choose one of {', '.join(versions)}",
        )
    ability = Ability(f"DeepSeek {model.upper()}", images, later_systems=model == "v4.1")
    dialogue: Dialogue = read_dialogue(request, options, ability, thinking=thinking)
    pieces = versions[version].render(dialogue, open_turn=options.generation_prompt)
    return Rendered(pieces, dialogue.notes)
