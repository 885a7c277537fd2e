"""Kept as an import path: see `ctxtools.packing.training.plan`."""

from ctxtools.packing.training.plan import Plan, Window, load_plan

__all__ = ["Plan", "Window", "load_plan"]
