"""Corpora: tables of texts, from one in memory to terabytes on a cluster.

>>> from ctxtools import corpus
>>> corpus.count_table({"text": ["Hello, world!", None]}).to_pydict()
{'text': ['Hello, world!', None], 'o200k_base': [4, None]}

A table is counted, encoded, chunked or cut by a function (functions.py). `run` does that with every
file of a corpus, exactly once, on an engine: processes of this machine, Daft, Ray or Spark.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ctxtools.corpus.dataframes import StepFunction, map_daft, map_ray, map_spark
    from ctxtools.corpus.driver import Progress, Result, run
    from ctxtools.corpus.engines import Engine, get_engine
    from ctxtools.corpus.functions import chunk_table, count_table, encode_table, fit_table
    from ctxtools.corpus.inputs import Input, list_inputs
    from ctxtools.corpus.manifest import Entry, Manifest, Problem, load_manifest, verify
    from ctxtools.corpus.packing.options import PackOptions
    from ctxtools.corpus.packing.pack import pack
    from ctxtools.corpus.packing.placing import Places
    from ctxtools.corpus.packing.plan import CorpusPlan, plan_windows
    from ctxtools.corpus.packing.plan_check import check_plan
    from ctxtools.corpus.steps import ChunkStep, CountStep, EncodeStep, FitStep

__all__ = [
    "ChunkStep",
    "CorpusPlan",
    "CountStep",
    "EncodeStep",
    "Engine",
    "Entry",
    "FitStep",
    "Input",
    "Manifest",
    "PackOptions",
    "Places",
    "Problem",
    "Progress",
    "Result",
    "StepFunction",
    "check_plan",
    "chunk_table",
    "count_table",
    "encode_table",
    "fit_table",
    "get_engine",
    "list_inputs",
    "load_manifest",
    "map_daft",
    "map_ray",
    "map_spark",
    "pack",
    "plan_windows",
    "run",
    "verify",
]

if not TYPE_CHECKING:
    from ctxtools._lazy import lazy_names

    _HOMES = {
        "dataframes": ("StepFunction", "map_daft", "map_ray", "map_spark"),
        "engines": ("Engine", "get_engine"),
        "functions": ("chunk_table", "count_table", "encode_table", "fit_table"),
        "inputs": ("Input", "list_inputs"),
        "manifest": ("Entry", "Manifest", "Problem", "load_manifest", "verify"),
        "driver": ("Progress", "Result", "run"),
        "packing.options": ("PackOptions",),
        "packing.pack": ("pack",),
        "packing.placing": ("Places",),
        "packing.plan": ("CorpusPlan", "plan_windows"),
        "packing.plan_check": ("check_plan",),
        "steps": ("ChunkStep", "CountStep", "EncodeStep", "FitStep"),
    }
    __getattr__, __dir__ = lazy_names(globals(), _HOMES)
