"""Filling context windows: with what matters for a prompt, and to the bound for training."""
