"""Kept as an import path: see `ctxtools.packing.training.plan`."""

from typing import TYPE_CHECKING

from ctxtools.packing.training.load_plan import load_plan
from ctxtools.packing.training.plan import Plan, TrainingWindow

__all__ = ["Plan", "TrainingWindow", "load_plan"]

if not TYPE_CHECKING:
    from ctxtools._lazy import renamed_names

    __getattr__ = renamed_names(__name__, {"Window": TrainingWindow})
