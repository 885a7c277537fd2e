"""Jinja chat templates, rendered as transformers renders them.

sources.py      where a template is from, and the tokens that go with it
values.py       a request as the variables of a template, each text with its origin
traced.py       strings that know where their characters are from
environment.py  the sandbox
job.py          one rendering, in this process or in a child with limits
cutting.py      what was rendered, as pieces
"""
