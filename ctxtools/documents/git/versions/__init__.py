"""Versions of the files of a repository beside that on the disk: revisions, the index, a diff."""
