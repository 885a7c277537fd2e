"""Count, cut and pack text against the context limits of language models.

>>> import ctxtools as ctx
>>> encoding = ctx.get_encoding("o200k_base")
>>> encoding.count("How many tokens is this?")
6
>>> ctx.get_model("deepseek-v4-pro").budget(reserve_output=32_000).available
968000
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ctxtools import (
        chunking,
        documents,
        encodings,
        errors,
        memory,
        messages,
        models,
        packing,
        report,
    )
    from ctxtools._core.edits import Edit
    from ctxtools._core.types import Strength, TokenIndex
    from ctxtools.chunking import Block, Chunk, Chunker, Chunks, OnOversize, Strategy, Summary
    from ctxtools.config import Config, load_config
    from ctxtools.documents import Changes, Document, Documents, changed_lines, read_documents
    from ctxtools.encodings import (
        AddedIds,
        AllowedSpecial,
        ArrowColumn,
        Counter,
        EditableIndex,
        Encoding,
        Session,
        Side,
        get_encoding,
        list_encodings,
        load_encoding,
    )
    from ctxtools.encodings.export import export_encoding
    from ctxtools.errors import (
        BudgetError,
        ConfigError,
        ConflictError,
        CtxtoolsError,
        FormatError,
        KernelError,
        MissingExtraError,
        NetworkError,
        NotTextError,
        OversizeError,
        PositionError,
        ReadError,
        SecretsError,
        Skipped,
        SpecialTokenError,
        UnknownEncodingError,
        UnknownModelError,
        UnknownTokenError,
        UnreadableError,
        UsageError,
        VocabularyError,
    )
    from ctxtools.limits import (
        CheckedFile,
        CheckedLimits,
        CheckedTotal,
        Exceeded,
        LimitRule,
        LimitRules,
        check_limits,
        load_limits,
    )
    from ctxtools.memory import (
        Architecture,
        Device,
        MemoryPlan,
        architecture_of,
        list_architectures,
        list_devices,
        plan_memory,
    )
    from ctxtools.messages import (
        CountedMessages,
        EncodedMessages,
        MediaTokens,
        Part,
        audio_tokens,
        count_messages,
        document_tokens,
        encode_messages,
        image_tokens,
        video_tokens,
    )
    from ctxtools.models import (
        Budget,
        Estimate,
        Interval,
        Model,
        Price,
        Registry,
        encoding_for_model,
        get_model,
        list_models,
    )
    from ctxtools.packing import (
        ChatOverhead,
        Embeddings,
        Form,
        FoundSecret,
        OmittedDocument,
        Pack,
        PackedDataset,
        PackedDocument,
        PackedMessages,
        PackedWindow,
        Plan,
        Stable,
        TrainingWindow,
        WindowStream,
        load_plan,
        pack,
        pack_dataset,
        pack_ids_stream,
        pack_messages,
        pack_parts,
        pack_sequences,
        pack_stream,
        token_boundaries,
    )

__version__ = "0.1.0"

# fmt: off
__all__ = [
    "AddedIds", "AllowedSpecial", "Architecture", "ArrowColumn", "Block", "Budget", "BudgetError",
    "Changes", "ChatOverhead", "CheckedFile", "CheckedLimits", "CheckedTotal", "Chunk", "Chunker",
    "Chunks", "Config", "ConfigError", "ConflictError", "CountedMessages", "Counter",
    "CtxtoolsError", "Device", "Document", "Documents", "Edit", "EditableIndex", "Embeddings",
    "EncodedMessages", "Encoding", "Estimate", "Exceeded", "Form", "FormatError", "FoundSecret",
    "Interval", "KernelError", "LimitRule", "LimitRules", "MediaTokens", "MemoryPlan",
    "MissingExtraError", "Model", "NetworkError", "NotTextError", "OmittedDocument", "OnOversize",
    "OversizeError", "Pack", "PackedDataset", "PackedDocument", "PackedMessages", "PackedWindow",
    "Part", "Plan", "PositionError", "Price", "ReadError", "Registry", "SecretsError", "Session",
    "Side", "Skipped", "SpecialTokenError", "Stable", "Strategy", "Strength", "Summary",
    "TokenIndex", "TrainingWindow", "UnknownEncodingError", "UnknownModelError",
    "UnknownTokenError", "UnreadableError", "UsageError", "VocabularyError", "WindowStream",
    "architecture_of", "audio_tokens", "changed_lines", "check_limits", "chunking",
    "count_messages", "document_tokens", "documents", "encode_messages", "encoding_for_model",
    "encodings", "errors", "export_encoding", "get_encoding", "get_model", "image_tokens", "limits",
    "list_architectures", "list_devices", "list_encodings", "list_models", "load_config",
    "load_encoding", "load_limits", "load_plan", "memory", "messages", "models", "pack",
    "pack_dataset", "pack_ids_stream", "pack_messages", "pack_parts", "pack_sequences",
    "pack_stream", "packing", "plan_memory", "read_documents", "report", "token_boundaries",
    "video_tokens",
]
# fmt: on

if not TYPE_CHECKING:
    from ctxtools._lazy import lazy_names

    # `ctx --version` needs none of these.
    # fmt: off
    _HOMES = {
        "_core.edits": ("Edit",),
        "_core.types": ("Strength", "TokenIndex"),
        "chunking": (
            "chunking", "Block", "Chunk", "Chunker", "Chunks", "OnOversize", "Strategy", "Summary",
        ),
        "config": ("Config", "load_config"),
        "documents": (
            "documents", "Changes", "Document", "Documents", "changed_lines", "read_documents",
        ),
        "encodings": (
            "encodings", "AddedIds", "AllowedSpecial", "ArrowColumn", "Counter", "EditableIndex",
            "Encoding", "Session", "Side", "get_encoding", "list_encodings", "load_encoding",
        ),
        "encodings.export": ("export_encoding",),
        "errors": (
            "errors", "BudgetError", "ConfigError", "ConflictError", "CtxtoolsError", "FormatError",
            "KernelError", "MissingExtraError", "NetworkError", "NotTextError", "OversizeError",
            "PositionError", "ReadError", "SecretsError", "Skipped", "SpecialTokenError",
            "UnknownEncodingError", "UnknownModelError", "UnknownTokenError", "UnreadableError",
            "UsageError", "VocabularyError",
        ),
        "limits": (
            "limits", "CheckedFile", "CheckedLimits", "CheckedTotal", "Exceeded", "LimitRule",
            "LimitRules", "check_limits", "load_limits",
        ),
        "memory": (
            "memory", "Architecture", "Device", "MemoryPlan", "architecture_of",
            "list_architectures", "list_devices", "plan_memory",
        ),
        "messages": (
            "messages", "CountedMessages", "EncodedMessages", "MediaTokens", "Part", "audio_tokens",
            "count_messages", "document_tokens", "encode_messages", "image_tokens", "video_tokens",
        ),
        "models": (
            "models", "Budget", "Estimate", "Interval", "Model", "Price", "Registry",
            "encoding_for_model", "get_model", "list_models",
        ),
        "packing": (
            "packing", "ChatOverhead", "Embeddings", "Form", "FoundSecret", "OmittedDocument",
            "Pack", "PackedDataset", "PackedDocument", "PackedMessages", "PackedWindow", "Plan",
            "Stable", "TrainingWindow", "WindowStream", "load_plan", "pack", "pack_dataset",
            "pack_ids_stream", "pack_messages", "pack_parts", "pack_sequences", "pack_stream",
            "token_boundaries",
        ),
        "report": ("report",),
    }
    # fmt: on
    __getattr__, __dir__ = lazy_names(globals(), _HOMES, {"Window": "TrainingWindow"})
