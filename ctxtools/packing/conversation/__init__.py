"""Packing a conversation into a limit of tokens, by leaving out its oldest turns.

pack.py       the steps in order, and what they return
turns.py      which messages belong together, and where a history may begin
search.py     the first choice that fits, with few counts
images.py     images that make way for a text
summary.py    the turn that stands for what was left out
overheads.py  framings by figures
"""

from ctxtools.packing.conversation.overheads import OVERHEADS, ChatOverhead
from ctxtools.packing.conversation.pack import pack_messages
from ctxtools.packing.conversation.result import PackedMessages

__all__ = ["OVERHEADS", "ChatOverhead", "PackedMessages", "pack_messages"]
