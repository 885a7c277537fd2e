"""Reading the ``config.json`` of a Hugging Face model into an `Architecture`."""
