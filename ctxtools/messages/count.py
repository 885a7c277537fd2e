"""Counting a request: messages, tools and media, as a model gets them."""
