"""How models count recordings: a rule a family; ``rules/audio.toml`` says which model has which."""
