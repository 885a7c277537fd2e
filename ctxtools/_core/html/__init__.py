"""HTML as the blocks of documents and their views read it.

tokens.py       tags and comments, as the HTML standard finds them; elements.py what elements are
tree.py         elements, well nested, where end tags are omitted too
layout.py       tables that are none
inline_text.py  titles; references.py what ``&amp;`` stands for
"""
