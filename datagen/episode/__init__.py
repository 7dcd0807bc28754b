"""Episodes: specs in, records out. One of the two rooms that drive the engine (the other is `datagen.build`)."""

from datagen.episode.layout import Layout, dataset_schema, make_layout
from datagen.episode.run import engine_facts, run_batch, run_states

__all__ = ["Layout", "dataset_schema", "engine_facts", "make_layout", "run_batch", "run_states"]
