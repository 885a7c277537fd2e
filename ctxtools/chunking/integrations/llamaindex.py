"""A Chunker where LlamaIndex wants a node parser. Needs the extra ``ctxtools[llamaindex]``.

from ctxtools.chunking.integrations.llamaindex import CtxtoolsNodeParser

parser = CtxtoolsNodeParser(Chunker("o200k_base", chunk_size=512, chunk_overlap=64))
nodes = parser.get_nodes_from_documents(documents)
"""

from collections.abc import Sequence
from typing import Any

from ctxtools.chunking.chunk import Chunk
from ctxtools.chunking.chunker import Chunker
from ctxtools.chunking.integrations.distinct import DistinctIds
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
    """LlamaIndex's NodeParser, by a Chunker.

    A node has the chunk's id, its text, its place in the document's text (the slice, a header not
    counted) and as metadata ``token_count``, ``start_line``, ``headings`` (joined by ``" > "``),
    ``kind``, and ``parent_id`` where sizes are nested. These are kept from the text that goes to a
    model or an embedding, so that the chunk's limit holds there. LlamaIndex puts the document's own
    metadata before it all the same, unless they are excluded there: leave room for them.

    Ids are the same from run to run. Beside the chunk, they depend on the ``file_path`` in the
    document's metadata; where there is none, on the ``id_`` that it was given; where it was given
    none, on all its text and metadata. No two nodes made in one call have the same id.

    Args:
        chunker: what cuts; limit and overlap are its own.
        options: LlamaIndex's own: ``include_metadata``, ``include_prev_next_rel``,
            ``callback_manager``, ``id_func`` (in place of the chunks' ids).
    """

    # LlamaIndex's cache tells transformations apart by their fields.
    configuration: str = Field(default="", description="How the chunker cuts.")
    _chunker: Chunker = PrivateAttr()

    def __init__(self, chunker: Chunker, **options: Any) -> None:
        super().__init__(configuration=f"{chunker._counter.name} {chunker._settings}", **options)
        self._chunker = chunker

    @classmethod
    def class_name(cls) -> str:
        """The name that LlamaIndex keeps for the class."""
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
        """The nodes of one document's chunks."""

        def chunk_id(i: int, _: BaseNode) -> str:
            return chunks[i].id

        own = self.id_func is not default_id_func
        made = build_nodes_from_splits(
            [chunk.text for chunk in chunks], node, id_func=self.id_func if own else chunk_id
        )
        for child, chunk in zip(made, chunks, strict=True):
            child.start_char_idx, child.end_char_idx = chunk.start_index, chunk.end_index
            metadata = _metadata(chunk)
            child.metadata = metadata
            child.excluded_embed_metadata_keys = [*node.excluded_embed_metadata_keys, *metadata]
            child.excluded_llm_metadata_keys = [*node.excluded_llm_metadata_keys, *metadata]
        return list(made)

    def _postprocess_parsed_nodes(
        self, nodes: list[BaseNode], parent_doc_map: dict[str, Any]
    ) -> list[BaseNode]:
        """As LlamaIndex does it, but for the places: it looks each node's text up in the document,
        which finds another place where a text is repeated, and none where there is a header."""
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
    """What names a document; an id that LlamaIndex drew at random does not."""
    own = node.node_id if "id_" in node.model_fields_set else node.hash
    return str(node.metadata.get("file_path") or own)


def _metadata(chunk: Chunk) -> dict[str, str | int]:
    parent = {} if chunk.parent_id is None else {"parent_id": chunk.parent_id}
    return {
        "token_count": chunk.token_count,
        "start_line": chunk.start_line,
        "headings": " > ".join(chunk.headings),
        "kind": chunk.kind,
        **parent,
    }
