"""Tables of models, read by ``ctx models import``."""

import json

from tests.hostile.builders import Input, file_into

MODEL_TABLES: list[Input] = []
table = file_into(MODEL_TABLES)


@table("api.json")
def nested_json() -> str:
    return "[" * 100_000 + "]" * 100_000


@table("api.json")
def model_named_by_an_escape() -> str:
    return json.dumps({"\x1b[2J\u202e": {"max_input_tokens": 8192, "mode": "chat"}})
