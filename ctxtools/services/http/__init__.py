"""A server of token counts, in the interfaces that gateways and clients speak."""
