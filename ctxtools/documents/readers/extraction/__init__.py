"""Documents whose text is not their bytes: PDF, office files, books, mail.

A format has a module here with a function ``read(stream, name)``, which returns `Extracted`s
(`extracted.py`), and a row in the table of `registry.py`, which names its suffixes' container, its
module and the extra that it needs. The module runs in a child process (`child.py`), which is
asked by `run.py`; so it may use a library that a damaged file makes crash, loop or take all memory.
"""
