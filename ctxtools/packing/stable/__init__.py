"""A pack that starts as an earlier one does, so that a provider's prompt cache can be used again.

earlier.py   which entries of the earlier text are as they would be written now
excerpts.py  which lines an excerpt of it shows
reuse.py     how many tokens of the new text a cache can hold, and what that saves
"""
