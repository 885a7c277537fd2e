"""Tables of models, read by ``ctx models import``."""

import json

from tests.hostile.builders import Input, file_into

MODEL_TABLES: list[Input] = []
table = file_into(MODEL_TABLES)


@table("api.json")
def numbers_beyond_all() -> str:
    costs = {"input_cost_per_token": 10**4000, "output_cost_per_token": 1e300}
    entry = {"max_input_tokens": 8192, "mode": "chat"} | costs
    rest = {"a": entry, "b": entry | {"max_input_tokens": 10**30}, "c": entry | {"mode": []}}
    deep = "[" * 980 + "]" * 980
    return json.dumps(rest)[:-1] + f', "d": {deep}, "e": {{"mode": {deep}}}, "f": NaN}}'


@table("api.json")
def nested_json() -> str:
    return "[" * 100_000 + "]" * 100_000


@table("api.json")
def model_named_by_an_escape() -> str:
    return json.dumps({"\x1b[2J\u202e": {"max_input_tokens": 8192, "mode": "chat"}})
