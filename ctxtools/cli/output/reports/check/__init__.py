"""What ``ctx check`` prints: for people, and in the formats that CI services read."""
