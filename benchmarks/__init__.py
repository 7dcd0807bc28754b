"""Benchmarks: one folder per case, each with a `bench.py` whose `main(quick, backend)` returns rows for `worldsmith bench`."""
