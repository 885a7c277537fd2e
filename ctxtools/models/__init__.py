"""What models can hold: limits, tokenizers and prices, each with its source and date."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ctxtools.models.estimate import Estimate
    from ctxtools.models.interval import Interval, TextCount
    from ctxtools.models.model import Budget, Fact, Modality, Model, Price, Source, Tier
    from ctxtools.models.registry import Registry, encoding_for_model, get_model, list_models
else:
    from ctxtools._lazy import lazy_names

    _HOMES = {
        "estimate": ("Estimate",),
        "interval": ("Interval", "TextCount"),
        "model": ("Budget", "Fact", "Modality", "Model", "Price", "Source", "Tier"),
        "registry": ("Registry", "encoding_for_model", "get_model", "list_models"),
    }
    __getattr__, __dir__ = lazy_names(globals(), _HOMES)

__all__ = [
    "Budget",
    "Estimate",
    "Fact",
    "Interval",
    "Modality",
    "Model",
    "Price",
    "Registry",
    "Source",
    "TextCount",
    "Tier",
    "encoding_for_model",
    "get_model",
    "list_models",
]
