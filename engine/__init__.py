"""Physics, sensing and pictures for many environments at once."""
