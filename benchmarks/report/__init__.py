"""The pages of a run: tables, plots and comparisons. `python -m benchmarks.report` makes them."""
