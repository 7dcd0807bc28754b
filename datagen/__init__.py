"""Meaning: what to generate, why it counts and where it goes."""
