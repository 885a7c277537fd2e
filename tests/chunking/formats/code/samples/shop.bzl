"""Rules of the shop."""

load("@rules_python//python:defs.bzl", "py_library")

LIMIT = 20

# An order.
def order(name, srcs = [], **kwargs):
    """Makes the targets of an order."""
    py_library(
        name = name,
        srcs = srcs,
        **kwargs
    )

def _impl(ctx):
    return []
