"""Kept as an import path: see `ctxtools.chunking.integrations.langchain`."""

from ctxtools.chunking.integrations.langchain import CtxtoolsTextSplitter

__all__ = ["CtxtoolsTextSplitter"]
