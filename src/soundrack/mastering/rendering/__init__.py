"""Rendering: what a plan says, done to the sound."""
