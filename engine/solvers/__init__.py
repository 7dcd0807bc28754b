"""Solvers: independent siblings with the same verbs, `prepare` and `advance`."""
