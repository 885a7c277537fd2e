"""Public names that are imported on first use, so that a start pays only for what it needs."""

import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any
from warnings import warn


def lazy_names(
    namespace: dict[str, Any],
    homes: Mapping[str, Sequence[str]],
    renamed: Mapping[str, str] | None = None,
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """The ``__getattr__`` and ``__dir__`` of a package whose names are imported on first use.

    Hide the two from type checkers (``if not TYPE_CHECKING``): to them, a module with a
    ``__getattr__`` has every name, the misspelt ones too.

    Args:
        namespace: the ``globals()`` of the package.
        homes: submodule -> the names that it defines. The submodule's name is the submodule.
        renamed: deprecated name -> name; using one of them warns.
    """
    package = namespace["__name__"]
    home_of = {name: home for home, names in homes.items() for name in names}

    def get(name: str) -> Any:
        if renamed and name in renamed:
            _warn_of(name, renamed[name])
            name = renamed[name]
            if name in namespace:
                return namespace[name]
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


def renamed_names(module: str, renamed: Mapping[str, Any]) -> Callable[[str], Any]:
    """The ``__getattr__`` of a module some of whose names are deprecated; using one of them warns.

    Args:
        module: the ``__name__`` of the module.
        renamed: deprecated name -> the class or function that it stood for.
    """

    def get(name: str) -> Any:
        if name not in renamed:
            raise AttributeError(
                f"module {module!r} has no attribute {name!r}", name=name, obj=sys.modules[module]
            )
        _warn_of(name, renamed[name].__name__)
        return renamed[name]

    return get


def _warn_of(former: str, name: str) -> None:
    warn(f"{former} is now {name}", DeprecationWarning, stacklevel=3)
