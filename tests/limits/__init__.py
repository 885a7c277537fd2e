"""Limits of tokens: rules, verdicts, growth."""
