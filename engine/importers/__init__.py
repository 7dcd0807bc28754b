"""Model files (MJCF, URDF, USD, meshes, our own YAML) become scenes; one module per format, one function per element."""
