"""Sensors: what a simulation can be asked about itself, with the imperfections of real instruments."""
