"""What an archive may be, so that a stranger's takes bounded time and memory."""

MAX_DEPTH = 3
"""Archives in archives."""

MAX_MEMBERS = 100_000
"""Files, folders and links in an archive; those in it count for themselves."""

MAX_BYTES = 1 << 32
"""Of all files that are read from an archive, as they are when they are unpacked."""

MAX_MEMBER = 1 << 28
"""Bytes of a file in an archive, which is held in memory."""

MAX_NESTED = 1 << 26
"""Bytes of an archive in an archive, which is held in memory for all its members."""

MAX_HELD = 1 << 26
"""Bytes of members that are kept in memory until they are asked for, in a whole search."""

FREE, FREE_IN_ALL, MAX_RATIO = 1 << 24, 1 << 28, 250
"""Bytes of a member, and of all that are read from an archive; above these, for each byte that it
takes in a zip, and the archive on the disk. Text compresses a
hundredfold at most, logs that repeat themselves included. What is compressed as a whole, as
`.tar.gz` is, is bounded by `ctxtools.documents.readers.compressed`."""

MAX_HEADER = 1 << 20
"""Bytes of one header of a tar, long names included."""

MAX_NAME, MAX_FOLDERS = 4096, 255
"""Characters of a member's name, and folders in it."""
