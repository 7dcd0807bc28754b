"""Costs of sensors."""
