"""Small JSON files beside a tokenizer file: ``tokenizer_config.json`` and others."""

import json
import os
from typing import Any

from ctxtools.errors import CtxtoolsError
from ctxtools.regular_file import read_regular

_MAX_SIZE = 1 << 24  # bytes


def read_configuration(
    path: str | os.PathLike[str], *, within: str | os.PathLike[str] | None = None
) -> dict[str, Any]:
    """The values in a configuration file; none if there is no such file, or it is malformed.

    Args:
        path: the file.
        within: the folder that it must be in; see `read_regular`.
    """
    try:
        values = json.loads(read_regular(path, _MAX_SIZE, within=within))
    except (CtxtoolsError, ValueError, RecursionError):
        return {}
    return values if isinstance(values, dict) else {}
