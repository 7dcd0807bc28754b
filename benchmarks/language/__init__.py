"""Whether what prompts say comes true in the simulation."""
