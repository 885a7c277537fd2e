"""Documents as `ctxtools.read_documents` reads them: of a PDF, of Word, and a record."""

from ctxtools.documents import Document
from ctxtools.documents.readers.extraction.extracted import Heading

PAPER = Document(
    "paper.pdf",
    "Introduction\nWords.\n\nMethod\nMore words.",
    pages=(0, 21),
    headings=(Heading(0, 12, 1, "Introduction"), Heading(21, 27, 1, "Method")),
    format="text",
)
REPORT = Document(
    "report.docx", "# One\n\nSome words.\n\n## Two\n\nMore words.", pages=(), format="markdown"
)
RECORD = Document(
    "data.jsonl", "Words.", record=3, metadata={"source": "the user's", "file_path": 8, "kind": 7}
)
