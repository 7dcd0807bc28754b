"""Scripted skills: how often they succeed."""
