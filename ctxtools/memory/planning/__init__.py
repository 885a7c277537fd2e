"""Making a plan: its arguments, terms, what fits, and what would help."""
