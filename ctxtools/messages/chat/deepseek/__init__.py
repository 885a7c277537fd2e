"""How DeepSeek's models see a request.

v4.py        V4 and V4.1, as DeepSeek's own `deepseek-recipe` renders them
request.py   what its interface makes of a request, and what it refuses
writer.py    special tokens, and the pieces of a conversation as they are written
json_text.py JSON as these encoders read and write it
"""
