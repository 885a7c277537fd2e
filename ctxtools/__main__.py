"""``python -m ctxtools`` is ``ctx``."""

from ctxtools.cli import main

if __name__ == "__main__":
    main()
