"""A process of ``benchmarks.corpus``: it has one engine, and is told what to do by lines of JSON.

``python -m benchmarks.corpus_jobs ENGINE``; a request is [job, inputs, outputs],
of which two are folders, and the answer says how many seconds it took.
"""

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from ctxtools import export_encoding, get_encoding
from ctxtools.corpus import CountStep, EncodeStep, Manifest, get_engine, run

ENCODING = "o200k_base"
_NODE = {"num_cpus": 1, "object_store_memory": 100 << 20}
_THREADS = 2


def by_hand(inputs: Path, out: Path) -> dict[str, Any]:
    """What one would write: read, count on two threads, write the counts beside the ids."""
    out.mkdir(parents=True)
    encoding, tokens, rows = get_encoding(ENCODING), 0, 0
    for path in sorted(inputs.iterdir()):
        table = parquet.read_table(path)
        counts = encoding.count_arrow(table.column("text"), threads=_THREADS)
        column = pa.Array.from_buffers(pa.int64(), len(counts), [None, pa.py_buffer(counts)])
        parquet.write_table(
            pa.table({"id": table.column("id"), ENCODING: column}),
            out / path.name,
            compression="zstd",
        )
        tokens, rows = tokens + pa.compute.sum(column).as_py(), rows + len(table)
    return {"tokens": tokens, "rows_out": rows}


def by_datatrove(inputs: Path, out: Path) -> dict[str, Any]:
    """datatrove's step that makes ids, a task for each file."""
    from datatrove.executor import LocalPipelineExecutor
    from datatrove.pipeline.readers import ParquetReader
    from datatrove.pipeline.tokens import DocumentTokenizer

    tokenizer = inputs.parent / "tokenizer.json"
    if not tokenizer.exists():
        export_encoding(ENCODING, tokenizer)
    files = len([*inputs.iterdir()])
    LocalPipelineExecutor(
        [
            ParquetReader(str(inputs)),
            DocumentTokenizer(str(out), str(tokenizer), shuffle_documents=False, save_index=False),
        ],
        tasks=files,
        workers=_THREADS,
        logging_dir=str(out / "logs"),
    ).run()
    sizes = [path.stat().st_size for path in out.glob("*.ds")]
    return {"tokens": sum(sizes) // 4}


def by_engine(engine: Any, step: CountStep | EncodeStep) -> Callable[[Path, Path], dict[str, Any]]:
    """A run of ctxtools."""

    def job(inputs: Path, out: Path) -> dict[str, Any]:
        result = run([inputs], step, out, engine=engine)
        if not isinstance(result.manifest, Manifest):
            raise RuntimeError(f"parts failed: {result.failed[:3]}")
        return result.manifest.totals()

    return job


@contextmanager
def _ready(engine: str) -> Iterator[None]:
    """What an engine needs."""
    if engine != "daft-on-ray":
        yield
        return
    import daft
    import ray
    from ray.cluster_utils import Cluster

    cluster = Cluster(initialize_head=True, head_node_args=_NODE)
    cluster.add_node(**_NODE)
    path = os.pathsep.join(each or str(Path.cwd()) for each in sys.path)
    environment = {"env_vars": {"PYTHONPATH": path}}
    ray.init(cluster.address, logging_level="error", runtime_env=environment)
    daft.set_runner_ray()
    yield
    ray.shutdown()
    cluster.shutdown()


def main() -> None:
    """Serve until standard input ends."""
    name = sys.argv[1]
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print is no answer
    with _ready(name):
        jobs: dict[str, Callable[[Path, Path], dict[str, Any]]] = {
            "hand": by_hand,
            "datatrove": by_datatrove,
        }
        if name not in jobs:
            engine: Any = get_engine(name.partition("-")[0])  # type: ignore[arg-type]
            jobs["count"] = by_engine(engine, CountStep(encodings=(ENCODING,)))
            jobs["encode"] = by_engine(engine, EncodeStep(encodings=(ENCODING,), keep=()))
        answers.write(json.dumps({"ready": name}) + "\n")
        answers.flush()
        for line in sys.stdin:
            job, inputs, out = json.loads(line)
            start = perf_counter()
            totals = jobs[job](Path(inputs), Path(out))
            seconds = perf_counter() - start
            answers.write(json.dumps({"seconds": seconds, "totals": totals}) + "\n")
            answers.flush()


if __name__ == "__main__":
    main()
