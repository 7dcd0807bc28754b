"""Pictures of a simulation; reads the state, never changes it."""
