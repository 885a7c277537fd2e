"""A Chunker as a LlamaIndex node parser. Needs the extra ``ctxtools[llamaindex]``.

from ctxtools.chunking.integrations.llamaindex import CtxtoolsNodeParser

parser = CtxtoolsNodeParser(Chunker("o200k_base", chunk_size=512, chunk_overlap=64))
nodes = parser.get_nodes_from_documents(documents)
"""

from collections.abc import Sequence
from typing import Any

from ctxtools.chunking.chunk import Chunk
from ctxtools.chunking.chunker import Chunker
from ctxtools.chunking.integrations.distinct import DistinctIds
from ctxtools.chunking.integrations.metadata import chunk_metadata, free_names
from ctxtools.errors import missing_extra

try:
    from llama_index.core.bridge.pydantic import Field, PrivateAttr
    from llama_index.core.node_parser import NodeParser
    from llama_index.core.node_parser.node_utils import build_nodes_from_splits, default_id_func
    from llama_index.core.schema import BaseNode, MetadataMode, NodeRelationship, TextNode
    from llama_index.core.utils import get_tqdm_iterable
except ImportError as error:
    raise missing_extra("CtxtoolsNodeParser", "llama-index-core", "llamaindex") from error


class CtxtoolsNodeParser(NodeParser):
    """A LlamaIndex NodeParser that uses a Chunker.

    A node has the chunk's id, its text, its offsets in the document (those of the slice, without
    the header) and as metadata ``token_count``, ``start_line``, ``headings`` (joined by ``" > "``),
    ``kind``, and ``parent_id`` if sizes are nested. Metadata of the document that has one of these
    names is kept: ours is then ``ctxtools_kind``, say. Ours are excluded from the text that goes to
    a model or an embedding, so that the chunk's limit holds there. LlamaIndex still puts the
    metadata of the document before it, unless they are excluded there: reserve tokens for them.

    Ids are the same in every run. Apart from the chunk, they depend on the ``file_path`` in the
    document's metadata; without one, on the ``id_`` it was given; without that, on all its text and
    metadata. No two nodes of one call have the same id.

    Args:
        chunker: it sets limit and overlap.
        options: those of LlamaIndex: ``include_metadata``, ``include_prev_next_rel``,
            ``callback_manager``, ``id_func`` (instead of the ids of the chunks).
    """

    # LlamaIndex's cache distinguishes transformations by their fields.
    configuration: str = Field(default="", description="The configuration of the chunker.")
    _chunker: Chunker = PrivateAttr()

    def __init__(self, chunker: Chunker, **options: Any) -> None:
        super().__init__(configuration=chunker.configuration, **options)
        self._chunker = chunker

    @classmethod
    def class_name(cls) -> str:
        """The name under which LlamaIndex stores the class."""
        return "CtxtoolsNodeParser"

    def _parse_nodes(
        self, nodes: Sequence[BaseNode], show_progress: bool = False, **_: Any
    ) -> list[BaseNode]:
        parsed: list[BaseNode] = []
        distinct = DistinctIds()
        for node in get_tqdm_iterable(nodes, show_progress, "Parsing nodes"):
            text = node.get_content(metadata_mode=MetadataMode.NONE)
            chunks = distinct.of(self._chunker.chunk(text, source=_source(node)))
            parsed += self._nodes(list(chunks), node)
        return parsed

    def _nodes(self, chunks: Sequence[Chunk], node: BaseNode) -> list[TextNode]:
        """The nodes of the chunks of one document."""

        def chunk_id(i: int, _: BaseNode) -> str:
            return chunks[i].id

        id_func = chunk_id if self.id_func is default_id_func else self.id_func
        children = build_nodes_from_splits([c.text for c in chunks], node, id_func=id_func)
        for child, chunk in zip(children, chunks, strict=True):
            child.start_char_idx, child.end_char_idx = chunk.start_index, chunk.end_index
            taken = node.metadata if self.include_metadata else ()
            metadata = free_names(chunk_metadata(chunk), taken)
            child.metadata = metadata
            child.excluded_embed_metadata_keys = [*node.excluded_embed_metadata_keys, *metadata]
            child.excluded_llm_metadata_keys = [*node.excluded_llm_metadata_keys, *metadata]
        return list(children)

    def _postprocess_parsed_nodes(
        self, nodes: list[BaseNode], parent_doc_map: dict[str, Any]
    ) -> list[BaseNode]:
        """As in LlamaIndex, except that offsets stay: it would search the document for the text of
        each node, and find the wrong offset if that is repeated, or none if it has a header."""
        for node in nodes:
            document = parent_doc_map.get(node.ref_doc_id or "")
            if document is None:
                continue
            if self.include_metadata:
                node.metadata = {**document.metadata, **node.metadata}
            if document.source_node is not None:
                node.relationships[NodeRelationship.SOURCE] = document.source_node
        return list(super()._postprocess_parsed_nodes(nodes, {}))


def _source(node: BaseNode) -> str:
    """What identifies a document; a random id from LlamaIndex does not."""
    identity = node.node_id if "id_" in node.model_fields_set else node.hash
    return str(node.metadata.get("file_path") or identity)
