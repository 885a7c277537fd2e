"""Packing: the most valuable choice of documents for a prompt, and sequences for training.

    prompt/          documents into one text within a limit, or into several
    relevance/       what a question, or a change, says of the lines of documents
    secrets/         keys, tokens and passwords in what goes into a prompt
    conversation/    the messages of a conversation that fit into a limit
    training/        lengths of documents into training windows
    windows/         training windows on disk

Any text that these return was counted as a whole, and is within the limit.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ctxtools.packing.arguments import Form
    from ctxtools.packing.conversation import ChatOverhead, PackedMessages, pack_messages
    from ctxtools.packing.prompt.pack import pack
    from ctxtools.packing.prompt.parts import pack_parts
    from ctxtools.packing.prompt.result import OmittedDocument, Pack, PackedDocument, Stable
    from ctxtools.packing.relevance.query import Embeddings
    from ctxtools.packing.secrets.report import FoundSecret
    from ctxtools.packing.training.adapters import PackedDataset, PackedWindow, pack_dataset
    from ctxtools.packing.training.ids_stream import pack_ids_stream
    from ctxtools.packing.training.load_plan import load_plan
    from ctxtools.packing.training.plan import Plan, TrainingWindow
    from ctxtools.packing.training.sequences import pack_sequences
    from ctxtools.packing.training.split_points import token_boundaries
    from ctxtools.packing.training.stream import pack_stream
    from ctxtools.packing.windows.stream import WindowStream

__all__ = [
    "ChatOverhead",
    "Embeddings",
    "Form",
    "FoundSecret",
    "OmittedDocument",
    "Pack",
    "PackedDataset",
    "PackedDocument",
    "PackedMessages",
    "PackedWindow",
    "Plan",
    "Stable",
    "TrainingWindow",
    "WindowStream",
    "load_plan",
    "pack",
    "pack_dataset",
    "pack_ids_stream",
    "pack_messages",
    "pack_parts",
    "pack_sequences",
    "pack_stream",
    "token_boundaries",
]

if not TYPE_CHECKING:
    from ctxtools._lazy import lazy_names

    # Each is imported on its first use: packing training windows needs nothing from prompt/.
    _HOMES = {
        "training.adapters": ("PackedDataset", "PackedWindow", "pack_dataset"),
        "training.split_points": ("token_boundaries",),
        "arguments": ("Form",),
        "conversation": ("ChatOverhead", "PackedMessages", "pack_messages"),
        "prompt.parts": ("pack_parts",),
        "training.ids_stream": ("pack_ids_stream",),
        "training.load_plan": ("load_plan",),
        "training.plan": ("Plan", "TrainingWindow"),
        "prompt.pack": ("pack",),
        "relevance.query": ("Embeddings",),
        "prompt.result": ("OmittedDocument", "Pack", "PackedDocument", "Stable"),
        "secrets.report": ("FoundSecret",),
        "training.sequences": ("pack_sequences",),
        "training.stream": ("pack_stream",),
        "windows.stream": ("WindowStream",),
    }
    __getattr__, __dir__ = lazy_names(globals(), _HOMES, {"Window": "TrainingWindow"})
