"""A running count of a stream that stops at a limit, in constant memory.

    cat LARGE.txt | python examples/count_stream.py 100000

It prints what fits, never in the middle of a line, and how many tokens that was.
"""

import sys

import ctxtools as ctx


def main() -> None:
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    limit = int(sys.argv[1])
    session = ctx.get_encoding("o200k_base").session()
    lines = total = 0
    for line in sys.stdin:
        session.append(line)
        if session.total > limit:
            break
        sys.stdout.write(line)
        lines, total = lines + 1, session.total
    print(f"{total} tokens in {lines} lines", file=sys.stderr)


if __name__ == "__main__":
    main()
