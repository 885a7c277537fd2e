"""A document whose text is extracted, such as a PDF: a row with its text, or one for each in it."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, NamedTuple

from ctxtools.corpus.reading.request import BATCH, Request
from ctxtools.documents import Document, File, open_document
from ctxtools.documents.each import documents_of
from ctxtools.documents.readers.extraction.extracted import Heading
from ctxtools.documents.source import Source
from ctxtools.errors import MissingExtraError, UnreadableError, import_extra


class _Content(NamedTuple):
    """The bytes of a document, wherever it is."""

    data: bytes

    @property
    def size(self) -> int:
        """In bytes."""
        return len(self.data)

    def open(self) -> Source:
        """The bytes, from the first one."""
        return Source.held(self.data)


def read_documents(stream: Any, request: Request) -> Iterator[Any]:
    """The rows of a file; see `ctxtools.corpus.reading.read_tables`.

    The columns are the one of texts, by default "text"; "path", what the document is called;
    "pages", the offsets in characters at which its pages start; "headings", those that its text
    does not tell; and "format", the structure of its text, null if the path says it.
    """
    arrow = import_extra("pyarrow", "a corpus", "parquet")
    integer, string = arrow.int64(), arrow.string()
    heading = {"start": integer, "end": integer, "level": integer, "title": string}
    schema = arrow.schema(
        {
            (request.text or "text"): arrow.large_string(),
            "path": string,
            "pages": arrow.list_(integer),
            "headings": arrow.list_(arrow.struct(heading)),
            "format": string,
        }
    )
    selected = request.selected(schema.names)
    yield schema.empty_table().select(selected)
    file = File(request.uri, content=_Content(stream.read()))

    def table(documents: list[Document]) -> Any:
        columns = [
            [each.text for each in documents],
            [each.name for each in documents],
            [[*(each.pages or ())] for each in documents],
            [[asdict(heading) for heading in each.headings] for each in documents],
            [each.format for each in documents],
        ]
        arrays = [arrow.array(a, b) for a, b in zip(columns, schema.types, strict=True)]
        return arrow.Table.from_arrays(arrays, schema=schema).select(selected)

    batch, size = list[Document](), 0
    try:
        with open_document(file) as reader:
            for document in documents_of(reader):
                batch.append(document)
                size += len(document.text)
                if size >= BATCH:
                    yield table(batch)
                    batch, size = [], 0
    except UnreadableError as error:
        if isinstance(error.__cause__, MissingExtraError):
            raise error.__cause__ from None
        request.pass_over(error.skipped.reason, hint=error.hint)
    if batch:
        yield table(batch)


def documents_in(table: Any, column: str = "text") -> Iterator[Document]:
    """The documents of a table of `read_documents` with all of its columns.

    Args:
        table: a pyarrow Table.
        column: that of texts.
    """
    names = column, "path", "pages", "headings", "format"
    for values in zip(*(table.column(name).to_pylist() for name in names), strict=True):
        text, path, pages, headings, format = values
        found = tuple(Heading(**each) for each in headings)
        yield Document(path, text, pages=tuple(pages), headings=found, format=format)
