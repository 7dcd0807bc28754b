"""Material point method: liquids, soft bodies, sand, snow and clay as particles on a sparse background grid."""
