"""Scenes and recorded motion become files of other programs; one module per format."""
