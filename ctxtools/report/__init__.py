"""Reports as pages of HTML, each complete in itself: for browsers, without a network.

    page.py          what every page is: template, style, script and data in one file
    count.py         where the tokens of many files are
    pack.py          what became of each document of a pack
    chunk.py         documents as they were cut
    tokens.py        a text or a conversation with its tokens

>>> import ctxtools as ctx
>>> from ctxtools.documents import count_documents, find_files
>>> encoding = ctx.get_encoding("o200k_base")
>>> page = ctx.report.count_page(count_documents(find_files(["docs"]), [encoding]), [encoding])
>>> ctx.report.save_report(page, "report.html")
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ctxtools.report.chunk import chunk_page
    from ctxtools.report.columns import CountColumn
    from ctxtools.report.count import CountedFile, count_page
    from ctxtools.report.pack import pack_page
    from ctxtools.report.page import save_report
    from ctxtools.report.tokens import messages_page, token_page

__all__ = [
    "CountColumn",
    "CountedFile",
    "chunk_page",
    "count_page",
    "messages_page",
    "pack_page",
    "save_report",
    "token_page",
]

if not TYPE_CHECKING:
    from ctxtools._lazy import lazy_names

    _HOMES = {
        "chunk": ("chunk_page",),
        "columns": ("CountColumn",),
        "count": ("CountedFile", "count_page"),
        "pack": ("pack_page",),
        "page": ("save_report",),
        "tokens": ("messages_page", "token_page"),
    }
    __getattr__, __dir__ = lazy_names(globals(), _HOMES)
