"""How a model sees a request: an encoder or a template for each family; formats.toml says which."""
