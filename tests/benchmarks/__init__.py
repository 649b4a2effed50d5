"""Whether the benchmarks measure what they say."""
