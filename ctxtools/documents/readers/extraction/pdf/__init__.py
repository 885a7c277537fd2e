"""PDF, by pdfium. Needs the extra ``ctxtools[pdf]``."""
