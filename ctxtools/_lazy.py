"""Public names that are imported on first use, so that a start pays only for what it needs."""

import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any


def lazy_names(
    namespace: dict[str, Any], homes: Mapping[str, Sequence[str]]
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """The ``__getattr__`` and ``__dir__`` of a package whose names are imported on first use.

    Hide the two from type checkers (``if not TYPE_CHECKING``): to them, a module with a
    ``__getattr__`` has every name, the misspelt ones too.

    Args:
        namespace: the ``globals()`` of the package.
        homes: submodule -> the names that it defines. The submodule's name is the submodule.
    """
    package = namespace["__name__"]
    home_of = {name: home for home, names in homes.items() for name in names}

    def get(name: str) -> Any:
        home = home_of.get(name)
        if home is None:
            raise AttributeError(
                f"module {package!r} has no attribute {name!r}", name=name, obj=sys.modules[package]
            )
        module = import_module(f"{package}.{home}")
        value = namespace[name] = module if name == home else getattr(module, name)
        return value

    def names() -> list[str]:
        return sorted({*home_of, *(name for name in namespace if name.startswith("__"))})

    return get, names
