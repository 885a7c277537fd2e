"""Splitting documents into chunks: exactly, along their structure, in linear time."""

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
