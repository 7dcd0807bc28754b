"""The places where two physics meet."""
