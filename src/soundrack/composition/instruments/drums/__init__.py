"""Drums and percussion: every piece a small model of its own, kits as data."""
