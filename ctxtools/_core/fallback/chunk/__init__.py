"""The chunk folder of the kernel in Python: where to cut a text, and the blocks of Markdown."""
