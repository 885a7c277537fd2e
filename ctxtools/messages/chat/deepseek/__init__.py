"""How DeepSeek's models see a request.

    encoders.py     which encoder a model has, and its versions
    v4.py           V4 and V4.1, as DeepSeek's own `deepseek-recipe` renders them
    repository.py   V4 and V4.1, as the encoders in their repositories do, which engines run
    v32.py          V3.2, likewise
    older.py        V3, R1 and V3.1, as the chat templates in their repositories do
    request.py      what DeepSeek's interface makes of a request, and what it refuses
    results.py      whether each call has its result
    tools.py        which tools are shown
    turns.py        a conversation as the encoders take it
    dsml.py         tools and their calls as they are written
    prompts.py      the texts that the encoders write beside those of the request
    writer.py       special tokens, and the pieces of a conversation as they are written
    json_text.py    JSON as the encoders read and write it

`encoders.py` and `older.py` have the functions that the rows of `chat/formats.toml` name.
"""
