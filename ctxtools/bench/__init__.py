"""How fast tokenization goes on this machine, with every engine that is installed.

`ctx bench` and the suite in ``benchmarks/`` share what is here. A layer above encodings; only
``cli/bench.py`` imports it.

- corpora.py, generated.py, worst.py: the texts, built without a network
- feeds.py: an encoding's vocabulary, written in the formats that the engines read
- engines.py: one small adapter for each engine
- worker.py: the child process in which an engine runs and is timed
- measure.py: starts workers, compares each engine with the reference, then times it
- machine.py: which machine this is
"""
