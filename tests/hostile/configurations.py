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


@configuration("ctxtools.toml")
def tokenizer_that_is_the_users_file() -> str:
    return 'encoding = "../home/secret.txt#o200k_base"\n'


@configuration("ctxtools.toml")
def model_whose_tokenizer_is_on_the_hub() -> str:
    return 'model = "m"\n[models.m]\nextends = "gpt-4o"\nencoding = "hf:gpt2"\n'


@configuration("pyproject.toml")
def settings_beyond_all() -> str:
    return (
        '[tool.ctxtools]\ncolor = "always"\nthreads = 1000000000\nmodel = "gpt-4o"\n'
        '[tool.ctxtools.models.gpt-4o]\nextends = "o3"\nsource = "\\u001b[2J\\u202e"\n'
        'price = [1e-300, 1e15]\naliases = ["\\u001b[2J"]\n'
    )


@configuration("ctxtools.toml")
def number_of_thousands_of_digits() -> str:
    return f"limit = 0x{'f' * 5000}\n"


@configuration("ctxtools.toml")
def key_of_thousands_of_names() -> str:
    return "a." * 200_000 + "a = 1\n"


@configuration("ctxtools.toml")
def limits_with_escapes() -> str:
    return '[check]\n"\\u001b[2J\\u202e" = 5\n"**" = { each = 5, model = "\\u001b[2J" }\n'


@configuration("ctxtools.toml")
def limits_of_files_outside() -> str:
    return '[check]\n"../home/**" = 5\n"/etc/**" = 5\n'


@configuration("pyproject.toml")
def limits_whose_tokenizer_is_the_users_file() -> str:
    rule = "{ each = 5, encoding = '../home/secret.txt#o200k_base' }"
    return f"[tool.ctxtools.check]\n'**' = {rule}\n"


@configuration("ctxtools.toml")
def limits_that_take_long_to_match() -> str:
    rules = "".join(f"'{'*a' * 500}{n}' = 5\n" for n in range(900))
    return f"[check]\n{rules}"
