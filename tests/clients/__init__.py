"""Clients that others' generators make of our descriptions, each in an environment of its own."""
