"""A finished dataset in the files of other trainers, each readable by that trainer's own loader."""

from datagen.exporters.export import FORMATS, Choice, export_dataset

__all__ = ["FORMATS", "Choice", "export_dataset"]
