"""Validation cases: one module each with CASE, TITLE and run(quick) -> measured, reference, gate, verdict, curves."""
