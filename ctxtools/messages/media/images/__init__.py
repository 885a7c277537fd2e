"""How models count images: a rule a family; ``rules/image.toml`` says which model has which."""
