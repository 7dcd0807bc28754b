"""Lane math: one source for SIMD lanes, scalars and GPU threads."""
