"""Searching texts: where words, or any strings, occur."""
