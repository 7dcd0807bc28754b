"""Speed of liquids, elastic matter and sand."""
