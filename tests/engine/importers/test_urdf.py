"""URDF robots against MuJoCo's reading of the same file, and what is refused or reported."""

import mujoco
import numpy as np
import pytest
import trimesh

import engine

ARM = """<robot name="arm">{extension}<material name="blue"><color rgba="0 0 1 1"/></material>
<link name="base"/>
<link name="upper"><inertial><origin xyz=".1 0 .2" rpy=".1 .2 .3"/><mass value="2"/><inertia ixx=".1" iyy=".2" izz=".25"
ixy=".01" ixz=".02" iyz=".03"/></inertial>
 <collision><origin xyz="0 0 .1" rpy="0 1 0"/><geometry><cylinder radius=".05" length=".4"/></geometry></collision>
 <visual><geometry><box size=".1 .2 .3"/></geometry><material name="blue"/></visual></link>
<link name="lower"><inertial><mass value="1"/><inertia ixx=".1" iyy=".1" izz=".1" ixy="0" ixz="0" iyz="0"/></inertial>
 <collision><geometry><sphere radius=".1"/></geometry></collision></link>
<link name="slider"><inertial><mass value=".5"/><inertia ixx=".01" iyy=".01" izz=".01" ixy="0" ixz="0"
iyz="0"/></inertial></link> <link name="tool"><inertial><mass value=".2"/><inertia ixx=".01" iyy=".01" izz=".01" ixy="0" ixz="0"
iyz="0"/></inertial></link> <joint name="shoulder" type="revolute"><parent link="base"/><child link="upper"/><origin xyz="0 0 1"
rpy=".3 .2 .1"/><axis xyz="0 1 1"/>
 <limit lower="-1" upper="2" effort="10" velocity="1"/><dynamics damping=".3" friction=".1"/></joint>
<joint name="elbow" type="continuous"><parent link="upper"/><child link="lower"/><origin xyz=".4 0 0"/><axis xyz="0 0
1"/></joint> <joint name="rail" type="prismatic"><parent link="lower"/><child link="slider"/><limit lower="0" upper=".2"
effort="1" velocity="1"/></joint>
<joint name="mount" type="fixed"><parent link="slider"/><child link="tool"/><origin xyz="0 0 .1" rpy="1 0
0"/></joint></robot>"""


def load_text(folder, text, strict=True):
    (folder / "robot.urdf").write_text(text)
    return engine.load(folder / "robot.urdf", strict=strict)


def test_an_arm_compiles_to_mujocos_numbers(tmp_path, same_dynamics):
    """Links, joints, origins, limits and inertias agree; effort and velocity limits are noted."""
    scene = load_text(tmp_path, ARM.format(extension=""))
    extension = '<mujoco><compiler fusestatic="false"/></mujoco>'
    model = mujoco.MjModel.from_xml_string(ARM.format(extension=extension))
    real = same_dynamics(scene, model)
    np.testing.assert_allclose(real["body_position"], model.body_pos, atol=1e-12)
    np.testing.assert_allclose(np.abs(real["body_rotation"]), np.abs(model.body_quat), atol=1e-12)
    assert len(scene.import_report) == 2 and all("effort and velocity" in line for line in scene.import_report)
    shapes = {s.name: s for _, s in scene.shapes}
    assert [s.collides for s in shapes.values()] == [True, False, True]
    assert shapes["upper/1"].color == (0.0, 0.0, 1.0)


def test_package_paths_and_scales(tmp_path):
    """package://name/path is found below the folder; a mirrored mesh keeps its volume and faces outwards."""
    (tmp_path / "m").mkdir()
    trimesh.creation.box((1, 1, 1)).export(tmp_path / "m" / "c.stl")
    link = solid('<geometry><mesh filename="{}" scale="1 {} 1"/></geometry>')
    scene = load_text(tmp_path, link.format("package://pkg/m/c.stl", 2))
    assert scene.shapes[0][1].scale == (1.0, 2.0, 1.0)
    assert load_text(tmp_path, link.format("m/c.stl", -2)).shapes[0][1].data.volume == pytest.approx(2.0)


def test_a_floating_joint_below_a_world_link_is_a_free_base(tmp_path):
    """The link named world is the world body itself."""
    text = """<robot name="r"><link name="world"/><link name="b"><inertial><mass value="1"/>
<inertia ixx="1" iyy="1" izz="1" ixy="0" ixz="0" iyz="0"/></inertial></link>
<joint name="f" type="floating"><parent link="world"/><child link="b"/><origin xyz="0 0 2"/></joint></robot>"""
    compiled = engine.compile_scenes([load_text(tmp_path, text)])
    assert compiled.names.body == ("world", "b")
    np.testing.assert_array_equal(compiled.reals["qpos_initial"][0], [0, 0, 2, 1, 0, 0, 0])


def test_parts_for_others_are_noted_and_unknown_ones_reported(tmp_path):
    """Transmissions are ignored by name; unknown elements and a mimic without a leader are named with their line."""
    text = ARM.format(extension="").replace("</joint></robot>", "</joint><transmission/><gazebo/></robot>")
    assert sum("ignored element" in line for line in load_text(tmp_path, text).import_report) == 2
    with pytest.raises(engine.ImportFileError, match=r"robot.urdf:\d+: unsupported element <sensor> of <robot>"):
        load_text(tmp_path, text.replace("<gazebo/>", "<sensor/>"))
    with pytest.raises(engine.ImportFileError, match="unknown joint 'elbo'; did you mean 'elbow'"):
        load_text(tmp_path, ARM.format(extension="").replace("</joint></robot>", '<mimic joint="elbo"/></joint></robot>'))


def test_a_mimic_joint_is_coupled_or_reported(tmp_path):
    """The follower keeps its own joint; without constraints in the scene it is named."""
    text = (
        ARM.format(extension="")
        .replace('upper="2" effort', 'upper="2" effort')
        .replace(
            '<axis xyz="0 0\n1"/></joint>', '<axis xyz="0 0 1"/><mimic joint="shoulder" multiplier="2" offset=".1"/></joint>'
        )
    )
    scene = load_text(tmp_path, text, strict=False)
    if hasattr(scene, "couple_joints"):
        (tie,) = scene.equalities
        assert (tie.joint, tie.other, tie.polynomial[:2]) == ("elbow", "shoulder", (0.1, 2.0))
    else:
        assert any("<mimic> of joint 'elbow'" in line for line in scene.import_report)


def test_a_planar_joint_is_two_slides_and_a_hinge(tmp_path):
    """Their axes are at right angles."""
    scene = load_text(tmp_path, ARM.format(extension="").replace("continuous", "planar"))
    joints = next(b for b in scene.bodies if b.name == "lower").joints
    axes = np.array([j.axis for j in joints])
    assert [type(j).__name__ for j in joints] == ["Slide", "Slide", "Hinge"]
    np.testing.assert_allclose(axes @ axes.T, np.eye(3), atol=1e-12)


def test_visual_shapes_are_drawn_instead_of_collision_shapes(tmp_path):
    """A link without visual shows what it collides with."""
    shapes = {s.name: s for _, s in load_text(tmp_path, ARM.format(extension="")).shapes}
    assert [(s.collides, s.visible) for s in shapes.values()] == [(True, False), (False, True), (True, True)]


def test_files_stay_in_the_package_of_the_model(tmp_path):
    """With a package.xml above, ../meshes is inside; without, it is not; nothing beyond."""
    (tmp_path / "pkg" / "urdf").mkdir(parents=True)
    (tmp_path / "pkg" / "meshes").mkdir()
    trimesh.creation.box((1, 1, 1)).export(tmp_path / "pkg" / "meshes" / "c.stl")
    trimesh.creation.box((1, 1, 1)).export(tmp_path / "out.stl")
    folder = tmp_path / "pkg" / "urdf"
    mesh = solid('<geometry><mesh filename="{}"/></geometry>')
    with pytest.raises(engine.ImportFileError, match="outside of"):
        load_text(folder, mesh.format("../meshes/c.stl"))
    (tmp_path / "pkg" / "package.xml").write_text("<package/>")
    for reference in ("../meshes/c.stl", "package://pkg/meshes/c.stl"):
        assert load_text(folder, mesh.format(reference)).shapes[0][1].data.volume == pytest.approx(1.0)
    for reference in ("../../out.stl", "package://pkg/../out.stl", "/etc/passwd.stl"):
        with pytest.raises(engine.ImportFileError, match="outside of"):
            load_text(folder, mesh.format(reference))


A, B = '<link name="a"/>', '<link name="b"/>'
B_TO_A = '<parent link="b"/><child link="a"/></joint>'
A_TO_B = '<parent link="a"/><child link="b"/></joint>'


def robot(inner):
    return f"<robot>{inner}</robot>"


def solid(geometry):
    return robot(f'<link name="a"><collision>{geometry}</collision></link>')


BROKEN = {
    robot(A + '<joint name="j" type="fixed">' + A_TO_B): "unknown child link 'b'",
    robot("<link/>"): "no name",
    robot(A + B + '<joint name="j" type="fixed">' + A_TO_B + '<joint name="k" type="fixed">' + B_TO_A): "cycle",
    robot(A + B + '<joint name="j" type="fixed">' + A_TO_B + '<joint name="k" type="fixed">' + A_TO_B): "child of two joints",
    robot(A + B + '<joint name="j" type="revolute">' + A_TO_B): "no <limit>",
    solid('<geometry><mesh filename="../x.stl"/></geometry>'): "outside of",
    solid('<geometry><mesh filename="http://x/y.stl"/></geometry>'): "relative paths",
    solid(""): "no single geometry",
    "<!DOCTYPE robot>" + robot(A): "a DOCTYPE",
}  # fmt: skip


@pytest.mark.parametrize("text", BROKEN)
def test_broken_files_give_one_sentence(tmp_path, text):
    """Missing references, cycles, paths out of the folder."""
    with pytest.raises(engine.ImportFileError, match=BROKEN[text]):
        load_text(tmp_path, text)
