"""How episodes are stored: LeRobotDataset v3.0 folders with exact sidecars, written so that a crash loses nothing."""
