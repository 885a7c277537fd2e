"""Kept as an import path: see `ctxtools.packing.training.sequences`."""

from ctxtools.packing.training.sequences import pack_sequences

__all__ = ["pack_sequences"]
