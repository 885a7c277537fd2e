"""Kept as an import path: see `ctxtools.chunking.integrations.llamaindex`."""

from ctxtools.chunking.integrations.llamaindex import CtxtoolsNodeParser

__all__ = ["CtxtoolsNodeParser"]
