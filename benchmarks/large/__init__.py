"""Scenes of thousands of free bodies."""
