"""How right and how quick the analysis is, beside others, on the same files in one run.

``python -m benchmarks.analysis`` prints it as tables, each figure for the half that may be tuned on and for the half
that is held out (``tune / held``). docs/analysis-accuracy.md tells of the sets, the metrics and what came out.
"""
