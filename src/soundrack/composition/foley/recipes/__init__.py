"""Recipes by subject: each a small function from a take to a sound."""
