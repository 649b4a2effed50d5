"""What the rhythm's weights are learned from, and how well it does.

``python -m benchmarks.rhythm learn`` writes ``analysis/rhythm/weights.toml`` anew, from the halves that are for
learning alone; ``python -m benchmarks.rhythm`` prints the table of `docs/rhythm.md`, both halves.
"""
