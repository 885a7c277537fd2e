"""A prompt for a review: what changed since a revision, and what it depends on.

    python examples/review_change.py FOLDER [REVISION]

Changed files go in first, then the definitions that they use, their callers and tests.
"""

import sys

import ctxtools as ctx


def main() -> None:
    folder = sys.argv[1]
    revision = sys.argv[2] if len(sys.argv) > 2 else "HEAD"
    changed = ctx.changed_lines(folder, revision)
    changes = {path: each.spans for path, each in changed.items() if each.status != "deleted"}
    if not changes:
        raise SystemExit(f"nothing changed since {revision}")
    packed = ctx.pack(
        ctx.read_documents(folder),
        "o200k_base",
        budget=8_000,
        changes=changes,
        secrets="redact",
    )
    print(packed.text)
    print("Review the change to", ", ".join(sorted(changes)), "above.")


if __name__ == "__main__":
    main()
