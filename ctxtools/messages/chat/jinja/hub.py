"""A model's chat template from the Hugging Face hub."""

from contextlib import suppress
from dataclasses import replace

from ctxtools.encodings.files.hub import AbsentError, find_on_hub
from ctxtools.errors import UsageError
from ctxtools.messages.chat.jinja.sources import Template, template_at

_FILES = ("chat_template.jinja", "chat_template.json")


def template_on_hub(name: str) -> Template:
    """The chat template of a model, from the hub's cache or downloaded.

    Args:
        name: ``organisation/model``, or ``organisation/model@revision``.

    Raises:
        UsageError: the model has none.
        MissingExtraError: ``huggingface_hub`` is not installed.
        NetworkError: it is not in the cache, and cannot be downloaded.
    """
    config = find_on_hub(name, "tokenizer_config.json")
    for file in _FILES:
        with suppress(AbsentError):
            return replace(template_at(find_on_hub(name, file)), name=f"hf:{name}")
    try:
        return replace(template_at(config), name=f"hf:{name}")
    except UsageError as error:
        raise UsageError(f"hf:{name}: no chat template", hint=error.hint) from None
