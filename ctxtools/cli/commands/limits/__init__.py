"""Commands that answer whether tokens keep limits, by their exit code."""
