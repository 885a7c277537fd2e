"""How DeepSeek's models see a request.

encoders.py  which encoder a model has, and its versions
v4.py        V4 and V4.1, as DeepSeek's own `deepseek-recipe` renders them
older.py     V3, R1 and V3.1, as the chat templates in their repositories render them
request.py   what DeepSeek's interface makes of a request, and what it refuses
turns.py     a conversation as the encoders take it
writer.py    special tokens, and the pieces of a conversation as they are written
json_text.py JSON as these encoders read and write it
"""
