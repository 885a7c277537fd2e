"""How well the chunks of several chunkers are found again.

- dataset.py: texts with questions on them, read from a folder or generated
- chunkings.py: the chunkers, and the limit at which each makes chunks of a mean size
- rankers.py: what orders chunks by a question
- metrics.py: what share of the answers was found, and whether a difference is more than chance
- measure.py: all of it

It needs the extra ``retrieval``; each ranker and chunker is used where it is installed.
"""
