"""A look-ahead window of a document cut into spans, in one pass; see window.py."""
