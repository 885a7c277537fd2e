"""Folders that Hugging Face's ``datasets`` has written: which of their files are rows.

``save_to_disk`` writes ``state.json``, which lists the files, into the folder of each split, and
``dataset_dict.json``, which lists the splits, above several. ``map`` and the like write
``cache-*.arrow`` beside files of a dataset. The format is that of
https://github.com/huggingface/datasets/blob/4.4.1/src/datasets/arrow_dataset.py (save_to_disk).
"""

import json
from collections.abc import Callable, Sequence
from posixpath import basename, dirname
from typing import Any

from ctxtools.corpus.inputs.walk import Found
from ctxtools.errors import FormatError, ReadError, UsageError

STATE, SPLITS, INFO = "state.json", "dataset_dict.json", "dataset_info.json"
_CACHE = "cache-"
_MAX_BYTES = 64 << 20  # of such a file


def rows_of_datasets(
    name: str, files: Sequence[Found], read: Callable[[Found], bytes]
) -> list[Found]:
    """The files of a folder, without those of datasets that are not their rows.

    Args:
        name: of the folder, for messages.
        files: all of its files.
        read: returns the content of one.

    Raises:
        ReadError: one that a dataset lists is missing.
        FormatError: the list of a dataset is damaged, or names files elsewhere.
        UsageError: the rows of a dataset are a selection by indices.
    """
    by_path = {file.inside: file for file in files}
    kept = {path for path in by_path if basename(path) not in (STATE, SPLITS, INFO)}
    for path in by_path:
        folder, kind = dirname(path), basename(path)
        if kind == INFO:
            kept -= {each for each in _below(kept, folder) if basename(each).startswith(_CACHE)}
        elif kind == STATE:
            listed = _data_files(f"{name}/{path}", _object(name, by_path[path], read))
            if listed is None:
                continue
            rows = {f"{folder}/{each}" if folder else each for each in listed}
            if missing := sorted(rows - by_path.keys()):
                raise ReadError(
                    f"{name}/{missing[0]}: no such file, and {path} lists it",
                    hint="copy the dataset again",
                )
            kept -= _below(kept, folder) - rows
        elif kind == SPLITS:
            splits = _object(name, by_path[path], read).get("splits")
            if isinstance(splits, list):
                listed_splits = [f"{folder}/{each}" if folder else str(each) for each in splits]
                of_splits = set[str]().union(*(_below(kept, each) for each in listed_splits))
                kept -= _below(kept, folder) - of_splits
    return [file for path, file in by_path.items() if path in kept]


def _below(paths: set[str], folder: str) -> set[str]:
    return {path for path in paths if path.startswith(f"{folder}/")} if folder else set(paths)


def _object(name: str, file: Found, read: Callable[[Found], bytes]) -> dict[str, Any]:
    """The object of JSON in a file; an empty one if it is none, and so of something else."""
    if file.size > _MAX_BYTES or file.is_link:
        return {}
    try:
        found = json.loads(read(file))
    except (ValueError, RecursionError) as error:
        raise FormatError(
            f"{name}/{file.inside}: not JSON", hint="the list of a dataset's files may be damaged"
        ) from error
    return found if isinstance(found, dict) else {}


def _data_files(path: str, state: dict[str, Any]) -> list[str] | None:
    """The files that a dataset lists; None if it is none."""
    listed = state.get("_data_files")
    if not isinstance(listed, list):
        return None
    if state.get("_indices_files") or state.get("_indices_data_files"):
        raise UsageError(
            f"{path}: the dataset is a selection of rows of its files",
            hint="save it again after dataset.flatten_indices()",
        )
    names = [each.get("filename") if isinstance(each, dict) else None for each in listed]
    for each in names:
        if not isinstance(each, str) or each.startswith("/") or ".." in each.split("/"):
            raise FormatError(f"{path}: {each!r} is no file of the folder")
    return [str(each) for each in names]
