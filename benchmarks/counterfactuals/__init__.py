"""Counterfactual groups: do branches share what they should and differ in exactly their edits."""
