"""Frames per second of the ray tracer."""
