"""A Chunker as a LlamaIndex node parser. Needs the extra ``ctxtools[llamaindex]``.

from ctxtools.chunking.integrations.llamaindex import CtxtoolsNodeParser

parser = CtxtoolsNodeParser(Chunker("o200k_base", chunk_size=512, chunk_overlap=64))
nodes = parser.get_nodes_from_documents(documents)
nodes = parser.get_nodes_from_read_documents(ctxtools.read_documents("reports/"))
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import repeat
from typing import Any

from ctxtools.chunking.chunk import Chunk
from ctxtools.chunking.chunker import Chunker
from ctxtools.chunking.integrations.distinct import DistinctIds
from ctxtools.chunking.integrations.metadata import chunk_metadata, free_names
from ctxtools.chunking.integrations.stored import options_as_json, restored
from ctxtools.chunking.integrations.with_metadata import Wrap, chunks_with
from ctxtools.documents import Document as ReadDocument
from ctxtools.errors import UsageError, missing_extra

try:
    from llama_index.core.bridge.pydantic import Field, PrivateAttr
    from llama_index.core.node_parser.interface import MetadataAwareTextSplitter
    from llama_index.core.node_parser.node_utils import build_nodes_from_splits, default_id_func
    from llama_index.core.schema import (
        DEFAULT_TEXT_NODE_TMPL,
        BaseNode,
        Document,
        MetadataMode,
        NodeRelationship,
        TextNode,
    )
    from llama_index.core.utils import get_tqdm_iterable
except ImportError as error:
    raise missing_extra("CtxtoolsNodeParser", "llama-index-core", "llamaindex") from error


class CtxtoolsNodeParser(MetadataAwareTextSplitter):
    """A LlamaIndex NodeParser, and text splitter, that uses a Chunker.

    A node has the chunk's id, its text, its offsets in the document (those of the slice, without
    the header) and as metadata ``token_count``, ``start_line``, ``headings`` (joined by ``" > "``),
    ``kind``, and ``parent_id`` if sizes are nested, ``page_start`` and ``page_end`` if there are
    pages. Metadata of the document that has one of these names is kept: ours is then
    ``ctxtools_kind``, say. Ours are excluded from the text that goes to a model or an embedding.

    LlamaIndex puts the metadata of the document before the text of each node, unless they are
    excluded there. They are inside the limit: ``node.get_content(MetadataMode.EMBED)``, and so with
    ``MetadataMode.LLM``, has at most ``chunk_size`` tokens. With ``include_metadata=False`` nodes
    have no metadata of the document.

    Ids are the same in every run. Apart from the chunk, they depend on the ``file_path`` in the
    document's metadata; without one, on the ``id_`` it was given; without that, on all its text and
    metadata. No two nodes of one call have the same id.

    ``from_dict(parser.to_dict())`` makes an equal parser if its encoding is a packaged one or from
    a file, and it has no function of its own; otherwise these have to be given:
    ``from_dict(data, chunker=chunker, id_func=id_func)``.

    Args:
        chunker: it sets limit and overlap.
        chunker_options, configuration: of the chunker, from ``to_dict``.
        options: those of LlamaIndex: ``include_metadata``, ``include_prev_next_rel``,
            ``callback_manager``, ``id_func`` (instead of the ids of the chunks).

    Raises:
        UsageError: there is no chunker, and none can be made of the options.
    """

    # LlamaIndex's cache distinguishes transformations by their fields.
    configuration: str = Field(default="", description="The configuration of the chunker.")
    chunker_options: dict[str, Any] = Field(
        default_factory=dict, description="The arguments of the chunker, as far as JSON has them."
    )
    _chunker: Chunker = PrivateAttr()

    def __init__(
        self,
        chunker: Chunker | None = None,
        *,
        configuration: str = "",
        chunker_options: Mapping[str, Any] | None = None,
        id_func: Callable[..., str] | Mapping[str, str] | None = None,
        **options: Any,
    ) -> None:
        if chunker is None and not chunker_options:
            raise UsageError(
                "CtxtoolsNodeParser takes a Chunker",
                hint='CtxtoolsNodeParser(Chunker("o200k_base", chunk_size=512))',
            )
        if chunker is None:
            chunker = restored(chunker_options or {}, configuration)
        super().__init__(
            configuration=chunker.configuration,
            chunker_options=options_as_json(chunker),
            id_func=_id_func(id_func),
            **options,
        )
        self._chunker = chunker

    @classmethod
    def class_name(cls) -> str:
        """The name under which LlamaIndex stores the class."""
        return "CtxtoolsNodeParser"

    @property
    def chunk_size(self) -> int:
        """The maximum tokens of a node's text and metadata; of the largest, if sizes are nested."""
        return self._chunker.chunk_size

    @property
    def chunk_overlap(self) -> int:
        """The maximum tokens of overlap."""
        return self._chunker.chunk_overlap

    def split_text(self, text: str) -> list[str]:
        """The texts of the chunks of a text. Raises what `Chunker.chunk` raises."""
        return [chunk.text for chunk in self._chunker.chunk(text)]

    def split_text_metadata_aware(self, text: str, metadata_str: str) -> list[str]:
        """The same, where each is to have that many tokens less.

        Raises:
            UsageError: there are no tokens left.
        """
        wraps = [lambda content: f"{metadata_str}\n\n{content}"] if metadata_str else []
        chunks = chunks_with(self._chunker, lambda chunker: chunker.chunk(text), wraps)
        return [chunk.text for chunk in chunks]

    def get_nodes_from_read_documents(
        self, documents: Iterable[ReadDocument], show_progress: bool = False
    ) -> list[BaseNode]:
        """The nodes of documents that `ctxtools.read_documents` has read, PDFs say.

        So a node has the pages and headings of its document, where LlamaIndex's own documents have
        text alone. Its document has the name as ``id_`` and as ``file_path`` in its metadata,
        beside the fields that were kept of a record.

        Args:
            documents: all are held in memory.
            show_progress: as of ``get_nodes_from_documents``.
        """
        read = list(documents)
        given = [
            Document(
                text=each.text,
                id_=each.name,
                metadata={**each.metadata, **free_names({"file_path": each.name}, each.metadata)},
            )
            for each in read
        ]
        return list(self.get_nodes_from_documents(given, show_progress, read=read))

    def _parse_nodes(
        self,
        nodes: Sequence[BaseNode],
        show_progress: bool = False,
        *,
        read: Sequence[ReadDocument] = (),
        **_: Any,
    ) -> list[BaseNode]:
        parsed: list[BaseNode] = []
        distinct = DistinctIds()
        shown = get_tqdm_iterable(nodes, show_progress, "Parsing nodes")
        for node, document in zip(shown, read or repeat(None), strict=False):
            metadata = _metadata(node) if self.include_metadata else {}
            chunks_by = partial(_chunks_by, node=node, document=document)
            chunks = distinct.of(chunks_with(self._chunker, chunks_by, _wraps(node, metadata)))
            parsed += self._nodes(list(chunks), node, metadata)
        return parsed

    def _nodes(
        self, chunks: Sequence[Chunk], node: BaseNode, metadata: Mapping[str, Any]
    ) -> list[TextNode]:
        """The nodes of the chunks of one document, which have its metadata."""

        def chunk_id(i: int, _: BaseNode) -> str:
            return chunks[i].id

        id_func = chunk_id if self.id_func is default_id_func else self.id_func
        children = build_nodes_from_splits([c.text for c in chunks], node, id_func=id_func)
        for child, chunk in zip(children, chunks, strict=True):
            child.start_char_idx, child.end_char_idx = chunk.start_index, chunk.end_index
            ours = free_names(chunk_metadata(chunk), metadata)
            child.metadata = {**metadata, **ours}
            child.excluded_embed_metadata_keys = [*node.excluded_embed_metadata_keys, *ours]
            child.excluded_llm_metadata_keys = [*node.excluded_llm_metadata_keys, *ours]
        return list(children)

    def _postprocess_parsed_nodes(
        self, nodes: list[BaseNode], parent_doc_map: dict[str, Any]
    ) -> list[BaseNode]:
        """As in LlamaIndex, except that offsets stay: it would search the document for the text of
        each node, and find the wrong offset if that is repeated, or none if it has a header."""
        for node in nodes:
            document = parent_doc_map.get(node.ref_doc_id or "")
            if document is not None and document.source_node is not None:
                node.relationships[NodeRelationship.SOURCE] = document.source_node
        return list(super()._postprocess_parsed_nodes(nodes, {}))


def _metadata(node: BaseNode) -> dict[str, Any]:
    """The metadata that LlamaIndex will give to the nodes of a document, or of a node."""
    source = node.source_node
    return {**node.metadata, **(source.metadata if source else {}), **node.metadata}


def _wraps(node: BaseNode, metadata: Mapping[str, Any]) -> list[Wrap]:
    """How the text of a node will be shown, with metadata, to an embedding and to a model."""
    shown = node.model_copy(update={"metadata": {**metadata}})
    modes = (MetadataMode.EMBED, MetadataMode.LLM)
    texts = dict.fromkeys(shown.get_metadata_str(mode=mode).strip() for mode in modes)
    template = getattr(node, "text_template", DEFAULT_TEXT_NODE_TMPL)

    def wrap(metadata_str: str, content: str) -> str:
        return str(template.format(content=content, metadata_str=metadata_str)).strip()

    return [partial(wrap, text) for text in texts if text]


def _chunks_by(chunker: Chunker, node: BaseNode, document: ReadDocument | None) -> Iterable[Chunk]:
    """The chunks of a node, by what was read of it if that is known."""
    if document is not None:
        return chunker.chunk_document(document)
    text = node.get_content(metadata_mode=MetadataMode.NONE)
    return chunker.chunk(text, source=_source(node))


def _source(node: BaseNode) -> str:
    """What identifies a document; a random id from LlamaIndex does not."""
    identity = node.node_id if "id_" in node.model_fields_set else node.hash
    return str(node.metadata.get("file_path") or identity)


def _id_func(given: Callable[..., str] | Mapping[str, str] | None) -> Callable[..., str]:
    """A function for ids; of one that was stored there is only the name."""
    if isinstance(given, Mapping):
        if (name := given.get("id_func_name")) != default_id_func.__name__:
            raise UsageError(
                f"the function {name!r} that makes ids cannot be restored",
                hint="give it as well: from_dict(data, id_func=function)",
            )
        given = None
    default: Callable[..., str] = default_id_func
    return given or default
