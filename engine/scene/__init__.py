"""Description of a world and its one bridge to the device: frozen descriptions, the Scene builder, checks, compile."""
