"""``ctx info``: what is installed, which engine serves what, and where each setting comes from."""

from collections.abc import Iterator
from typing import Any

from ctxtools.cli import options as opt

_PACKAGES = ("tiktoken", "tokenizers", "typer", "sentencepiece", "pyarrow", "chardet")


def info(as_json: opt.Json = False) -> None:
    """Print versions, engines, encodings, the configuration with its origins, and what is kept."""
    from ctxtools.cli.output.console import print_json, say

    facts = _facts()
    if as_json:
        print_json(facts)
        return
    sections = {
        "versions": _versions_in_words(facts),
        "encodings": {name: _encoding_in_words(each) for name, each in facts["encodings"].items()},
        "configuration": dict(_settings_in_words(facts["configuration"])),
        "caches": {name: _cache_in_words(each) for name, each in facts["caches"].items()},
    }
    for section, content in sections.items():
        say(f"{section}:")
        width = max(map(len, content), default=0)
        for name, value in content.items():
            say(f"  {name:{width}}  {value}")


def _facts() -> dict[str, Any]:
    import platform

    from ctxtools import __version__

    kernel = _kernel()
    return {
        "versions": {
            "ctxtools": __version__,
            "kernel": kernel["version"],
            "python": platform.python_version(),
            **dict(_packages()),
        },
        "kernel": kernel,
        "platform": {"system": platform.system(), "machine": platform.machine()},
        "encodings": dict(_encodings()),
        "configuration": _configuration(),
        "caches": dict(_caches()),
    }


def _packages() -> Iterator[tuple[str, str | None]]:
    """The versions of other packages; None of one that is not installed."""
    from importlib.metadata import PackageNotFoundError, version

    for package in _PACKAGES:
        try:
            yield package, version(package)
        except PackageNotFoundError:
            yield package, None


def _kernel() -> dict[str, Any]:
    """Whether the compiled kernel is loaded, its version, and why it is not."""
    from ctxtools.errors import KernelError

    try:
        from ctxtools import _core
    except KernelError as error:
        return {"compiled": False, "version": None, "reason": error.state}
    if _core.kernel is None:
        return {"compiled": False, "version": None, "reason": _core.missing_reason}
    return {"compiled": True, "version": _core.kernel.__version__, "reason": None}


def _encodings() -> Iterator[tuple[str, dict[str, str]]]:
    from ctxtools.errors import KernelError

    try:
        from ctxtools.encodings import describe_encodings
    except KernelError as error:
        yield "error", {"error": f"{error.message}; {error.hint}"}
    else:
        yield from describe_encodings()


def _configuration() -> dict[str, Any]:
    """Each setting with its value and where that comes from; the files that were read."""
    from ctxtools.config import load_config
    from ctxtools.errors import ConfigError

    try:
        config = load_config()
    except ConfigError as error:
        return {"error": error.message}
    settings = {
        name: {"value": _value(name, getattr(config, name)), "origin": origin}
        for name, origin in config.origins.items()
    }
    return {
        "settings": settings,
        "files": [str(file) for file in config.files],
        "imported_models": str(config.imported) if config.imported else None,
        "notes": list(config.notes),
    }


def _caches() -> Iterator[tuple[str, dict[str, Any]]]:
    """The caches of the user: (what is in it, its path and size in bytes)."""
    import os

    from ctxtools.documents.git.versions.remote import cached_repositories
    from ctxtools.packing.cache import FILE, size_of, user_cache_folder

    for each in cached_repositories():
        yield each.url, {"path": each.path, "bytes": each.size}
    folder = user_cache_folder()
    if folder is not None:
        yield "packs", {"path": os.path.join(folder, FILE), "bytes": size_of(folder)}


def _cache_in_words(facts: dict[str, Any]) -> str:
    from ctxtools.units import format_bytes

    size = "empty" if facts["bytes"] is None else format_bytes(facts["bytes"])
    return f"{size}, {facts['path']}; it may be deleted"


def _value(name: str, value: Any) -> Any:
    if name == "models":
        return [model.name for model in value]
    return list(value) if isinstance(value, tuple) else value


def _versions_in_words(facts: dict[str, Any]) -> dict[str, str]:
    versions, kernel, machine = dict(facts["versions"]), facts["kernel"], facts["platform"]
    versions["kernel"] = kernel["reason"] or f"{kernel['version']}, compiled"
    versions["python"] += f" on {machine['system']} {machine['machine']}"
    return {name: version or "not installed" for name, version in versions.items()}


def _encoding_in_words(facts: dict[str, str]) -> str:
    if "error" in facts:
        return facts["error"]
    if "path" in facts:
        return f"{facts['engine']}; in tiktoken's cache, {facts['path']}"
    return f"{facts['engine']}; {facts['serves']}; from {facts['source']}, {facts['licence']}"


def _settings_in_words(configuration: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if "error" in configuration:
        yield "error", configuration["error"]
        return
    for name, setting in configuration["settings"].items():
        value = setting["value"]
        if name == "models":
            value = f"{len(value)} of your own"
        elif isinstance(value, list):
            value = ", ".join(value) or "none"
        yield name, f"{'none' if value is None else value}  ({setting['origin']})"
    yield "imported", configuration["imported_models"] or "no models"
    for note in configuration["notes"]:
        yield "note", note
