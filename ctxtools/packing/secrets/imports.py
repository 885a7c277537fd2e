"""Importing the plugins of detect-secrets without what its packages import for scanning files.

That takes longer than the plugins: processes, logging, `requests`, which verifies findings over the
network. While plugins are imported, empty packages stand for its own. Afterwards no module of it is
left: whatever else in this process uses detect-secrets imports it as it is.
"""

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.machinery import ModuleSpec
from importlib.util import find_spec, module_from_spec
from types import ModuleType
from typing import Any

_NAME = "detect_secrets"
_PACKAGES = (_NAME, f"{_NAME}.core", f"{_NAME}.core.plugins", f"{_NAME}.filters")
_HTTP = "requests"


@contextmanager
def plugins_alone() -> Iterator[None]:
    """What is imported of detect-secrets meanwhile comes without the rest of it.

    Where it is imported already, or another thread might get what stands for its packages, this
    does nothing.
    """
    if _NAME in sys.modules or threading.active_count() > 1:
        yield
        return
    found = find_spec(_NAME)
    folders = (found and found.submodule_search_locations) or []
    sys.modules |= {name: _package(name, folders) for name in _PACKAGES}
    if _HTTP not in sys.modules:
        sys.modules[_HTTP] = _Http(_HTTP)
    try:
        yield
    finally:
        for name in [each for each in sys.modules if f"{each}.".startswith(f"{_NAME}.")]:
            del sys.modules[name]
        if isinstance(sys.modules.get(_HTTP), _Http):
            del sys.modules[_HTTP]


def _package(name: str, folders: list[str]) -> ModuleType:
    """A package without content, whose modules are those of the real one."""
    below = name.split(".")[1:]
    spec = ModuleSpec(name, None, is_package=True)
    spec.submodule_search_locations = [os.path.join(folder, *below) for folder in folders]
    return module_from_spec(spec)


class _Http(ModuleType):
    """Stands for `requests`; whoever uses it later gets the real one."""

    Response = object  # of annotations

    def __getattr__(self, name: str) -> Any:
        if sys.modules.get(self.__name__) is self:
            raise AttributeError(name)
        return getattr(import_module(self.__name__), name)
