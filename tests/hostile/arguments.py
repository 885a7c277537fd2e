"""Command lines: what a person may have pasted or a script may have made of a stranger's data."""

ESCAPE = "\x1b]0;title\x07\u202e\n"

ARGUMENTS: dict[str, tuple[str, ...]] = {
    "escape as a command": (ESCAPE,),
    "escape as an option": ("count", f"--{ESCAPE}"),
    "escape as a file": ("count", ESCAPE),
    "escape as a model": ("count", "text.txt", "-m", ESCAPE),
    "escape as an encoding": ("count", "text.txt", "-e", ESCAPE),
    "escape as a limit": ("count", "text.txt", "-l", ESCAPE),
    "escape as a choice": ("count", "text.txt", "--by", ESCAPE),
    "escape as a number": ("count", "text.txt", "-j", ESCAPE),
    "threads beyond all": ("count", "text.txt", "-j", "1000000000"),
    "limit of thousands of digits": ("count", "text.txt", "-l", "9" * 5000),
    "window beyond 64 bits": ("pack-sequences", "text.txt", "--window", "9" * 30),
    "tokens kept beyond 64 bits": (
        "pack-sequences",
        "text.txt",
        "--window",
        "9",
        "--eos",
        "9" * 30,
    ),
    "weight beyond all": ("pack", "text.txt", "-l", "99", "--priority", "*=1e999"),
    "index beyond all": ("count", "text.txt", "--field", f"a.{'9' * 5000}"),
    "list of files without end": ("count", "--files-from", "/dev/zero"),
    "threads beyond 64 bits": ("count", "text.txt", "-j", "9" * 30),
    "threads of a pack beyond 64 bits": ("pack", ".", "-l", "9000", "-j", "9" * 30),
}
