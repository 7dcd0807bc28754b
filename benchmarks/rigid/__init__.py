"""Engines of rigid bodies side by side: one adapter per engine, one module for the models, one for the table."""
