"""Training windows on disk: written in shards, by many workers, and read back.

info.py          what has to be known to read them
tables.py        tables of windows
formats/         the files of a shard: Parquet, Megatron-Core, MosaicML Streaming, NumPy
gathered.py      an index of pieces in files of ids, in place of windows
save.py          a dataset of this process into a folder
dataset.py       windows by their number
stream.py        windows in a seeded order, for ranks and workers, resumed at a step
order.py         that order
recent.py        what was used last
"""
