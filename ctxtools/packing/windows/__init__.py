"""Training windows on disk: written in shards, by many workers, and read back.

info.py          what has to be known to read them
tables.py        tables of windows
formats/         the files of a shard: Parquet, Megatron-Core, MosaicML Streaming, NumPy
"""
