"""Speed of the deformable solver on the scenes of the speed table."""
