"""F5: a dam break onto shallow water (Stoker 1957): depth of the middle state and speed of the bore."""

from typing import Any

import numpy as np

import engine
from benchmarks.validation.matter import result, slab

CASE, TITLE = "F5", "Dam break onto water half as deep: worst relative error of middle depth and bore speed"


def run(quick: bool) -> dict[str, Any]:
    """Within 5 %: h_m = 0.7269 h, S = 0.9444 sqrt(g h)."""
    depth = 0.1
    cell = depth / 6 if quick else depth / 10
    length = (20 if quick else 30) * depth
    speed = np.sqrt(9.81 * depth)
    scene = slab(cell, length, 1.2 * depth, timestep=0.002)
    water = engine.Liquid(sound_speed=12.0)
    for name, x, h in (("deep", 0.0, depth), ("shallow", length / 2, depth / 2)):
        region = engine.Box(size=(length / 2, 4 * cell, h))
        scene.add_matter(name, material=water, region=region, position=(x + length / 4, 0, h / 2))
    sim = engine.Simulation(scene)
    parts = [sim.matter(name) for name in ("deep", "shallow")]
    for part, h in zip(parts, (depth, depth / 2), strict=True):
        part.stress = -1000.0 * 9.81 * (h - part.position[0, :, 2])[None, :, None, None] * np.eye(3)
    volume, bins = (length / 2) * 1.5 * depth * 4 * cell, round(length / (depth / 2))
    edges = np.linspace(0, length, bins + 1)
    middle = (edges[1:] + edges[:-1]) / 2
    times, bores, depths, profile = [], [], [], np.zeros(0)
    for _ in range(8):
        sim.step(50 if quick else 75)
        x = np.concatenate([part.position[0, :, 0] for part in parts])
        mass = np.concatenate([part.mass[0] for part in parts]).astype(float)
        profile = _depths(edges, x, mass / mass.sum() * volume / (edges[1] * 4 * cell), cell / 2)
        t = 0.002 * (50 if quick else 75) * (len(times) + 1)
        level = 0.5 * (0.7269 + 0.5) * depth
        k = np.nonzero(profile > level)[0].max()
        bores.append(float(np.interp(-level, [-profile[k], -profile[min(k + 1, bins - 1)]], middle[[k, min(k + 1, bins - 1)]])))
        inside = (middle > length / 2) & (middle < bores[-1] - 2 * depth)
        depths.append(float(profile[inside].mean()) if inside.any() else np.nan)
        times.append(t)
    bore = float(np.polyfit(times[3:], bores[3:], 1)[0]) / speed
    wrong = max(abs(bore / 0.9444 - 1), abs(depths[-1] / depth / 0.7269 - 1))
    curves = {"x": middle.tolist(), "depth": profile.tolist()}
    found = result(wrong, 0.0, 0.05, curves, scale=1.0, gate_text="5 %")
    return {**found, "reason": f"middle depth {depths[-1] / depth:.4f} h, bore {bore:.4f} sqrt(g h)"}


def _depths(edges: np.ndarray, x: np.ndarray, share: np.ndarray, spacing: float) -> np.ndarray:
    """Sum of the shares between the edges; a particle is as wide as its spacing, else columns of them make steps."""
    below = np.clip((edges[:, None] - x) / spacing + 0.5, 0.0, 1.0) @ share
    return np.diff(below)
