"""Archives, walked like folders: zip and tar, compressed or not, whatever they are called.

Nothing is unpacked to the disk. `walk` lists the members as files whose bytes are read from the
archive when they are opened; `zips` and `tars` read the two formats, `kinds` tells them apart,
`names` says which names of members may be used, and `limits` has the bounds of all of them.
"""
