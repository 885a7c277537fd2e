"""The commands that serve others until they are stopped."""
