"""Other libraries' interfaces over the tokenizers of this one: a change of import is all it takes.

Nothing here is imported unless it is asked for by name.
"""
