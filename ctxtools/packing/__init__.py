"""Filling context windows: `pack` puts documents into one text, certified to keep a limit."""

from ctxtools.packing.entry import Form
from ctxtools.packing.parts import pack_parts
from ctxtools.packing.prompt import pack
from ctxtools.packing.result import OmittedDocument, Pack, PackedDocument

__all__ = ["Form", "OmittedDocument", "Pack", "PackedDocument", "pack", "pack_parts"]
