"""What is compiled into the kernel, as a CycloneDX document: ``python scripts/build_sbom.py FILE``.

Crates by ``kernel/Cargo.lock``, with the SHA-256 of each as crates.io has it: those that the kernel
depends on, not those of its tests. Some are for other systems alone. `setup.py` puts it into wheels
as ``.dist-info/sboms/`` (PEP 770); releases have it, too. The same sources make the same bytes.
"""

import json
import sys
import tomllib
from pathlib import Path
from typing import Any

KERNEL = Path(__file__).parent.parent / "kernel"
_REGISTRY = "registry+https://github.com/rust-lang/crates.io-index"


def document() -> dict[str, Any]:
    """The document as CycloneDX 1.6 has it (https://cyclonedx.org/docs/1.6/json/)."""
    manifest = tomllib.loads((KERNEL / "Cargo.toml").read_text("utf-8"))
    packages = tomllib.loads((KERNEL / "Cargo.lock").read_text("utf-8"))["package"]
    root = next(each for each in packages if each["name"] == manifest["package"]["name"])
    depends_on = _graph(packages, root, {*manifest["dependencies"]})
    names = {reference: each for each in packages if (reference := _reference(each)) in depends_on}
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": _component(root) | {"licenses": [_licence(manifest)]}},
        "components": [_component(names[each]) for each in sorted(names) if names[each] != root],
        "dependencies": [
            {"ref": each, "dependsOn": sorted(depends_on[each])} for each in sorted(depends_on)
        ],
    }


def _graph(
    packages: list[dict[str, Any]], root: dict[str, Any], normal: set[str]
) -> dict[str, list[str]]:
    """What each package that the root needs depends on, by reference."""
    graph: dict[str, list[str]] = {}
    pending = [root]
    while pending:
        package = pending.pop()
        if _reference(package) in graph:
            continue
        wanted = package.get("dependencies", [])
        if package == root:
            wanted = [each for each in wanted if each.split()[0] in normal]
        found = [_find(packages, each) for each in wanted]
        graph[_reference(package)] = [_reference(each) for each in found]
        pending += found
    return graph


def _find(packages: list[dict[str, Any]], dependency: str) -> dict[str, Any]:
    """A package as Cargo.lock names it: its name, with a version where there are several."""
    name, _, version = dependency.partition(" ")
    return next(
        each
        for each in packages
        if each["name"] == name and version.split(" ")[0] in ("", each["version"])
    )


def _component(package: dict[str, Any]) -> dict[str, Any]:
    component = {
        "type": "library",
        "bom-ref": _reference(package),
        "name": package["name"],
        "version": package["version"],
    }
    if package.get("source") == _REGISTRY:
        component["purl"] = _reference(package)
        component["hashes"] = [{"alg": "SHA-256", "content": package["checksum"]}]
    return component


def _reference(package: dict[str, Any]) -> str:
    return f"pkg:cargo/{package['name']}@{package['version']}"


def _licence(manifest: dict[str, Any]) -> dict[str, Any]:
    return {"license": {"id": manifest["package"]["license"]}}


def main(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document(), indent=1) + "\n", "utf-8", newline="\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
