"""Packing a corpus into training windows: the plan, and the windows on disk."""
