"""Depth and segmentation against MuJoCo's rasterizer, an OpenGL program that shares no code with the tracer.

It draws round shapes as facets (64 around), so silhouettes may differ by a pixel and round surfaces by the sagitta of a facet.
"""

import os
import subprocess
import sys

import numpy as np
import pytest

import engine

pytest.importorskip("mujoco")

MODEL = """<mujoco><option gravity="0 0 0"/><visual><quality numslices="64" numstacks="64" offsamples="0"/></visual><worldbody>
<geom type="plane" size="5 5 .1"/>
<body name="ball" pos="-.6 .1 .4"><geom type="sphere" size=".3"/></body>
<body name="box" pos=".5 .3 .35" euler="20 30 40"><geom type="box" size=".2 .25 .15"/></body>
<body name="capsule" pos="0 -.6 .3" euler="70 10 0"><geom type="capsule" size=".12 .2"/></body>
<body name="can" pos=".1 .9 .4" euler="20 0 0"><geom type="cylinder" size=".2 .3"/></body>
<body name="egg" pos="-.3 -.2 1.0"><geom type="ellipsoid" size=".3 .15 .1"/></body>
<camera name="eye" pos="0 -3 2" xyaxes="1 0 0 0 .5 1" fovy="40" resolution="160 120"/>
</worldbody></mujoco>"""
DRAW = """
import sys, mujoco, numpy as np
m = mujoco.MjModel.from_xml_path(sys.argv[1]); d = mujoco.MjData(m); mujoco.mj_forward(m, d)
r = mujoco.Renderer(m, 120, 160)
r.enable_depth_rendering(); r.update_scene(d, "eye"); depth = r.render().copy(); r.disable_depth_rendering()
r.enable_segmentation_rendering(); r.update_scene(d, "eye"); s = r.render()
np.savez(sys.argv[2], depth=depth, body=np.where(s[..., 0] >= 0, m.geom_bodyid[np.maximum(s[..., 0], 0)], -1))
"""


def test_depth_and_segmentation_are_those_of_mujocos_rasterizer(cpu, tmp_path):
    (tmp_path / "m.xml").write_text(MODEL)
    command = [sys.executable, "-c", DRAW, str(tmp_path / "m.xml"), str(tmp_path / "seen.npz")]
    drawn = subprocess.run(command, env={**os.environ, "MUJOCO_GL": "egl"}, capture_output=True, text=True, timeout=120)
    if drawn.returncode:
        pytest.skip(f"no OpenGL driver for MuJoCo here: {(drawn.stderr.strip().splitlines() or ['it died'])[-1]}")
    theirs = np.load(tmp_path / "seen.npz")
    sim = engine.Simulation(engine.load(tmp_path / "m.xml"))
    ours = {name: values[0] for name, values in sim.render("eye", outputs=("depth", "segmentation")).items()}
    seen = theirs["body"] >= 0
    same = ours["segmentation"] == theirs["body"]
    assert set(np.unique(ours["segmentation"])) == set(range(6))
    assert same[seen].mean() > 0.99
    error = np.abs(ours["depth"] - theirs["depth"])[seen & same]
    body = theirs["body"][seen & same]
    assert np.median(error) < 2e-4
    for k in range(6):
        assert np.quantile(error[body == k], 0.95) < (1e-3 if k in (0, 2) else 5e-3), k


@pytest.mark.parametrize(
    "given",
    ['focalpixel="500 510" principalpixel="100 -60"', 'focal=".005 .0051" principal=".001 -.0006"', 'focal=".004 .004"'],
)
def test_intrinsics_of_a_file_are_mujocos(given, tmp_path):
    """Focal lengths and the optical axis in pixels give the frustum that MuJoCo draws with."""
    import mujoco

    text = f'<mujoco><worldbody><camera name="c" resolution="640 480" sensorsize=".0064 .0048" {given}/></worldbody></mujoco>'
    (tmp_path / "m.xml").write_text(text)
    (camera,) = engine.load(tmp_path / "m.xml").cameras
    model = mujoco.MjModel.from_xml_string(text)
    data, scene, seen = mujoco.MjData(model), mujoco.MjvScene(model, 10), mujoco.MjvCamera()
    mujoco.mj_forward(model, data)
    seen.type, seen.fixedcamid = mujoco.mjtCamera.mjCAMERA_FIXED, 0
    mujoco.mjv_updateScene(model, data, mujoco.MjvOption(), None, seen, mujoco.mjtCatBit.mjCAT_ALL, scene)
    frame = scene.camera[0]
    (fx, fy), (x, y) = camera.focal, camera.centre
    theirs = np.array([frame.frustum_top * fy, frame.frustum_bottom * fy, frame.frustum_center * fx, frame.frustum_width * fx])
    np.testing.assert_allclose(theirs / frame.frustum_near, [y, y - 480, 320 - x, 320], atol=1e-3)
