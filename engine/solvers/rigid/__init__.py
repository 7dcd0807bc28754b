"""Rigid and articulated bodies in generalized coordinates with convex soft contacts."""
