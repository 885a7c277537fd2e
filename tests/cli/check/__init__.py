"""ctx check."""
