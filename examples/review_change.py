"""A prompt for a review: what changed since a revision, and what it depends on.

    python examples/review_change.py FOLDER [REVISION]

Changed files go in first, then the definitions that they use, their callers and tests. What looks
like a secret is named on stderr.
"""

import sys

import ctxtools as ctx


def main() -> None:
    if len(sys.argv) not in (2, 3):
        raise SystemExit(__doc__)
    folder, revision = (*sys.argv[1:], "HEAD")[:2]
    changed = ctx.changed_lines(folder, revision)
    changes = {path: each.spans for path, each in changed.items() if each.status != "deleted"}
    if not changes:
        raise SystemExit(f"nothing changed since {revision}")
    packed = ctx.pack(
        ctx.read_documents(folder),
        "o200k_base",
        budget=8_000,
        changes=changes,
        secrets="report",
    )
    for secret in packed.secrets:
        print(f"{secret.location}: looks like a secret ({secret.kind})", file=sys.stderr)
    print(packed.text)
    print("Review the change to", ", ".join(sorted(changes)), "above.")


if __name__ == "__main__":
    main()
