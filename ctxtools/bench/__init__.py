"""The speed of tokenization on this machine, with every engine installed.

Shared by `ctx bench` and the suite in ``benchmarks/``.

- corpora.py, generated.py, worst.py: texts, generated without a network
- vocabulary_files.py: the vocabulary of an encoding in the formats that engines read
- engines.py, chunkers.py: one small adapter for each engine or chunker
- worker.py: the child process that runs and times one engine
- measure.py: starts workers, checks each engine against the reference, then times it
- contract.py: checks the chunks of any chunker
- machine.py: describes the machine
"""
