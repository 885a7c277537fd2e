"""Windows on disk as a stream: shuffled, shared by ranks and workers, resumed at a step."""

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from ctxtools.checks import check_integer, check_type
from ctxtools.errors import UsageError
from ctxtools.packing.windows.dataset import WindowFiles, check_shard, converted
from ctxtools.packing.windows.formats.parquet import rows_of_group
from ctxtools.packing.windows.order import Order

_SAME = ("windows", "seed", "blocks", "batch")  # of a state and the stream that it is loaded into
_EDGES = 2  # row groups that are read beside those of blocks: the last ones of two groups


class WindowStream:
    """The windows of a folder in an order that depends on the seed alone.

    The order is one sequence for all epochs. Of this each shard (a rank) takes every ``shards``-th
    window, and of those the workers of a data loader take turns, ``batch`` windows each. So in each
    epoch every window is read exactly once; all shards have as many, of all epochs together fewer
    than ``shards`` windows being left out at the very end; and the batches of a loader with this
    ``batch_size`` are the same whatever number of workers it has. No step depends on those before
    it, so that a stream starts at any of them at once.

    It is an iterable dataset for torch's ``DataLoader`` if torch was imported before.

    >>> stream = WindowStream("windows/", shard=rank, shards=ranks, seed=7)     # doctest: +SKIP
    >>> for step, window in enumerate(stream):                                   # doctest: +SKIP
    ...     saved = stream.state_dict()

    Args:
        folder: that `PackedDataset.save` or ``ctx corpus pack`` has written.
        shard, shards: the rank of this process, from 0, and how many there are.
        seed: None for the order that windows have on disk.
        epochs: how many times each window is read; None for ever.
        start: windows of this shard that were read before: a loop that counts its batches
            starts again at ``start=batches * batch_size``, of which the last may be partial.
        batch: consecutive windows that a worker takes: the ``batch_size`` of the data loader.
        blocks: that windows are read from in turn, if there is a seed. More of them shuffle better,
            and take more memory where windows are in Parquet: a block has 131,072 tokens, or one
            window. A multiple of ``shards`` times workers lets each read blocks of its own.
        convert, columns: as in `PackedDataset.open`.

    Raises:
        ReadError, FormatError, UsageError: as `PackedDataset.open`, and while iterating.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        *,
        shard: int = 0,
        shards: int = 1,
        seed: int | None = None,
        epochs: int | None = 1,
        start: int = 0,
        batch: int = 1,
        blocks: int = 32,
        convert: Callable[[Any], Any] | None = None,
        columns: Iterable[str] | None = None,
    ) -> None:
        self._shard, self._shards = check_shard(shard, shards)
        self._seed = None if seed is None else check_integer("seed", seed, 0, 2**64 - 1)
        self._epochs = None if epochs is None else check_integer("epochs", epochs, 1)
        self._start = check_integer("start", start, 0)
        self._batch = check_integer("batch", batch, 1)
        self._blocks = check_integer("blocks", blocks, 1)
        self._files = WindowFiles(folder, columns)
        block = rows_of_group(self._files.info.window)
        self._order = Order(len(self._files), block, self._blocks, self._seed)
        # A block is a row group where shards are cut between those, as by ctxtools, else of two.
        are_cut = all(not shard.windows % block for shard in self._files.info.shards[:-1])
        self._files.keep((1 if are_cut else 2) * self._blocks + _EDGES)
        if self._epochs is not None and self._start >= (
            end := self._steps(self._epochs) + self._batch
        ):
            raise UsageError(
                f"start {self._start:,} is after the end of {end - self._batch:,} windows",
                hint="count the windows of this shard alone, or give more epochs",
            )
        self._convert = convert
        self._given, self._workers = 0, 1  # windows that this worker gave after the start
        self._resumed = False
        _register()

    def __len__(self) -> int:
        """The windows of this shard from the start on, of all workers.

        Raises:
            TypeError: there is no end.
        """
        if self._epochs is None:
            raise TypeError("a stream of epochs=None has no end")
        return max(0, self._steps(self._epochs) - self._start)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        worker, workers = _worker()
        if not self._resumed:
            self._given = 0
        elif self._given and workers != self._workers:
            raise UsageError(
                f"a state of one of {self._workers} workers cannot be resumed by one of {workers}",
                hint="use as many workers, or count batches and give start=",
            )
        self._resumed, self._workers = False, workers
        return self._windows(worker, workers, self._given)

    def state_dict(self) -> dict[str, Any]:
        """What `load_state_dict` needs to go on after the window that was given last.

        It can be written as JSON. In a worker of a data loader it is the state of this worker, as
        ``torchdata``'s ``StatefulDataLoader`` collects them; in the main process a stream does not
        see what workers read, and ``start=`` is the way to resume.
        """
        return {
            "windows": len(self._files),
            "seed": self._seed,
            "blocks": self._blocks,
            "batch": self._batch,
            "shards": self._shards,
            "workers": self._workers,
            "start": self._start,
            "given": self._given,
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on after a state: the next iteration starts there.

        Without workers, the number of shards may be another one: all of them together go on after
        what all had read together.

        Raises:
            UsageError: the state is none, or that of other windows or another order.
        """
        check_type("state", state, Mapping)
        own = self.state_dict()
        if missing := [name for name in own if name not in state]:
            raise UsageError(f"the state has no {missing[0]!r}", hint="give what state_dict made")
        for name in _SAME:
            if state[name] != own[name]:
                raise UsageError(
                    f"the state is that of a stream with {name}={state[name]!r:.50}, "
                    f"not {own[name]!r:.50}",
                    hint="resume with the same windows, seed, blocks and batch",
                )
        start = check_integer("start of the state", state["start"], 0)
        given = check_integer("given of the state", state["given"], 0)
        workers = check_integer("workers of the state", state["workers"], 1)
        shards = check_integer("shards of the state", state["shards"], 1)
        if shards != self._shards:
            read = (start + given) * shards
            if workers > 1 or read % self._shards:
                raise UsageError(
                    f"{read:,} windows that {shards} shards have read are not resumed by "
                    f"{self._shards}",
                    hint="resume after a number of windows that both divide, without workers",
                )
            start, given = read // self._shards, 0
        self._start, self._given, self._workers, self._resumed = start, given, workers, True

    def _steps(self, epochs: int) -> int:
        return epochs * len(self._files) // self._shards

    def _windows(self, worker: int, workers: int, given: int) -> Iterator[dict[str, Any]]:
        windows = len(self._files)
        last = None if self._epochs is None else self._steps(self._epochs)
        while windows:
            batch, inside = divmod(given, self._batch)
            step = self._start + (batch * workers + worker) * self._batch + inside
            if last is not None and step >= last:
                return
            epoch, position = divmod(step * self._shards + self._shard, windows)
            window = self._files[self._order.window(epoch, position)]
            given += 1
            self._given = given
            yield converted(window, self._convert)


def _worker() -> tuple[int, int]:
    """The number of the data loader's worker that this process is, and how many there are."""
    data = sys.modules.get("torch.utils.data")
    info = data.get_worker_info() if data is not None else None
    return (0, 1) if info is None else (info.id, info.num_workers)


def _register() -> None:
    """Have torch, if it is there, take a stream for an iterable dataset: it asks for the class."""
    data = sys.modules.get("torch.utils.data")
    if data is not None:  # the class is one of `abc`, for it is an Iterable of `typing`
        data.IterableDataset.register(WindowStream)
