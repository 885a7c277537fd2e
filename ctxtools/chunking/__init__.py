"""Splitting documents into chunks: exactly, along their structure, in linear time."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ctxtools.chunking.block import Block
    from ctxtools.chunking.build import Chunks
    from ctxtools.chunking.chunk import Chunk
    from ctxtools.chunking.chunker import Chunker
    from ctxtools.chunking.settings import Format, OnOversize, Strategy
    from ctxtools.chunking.summary import Summary

__all__ = [
    "Block",
    "Chunk",
    "Chunker",
    "Chunks",
    "Format",
    "OnOversize",
    "Strategy",
    "Summary",
]

if not TYPE_CHECKING:
    from ctxtools._lazy import lazy_names

    # The parsers of formats, which packing uses too, need nothing that makes chunks.
    _HOMES = {
        "block": ("Block",),
        "build": ("Chunks",),
        "chunk": ("Chunk",),
        "chunker": ("Chunker",),
        "settings": ("Format", "OnOversize", "Strategy"),
        "summary": ("Summary",),
    }
    __getattr__, __dir__ = lazy_names(globals(), _HOMES)
