"""Kept as an import path: see `ctxtools.chunking.integrations.arrow`."""

from ctxtools.chunking.integrations.arrow import chunk_schema, chunk_table, chunks_to_table

__all__ = ["chunk_schema", "chunk_table", "chunks_to_table"]
