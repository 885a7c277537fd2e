"""Filling context windows: with what matters for a prompt, and to the bound for training.

    prompt.py        documents into one text        parts.py      into several
    chat.py          messages into a window         sequences.py  into training windows

What the first three return was counted as it is, and is within the limit.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ctxtools.packing.chat import ChatOverhead, PackedMessages, pack_messages
    from ctxtools.packing.entry import Form
    from ctxtools.packing.parts import pack_parts
    from ctxtools.packing.prompt import pack
    from ctxtools.packing.result import OmittedDocument, Pack, PackedDocument

__all__ = [
    "ChatOverhead",
    "Form",
    "OmittedDocument",
    "Pack",
    "PackedDocument",
    "PackedMessages",
    "pack",
    "pack_messages",
    "pack_parts",
]

# None pays for another: training windows need nothing of prompts.
_HOMES = {
    "chat": ("ChatOverhead", "PackedMessages", "pack_messages"),
    "entry": ("Form",),
    "parts": ("pack_parts",),
    "prompt": ("pack",),
    "result": ("OmittedDocument", "Pack", "PackedDocument"),
}


def __getattr__(name: str) -> Any:
    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"ctxtools.packing.{home}"), name)
    raise AttributeError(f"module 'ctxtools.packing' has no attribute {name!r}")
