"""The benchmark suite: throughput of tokenization on large inputs, compared with every peer."""
