"""Kept as an import path: see `ctxtools.packing.conversation`."""

from ctxtools.packing.conversation import ChatOverhead, PackedMessages, pack_messages

__all__ = ["ChatOverhead", "PackedMessages", "pack_messages"]
