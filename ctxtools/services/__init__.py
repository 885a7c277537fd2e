"""Counting, cutting and packing for other programs: over HTTP (`http`), and for agents (`mcp`)."""
