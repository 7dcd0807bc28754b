"""Specs as environments of Gymnasium: an agent sets the controls, the task rewards it and ends its episodes."""
