"""The benchmark suite: throughput of tokenization on large inputs, beside every peer."""
