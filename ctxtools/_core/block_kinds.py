"""Kinds of blocks of documents, by their numbers; kernel/src/chunk/blocks.rs has the same."""

KINDS = (
    *("section", "heading", "paragraph", "list", "item", "quote", "table", "row", "code", "html"),
    *("rule", "metadata", "element", "imports", "function", "class", "statement", "comment"),
    *("object", "array", "value", "record", "text"),
)
