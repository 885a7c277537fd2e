"""The measures of recordings, videos and documents, by libraries that know their formats.

The libraries work in a child process (`jobs` is what it runs), which a damaged file may end.
"""
