"""Count, cut and pack text against the context limits of language models.

>>> import ctxtools as ctx
>>> encoding = ctx.get_encoding("o200k_base")
>>> encoding.count("How many tokens is this?")
6
>>> ctx.get_model("deepseek-v4-pro").budget(reserve_output=32_000).available
968000
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ctxtools.chunking import Chunk, Chunker
    from ctxtools.config import Config, load_config
    from ctxtools.documents import Document, read_documents
    from ctxtools.encodings import Encoding, get_encoding, list_encodings, load_encoding
    from ctxtools.errors import CtxtoolsError
    from ctxtools.models import Budget, Model, encoding_for_model, get_model, list_models
    from ctxtools.packing import Pack, PackedMessages, pack, pack_messages, pack_parts
    from ctxtools.packing.training.plan import Plan
    from ctxtools.packing.training.sequences import pack_sequences

__version__ = "0.1.0"

__all__ = [
    "Budget",
    "Chunk",
    "Chunker",
    "Config",
    "CtxtoolsError",
    "Document",
    "Encoding",
    "Model",
    "Pack",
    "PackedMessages",
    "Plan",
    "encoding_for_model",
    "get_encoding",
    "get_model",
    "list_encodings",
    "list_models",
    "load_config",
    "load_encoding",
    "pack",
    "pack_messages",
    "pack_parts",
    "pack_sequences",
    "read_documents",
]

# A name is imported when it is first used: `ctx --version` needs none of them.
_HOMES = {
    "chunking": ("Chunk", "Chunker"),
    "config": ("Config", "load_config"),
    "documents": ("Document", "read_documents"),
    "encodings": ("Encoding", "get_encoding", "list_encodings", "load_encoding"),
    "errors": ("CtxtoolsError",),
    "models": ("Budget", "Model", "encoding_for_model", "get_model", "list_models"),
    "packing": ("Pack", "PackedMessages", "pack", "pack_messages", "pack_parts"),
    "packing.training.plan": ("Plan",),
    "packing.training.sequences": ("pack_sequences",),
}


def __getattr__(name: str) -> Any:
    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"ctxtools.{home}"), name)
    raise AttributeError(f"module 'ctxtools' has no attribute {name!r}")
