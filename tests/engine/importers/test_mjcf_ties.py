"""<site>, <tendon> and <equality> of MJCF: defaults, names, and what is refused or reported, with the line."""

import mujoco
import numpy as np
import pytest

import engine

BODIES = """<worldbody><site name="w" type="capsule" size=".01" fromto="0 0 0 0 .2 .6"/>
<body name="a" pos="0 0 1"><joint name="j" axis="0 1 0"/><geom name="g" size=".1"/><site name="s" pos="0 .1 .3"/></body>
<body name="b" pos="1 0 1"><joint name="k" type="slide"/><geom name="h" size=".1"/></body></worldbody>"""


def load(folder, rest, strict=True):
    path = folder / "model.xml"
    path.write_text(f"<mujoco>{BODIES}\n{rest}</mujoco>")
    return engine.load(path, strict=strict)


def test_default_classes_reach_sites_tendons_and_equalities(tmp_path):
    """Values of <default> for site, tendon and equality, and a class of their own, as MuJoCo compiles them."""
    rest = """<default><site rgba="1 0 0 1"/><tendon stiffness="3" range="0 2" damping="1 2"/><equality solref=".05 .5"/>
 <default class="c"><tendon stiffness="7"/><equality solimp="0 .9" active="false"/></default></default>
<tendon><spatial name="p"><site site="w"/><site site="s"/></spatial>
<fixed name="q" class="c" solreflimit=".1 1"><joint joint="j" coef="2"/><joint joint="k" coef="-1"/></fixed></tendon>
<equality><weld body1="a" class="c" torquescale=".2"/><joint joint1="k" joint2="j" polycoef="1 2"/></equality>"""
    compiled = engine.compile_scenes([load(tmp_path, rest)])
    m = mujoco.MjModel.from_xml_string(f"<mujoco>{BODIES}\n{rest}</mujoco>")
    real = {name: values[0] for name, values in compiled.reals.items()}
    np.testing.assert_allclose(real["site_position"], m.site_pos, atol=1e-15)
    np.testing.assert_allclose(np.abs(np.einsum("ij,ij->i", real["site_rotation"], m.site_quat)), 1.0)
    np.testing.assert_allclose(real["tendon_stiffness"][:, 0], m.tendon_stiffness)
    np.testing.assert_allclose(real["tendon_damping"][:, 0], m.tendon_damping)
    np.testing.assert_allclose(real["tendon_damping"][:, 1:], m.tendon_dampingpoly)
    np.testing.assert_allclose(real["tendon_range"], m.tendon_range)
    np.testing.assert_allclose(real["tendon_limit_solref"], m.tendon_solref_lim)
    np.testing.assert_allclose(real["tendon_length_initial"], m.tendon_length0)
    np.testing.assert_allclose(real["equality_solref"], m.eq_solref)
    np.testing.assert_allclose(real["equality_solimp"], m.eq_solimp)
    np.testing.assert_array_equal(real["equality_active_initial"], m.eq_active0)
    np.testing.assert_allclose(real["equality_polynomial"][1], m.eq_data[1, :5])
    assert compiled.names.tendon == ("p", "q") and compiled.sizes["extended"] == 1


def test_sites_alone_stay_in_the_plain_chain(tmp_path):
    """A model that only names points is as quick as one without."""
    assert engine.compile_scenes([load(tmp_path, "")]).sizes["extended"] == 0


WRONG = {
    '<tendon><fixed><joint joint="jj" coef="1"/></fixed></tendon>': r"<joint>: unknown joint 'jj'; did you mean 'j'",
    '<tendon><fixed><joint joint="j"/></fixed></tendon>': "coef=''",
    '<tendon><spatial><site site="w"/><geom geom="x"/><site site="s"/></spatial></tendon>': "unknown geom 'x'",
    '<tendon><spatial><site site="w"/><geom geom="g" sidesite="t"/><site site="s"/></spatial></tendon>': "unknown sidesite 't'",
    '<tendon><spatial><site site="w"/><site/></spatial></tendon>': "unknown site ''",
    '<tendon><spatial><site site="w"/><pulley/></spatial></tendon>': "divisor=''",
    '<equality><connect body1="c" anchor="0 0 0"/></equality>': "unknown body1 'c'",
    '<equality><weld site1="w"/></equality>': "unknown site2 ''",
    '<equality><joint joint1="j" polycoef="1 2 3 4 5 6"/></equality>': "polycoef",
    '<equality><tendon tendon1="t"/></equality>': "unknown tendon1 't'",
    '<equality><weld body1="a" active="maybe"/></equality>': "active='maybe'",
}


@pytest.mark.parametrize("rest", WRONG)
def test_wrong_references_are_refused_with_their_line(tmp_path, rest):
    """One sentence with the file and the element."""
    with pytest.raises(engine.ImportFileError, match=WRONG[rest]) as caught:
        load(tmp_path, rest)
    assert str(caught.value).startswith("model.xml:4:")


PATH = '<site site="w"/><site site="s"/></spatial></tendon>'
LACKING = {
    f'<tendon><spatial armature="1">{PATH}': "attribute armature of a tendon",
    f'<tendon><spatial springyield="1">{PATH}': "attribute springyield of a tendon",
    f'<tendon><spatial shine="1">{PATH}': "attribute shine='1' of <spatial>",
    "<equality><flexstrain/></equality>": "element <flexstrain> of <equality>",
    '<equality><weld body1="a" strength="3"/></equality>': "attribute strength='3' of <equality/weld>",
}


@pytest.mark.parametrize("rest", LACKING)
def test_what_is_not_taken_over_is_named(tmp_path, rest):
    """Strictly an error, otherwise a line of the report."""
    with pytest.raises(engine.ImportFileError, match=f"unsupported {LACKING[rest]}"):
        load(tmp_path, rest)
    assert any(LACKING[rest] in line for line in load(tmp_path, rest, strict=False).import_report)
