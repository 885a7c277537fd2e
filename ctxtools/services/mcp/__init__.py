"""Tools for agents, by the Model Context Protocol: counting, chunking and packing in some folders.

Nothing is written, and no network is used. What a client may read is in `jail.py`, what a call may
take in `call.py`, and how long an answer may be in `pages.py`. Importing a module of this package
other than `jail`, `call` and `pages` needs the extra ``mcp``.
"""
