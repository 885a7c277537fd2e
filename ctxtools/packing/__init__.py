"""Filling context windows: documents into prompts and parts, conversations into a window.

Everything here counts what it returns as it is, and returns nothing that is above the limit.
"""

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
