"""The tools, one module each: arguments in, one call of the library, an answer out."""
