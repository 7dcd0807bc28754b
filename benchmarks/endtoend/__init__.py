"""End to end: from a spec to a sealed dataset."""
