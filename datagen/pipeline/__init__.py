"""The whole road: a spec becomes a dataset (`generation`), a dataset is simulated again and compared (`replay`)."""
