"""Flow, albedo and normals as streams of an episode: row t leads from frame t to frame t + 1, also the last."""

import numpy as np
import pytest

from datagen.episode.layout import FLOW_RANGE, FLOW_SCALE, dataset_schema, make_layout
from datagen.episode.recording import flow_codes
from datagen.episode.run import run_batch
from datagen.spec import CameraSpec
from tests.datagen.worlds import GROUND, ball, box, episode

CAMERA = CameraSpec(
    name="front", position=(0.9, -1.0, 0.8), look_at=(0.0, 0.0, 0.3), resolution=(64, 48),
    outputs=("rgb", "depth", "segmentation", "normal", "albedo", "flow"),
)  # fmt: skip


@pytest.fixture(scope="module")
def recorded():
    import engine

    engine.init(backend="cpu")
    bodies = [GROUND, ball(position=(0.1, 0.0, 0.7), velocity=(-0.5, 0.2, 0.3)), box(fixed=True, position=(-0.1, 0.1, 0.1))]
    specs = [episode(bodies, frames=4, index=k, cameras=(CAMERA,), normal=True, albedo=True, flow=True) for k in range(2)]
    layout = make_layout(specs)
    return layout, run_batch(specs, layout)


def test_every_stream_of_the_schema_is_recorded(recorded):
    """Streams, shapes and codes fit the schema, which carries unit and scale."""
    layout, records = recorded
    schema = dataset_schema(layout, "", "0" * 64, "float32", {})
    names = {stream.name for stream in schema.dense}
    assert names == set(records[0].dense)
    assert {"front.flow_x", "front.flow_y", "front.flow_valid", "front.albedo_r", "front.normal_z"} <= names
    scale = {stream.name: (stream.unit, stream.scale, stream.offset) for stream in schema.dense}
    assert scale["front.flow_x"] == ("pixel", FLOW_SCALE, -FLOW_RANGE)
    assert all(values.shape == (4, 48, 64) and values.dtype == np.uint16 for values in records[0].dense.values())


def test_warping_the_next_frame_by_the_stored_flow_gives_this_one(recorded):
    """The segment that the flow of frame t leads to in frame t + 1 is the one of frame t, where the flow is valid."""
    _, records = recorded
    dense = records[0].dense
    flow = np.stack([dense[f"front.flow_{axis}"] for axis in "xy"], axis=-1) * FLOW_SCALE - FLOW_RANGE
    x, y = np.meshgrid(np.arange(64) + 0.5, np.arange(48) + 0.5)
    agreed = moving = 0.0
    for t in range(3):
        valid = dense["front.flow_valid"][t] == 1
        i, j = np.clip(x + flow[t, ..., 0] - 0.5, 0, 62.9).astype(int), np.clip(y + flow[t, ..., 1] - 0.5, 0, 46.9).astype(int)
        now, after = dense["front.segmentation"][t], dense["front.segmentation"][t + 1]
        same = (now == np.stack([after[j + b, i + a] for a in (0, 1) for b in (0, 1)])).any(0)
        agreed += same[valid].mean() / 3
        ball = (now == 2) & valid
        moving += np.abs(flow[t][ball]).max()
        assert same[ball].mean() > 0.95 > (now == after)[ball].mean()
    assert agreed > 0.99 and moving > 3
    assert np.abs(flow[3][dense["front.segmentation"][3] == 2]).max() > 1  # the last frame leads to the state after it
    assert np.abs(flow[:, dense["front.segmentation"][0] == 3]).max() <= FLOW_SCALE  # what is fixed stays


def test_flow_codes_keep_a_sixty_fourth_of_a_pixel():
    """Rounding is to the nearest step; beyond the range, and not finite, is the invalid code."""
    flow = np.array([[0.0, -3.26], [600.0, np.nan]])
    codes = flow_codes(flow)
    assert codes[0] * FLOW_SCALE - FLOW_RANGE == pytest.approx(flow[0], abs=FLOW_SCALE / 2)
    assert (codes[1] == 65535).all()
