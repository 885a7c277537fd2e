"""Configuration files that a project has, and that are read because one works there."""

from tests.hostile.builders import Input, file_into

CONFIGURATIONS: list[Input] = []
configuration = file_into(CONFIGURATIONS)


@configuration("ctxtools.toml")
def unknown_setting_with_an_escape() -> str:
    return '"\\u001b]0;x\\u0007" = 1\n'


@configuration("ctxtools.toml")
def encoding_with_an_escape() -> str:
    return 'encoding = "\\u001b[2J\\u202e"\n'


@configuration("ctxtools.toml")
def not_utf8() -> bytes:
    return b"\xff\xfe\x00encoding"
