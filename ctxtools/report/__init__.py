"""Reports as pages of HTML, each complete in itself: for browsers, without a network.

>>> import ctxtools as ctx
>>> from ctxtools.documents import count_documents, find_files
>>> encoding = ctx.get_encoding("o200k_base")
>>> page = ctx.report.count_page(count_documents(find_files(["docs"]), [encoding]), [encoding])
>>> ctx.report.save_report(page, "report.html")
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ctxtools.report.count import CountColumn, CountedFile, count_page
    from ctxtools.report.page import save_report

__all__ = ["CountColumn", "CountedFile", "count_page", "save_report"]

if not TYPE_CHECKING:
    from ctxtools._lazy import lazy_names

    _HOMES = {
        "count": ("CountColumn", "CountedFile", "count_page"),
        "page": ("save_report",),
    }
    __getattr__, __dir__ = lazy_names(globals(), _HOMES)
