"""Kept as an import path: see `ctxtools.packing.training.adapters`."""

from ctxtools.packing.training.adapters import PackedDataset, PackedWindow, pack_dataset

__all__ = ["PackedDataset", "PackedWindow", "pack_dataset"]
