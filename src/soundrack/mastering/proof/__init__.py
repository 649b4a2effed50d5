"""Proof: the master written, decoded, measured and judged, and shown beside its source."""
