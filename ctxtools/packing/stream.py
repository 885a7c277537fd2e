"""Kept as an import path: see `ctxtools.packing.training.stream`."""

from ctxtools.packing.training.stream import pack_stream

__all__ = ["pack_stream"]
