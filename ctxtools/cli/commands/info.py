"""``ctx info``: what is installed, which engine serves what, and where each setting comes from."""

from collections.abc import Iterator
from typing import Any

from ctxtools.cli import options as opt

_PACKAGES = ("tiktoken", "tokenizers", "typer", "sentencepiece", "pyarrow", "chardet")


def info(as_json: opt.Json = False) -> None:
    """Print versions, engines, encodings and the configuration with its origins."""
    from ctxtools.cli.output.console import print_json

    facts = _facts()
    if as_json:
        print_json(facts)
        return
    for section, content in facts.items():
        print(f"{section}:")
        width = max(map(len, content), default=0)
        for name, value in content.items():
            print(f"  {name:{width}}  {value}")


def _facts() -> dict[str, dict[str, str]]:
    return {
        "versions": dict(_versions()),
        "encodings": dict(_encodings()),
        "configuration": dict(_configuration()),
    }


def _versions() -> Iterator[tuple[str, str]]:
    import platform
    from importlib.metadata import PackageNotFoundError, version

    from ctxtools import __version__

    yield "ctxtools", __version__
    yield "kernel", _kernel()
    yield "python", f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    for package in _PACKAGES:
        try:
            yield package, version(package)
        except PackageNotFoundError:
            yield package, "not installed"


def _kernel() -> str:
    from ctxtools.errors import KernelError

    try:
        from ctxtools import _core
    except KernelError as error:
        return error.state
    if _core.kernel is None:
        return _core.missing_reason
    return f"{_core.kernel.__version__}, compiled"


def _encodings() -> Iterator[tuple[str, str]]:
    from ctxtools.errors import KernelError

    try:
        from ctxtools.encodings import describe_encodings
    except KernelError as error:
        yield "error", f"{error.message}; {error.hint}"
    else:
        yield from describe_encodings()


def _configuration() -> Iterator[tuple[str, str]]:
    from ctxtools.config import load_config
    from ctxtools.errors import ConfigError

    try:
        config = load_config()
    except ConfigError as error:
        yield "error", error.message
        return
    for name, origin in config.origins.items():
        yield name, f"{_value(name, getattr(config, name))}  ({origin})"
    yield "imported", str(config.imported or "no models")


def _value(name: str, value: Any) -> str:
    if name == "models":
        return f"{len(value)} of your own"
    if isinstance(value, tuple):
        return ", ".join(value) or "none"
    return "none" if value is None else str(value)
