"""What ``ctx show`` prints: texts and conversations with their tokens."""
