"""How fast one core stores episodes; prints the figure (`pytest -m slow -s`)."""

import time

import numpy as np
import pytest

from datagen.writers import CameraSchema, DatasetSchema, DenseSchema, EpisodeRecord, RunPlan, attempt_shard, create_run, seal
from engine.types import Feature

LENGTH, SIZE, EPISODES = 64, 128, 32


def ray_traced() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """RGB, depth (0.1 mm) and ids of eight balls that roll over a checkered, slightly noisy floor, seen in perspective."""
    rng = np.random.default_rng(5)
    step = (np.arange(SIZE) + 0.5) / SIZE * 2 - 1
    ray = np.stack(np.broadcast_arrays(step[None, :] * 0.6, -0.35 - step[:, None] * 0.6, 1.0), -1)
    ray /= np.linalg.norm(ray, axis=-1, keepdims=True)
    sky, grain = np.full((SIZE, SIZE), 6.0), rng.normal(0, 1.5, (SIZE, SIZE, 1))
    rgb = np.zeros((LENGTH, SIZE, SIZE, 3), np.uint8)
    depth, ids = (np.zeros((LENGTH, SIZE, SIZE), np.uint16) for _ in range(2))
    for t in range(LENGTH):
        near = np.where(ray[..., 1] < -1e-3, np.minimum(-1.0 / np.minimum(ray[..., 1], -1e-3), 6.0), sky)
        x, z = near * ray[..., 0], near * ray[..., 2]
        color = np.where(((np.floor(x * 2) + np.floor(z * 2)) % 2)[..., None] > 0, [150.0, 150, 140], [90.0, 95, 100])
        owner = np.zeros((SIZE, SIZE))
        for k in range(8):
            centre = np.array([1.2 * np.cos(0.05 * t + k), -0.8, 2.6 + 0.8 * np.sin(0.04 * t + 1.3 * k)])
            along = ray @ centre
            inside = along**2 - centre @ centre + 0.2**2
            hit = along - np.sqrt(np.maximum(inside, 0))
            seen = (inside > 0) & (hit < near)
            normal = (hit[..., None] * ray - centre) / 0.2
            shade = np.clip(normal @ np.array([0.4, 0.8, -0.45]), 0.15, 1)[..., None] * np.array(
                [240, 30 + 25 * k, 220 - 25 * k]
            )
            near, owner, color = (
                np.where(seen, hit, near),
                np.where(seen, k + 1, owner),
                np.where(seen[..., None], shade, color),
            )
        rgb[t], depth[t], ids[t] = np.clip(color + grain, 0, 255), near * 1e4, owner
    return rgb, depth, ids


def record(index: int, pictures: tuple[np.ndarray, np.ndarray, np.ndarray]) -> EpisodeRecord:
    rng = np.random.default_rng(index)
    frame = np.repeat(np.arange(LENGTH), 20)
    force = rng.normal(size=(len(frame), 3)).astype("f4")
    return EpisodeRecord(
        index=index,
        seed=7,
        task="drop",
        length=LENGTH,
        frames={"observation.state": rng.normal(size=(LENGTH, 104)).astype("f4"), "next.done": np.zeros(LENGTH, bool)},
        videos={"front": pictures[0]},
        dense={"front.depth": pictures[1], "front.segmentation": pictures[2]},
        state=rng.normal(size=(LENGTH + 1, 110)).astype("f4"),
        contacts={"frame": frame, "force": force, "position": force},
        spec_json=b"{}",
    )


@pytest.mark.slow
@pytest.mark.parametrize(("codec", "least"), [("ffv1", 500), ("delta", 1000)])
def test_one_core_stores_a_thousand_frames_a_second(tmp_path, codec, least):
    """Best of four, in frames per second of processor time; FFV1 depth, the codec for any tool, alone costs half of it."""
    streams = (DenseSchema("front.depth", SIZE, SIZE, "m", 1e-4, codec=codec), DenseSchema("front.segmentation", SIZE, SIZE))
    features = (Feature("observation.state", "float32", (104,)), Feature("next.done", "bool", (1,)))
    rows = (Feature("force", "float32", (3,)), Feature("position", "float32", (3,)))
    camera = (CameraSchema("front", SIZE, SIZE),)
    schema = DatasetSchema(30, features, camera, streams, state_dtype="float32", contacts=rows)
    pictures = ray_traced()
    best = 0.0
    for attempt in range(4):
        records = [record(index, pictures) for index in range(EPISODES)]
        opened = create_run(tmp_path / str(attempt), RunPlan(schema, 7, EPISODES, EPISODES))
        start, cpu = time.perf_counter(), time.process_time()
        assert attempt_shard(opened, 0, lambda indices, given=records: (given[i] for i in indices)) == "done"
        manifest = seal(opened)
        frames = EPISODES * LENGTH
        wall, used = frames / (time.perf_counter() - start), frames / (time.process_time() - cpu)
        size = sum(facts["bytes"] for facts in manifest["files"].values()) / 1024 / frames
        print(f"\n{codec}: {wall:.0f} frames/s of wall, {used:.0f} frames/s of one core, {size:.2f} KiB a frame, seal included")
        best = max(best, used)
    assert best > least
