"""MJCF texts of our own that between them use every kind of equality constraint, tendon and tendon path."""


def tied(body: str, rest: str, option: str = "") -> str:
    """A whole model without contacts."""
    return f"""<mujoco>
 <option timestep="0.004" cone="elliptic" tolerance="1e-15" ls_tolerance="1e-4" iterations="200" {option}/>
 <default><geom contype="0" conaffinity="0"/></default><worldbody>{body}</worldbody>{rest}</mujoco>"""


ARMS = """<body name="a" pos="0 0 .4"><freejoint/><geom type="box" size=".1 .2 .3" pos=".05 0 .02"/>
 <site name="sa" pos=".1 .05 0" euler="20 10 0"/>
 <body name="b" pos=".1 .2 .3"><joint name="jb" type="hinge" axis="0 1 0" pos=".1 0 0"/><geom type="capsule" size=".05 .2"/>
 <site name="sb" pos="0 0 .2"/></body></body>
 <body name="e" pos=".5 0 .6"><joint name="jz" type="slide" axis="0 0 1"/><geom size=".1"/>
 <body name="c" pos="0 0 .2"><joint name="jc" type="hinge" axis="0 1 0" ref="20" damping=".1"/>
 <geom type="capsule" size=".05 .2" pos=".1 0 0"/><site name="sc" pos=".1 0 .2" euler="0 30 0"/>
 <body name="d" pos="0 0 .4" euler="0 20 30"><joint name="jd" type="ball"/><geom type="capsule" size=".05 .2" pos="0 .1 .1"/>
 <site name="sd" pos="0 .1 .3"/></body></body></body>
 <body name="m" mocap="true" pos=".2 .3 1"><geom size=".05"/></body>
 <site name="sw" pos=".3 -.2 .9" quat="1 .2 .3 0"/>"""

CONNECT = tied(ARMS, """<equality><connect body1="b" body2="d" anchor="0 .1 .2"/>
 <connect body1="c" anchor=".1 .1 .1" solref="-300 -20"/>
 <connect body1="d" body2="e" anchor="0 0 .1"/><connect body1="m" anchor="1 0 0"/>
 <connect site1="sa" site2="sc" solimp=".3 .9 .1 .4 3"/></equality>""")  # fmt: skip
WELD = tied(ARMS, """<equality><weld body1="b" body2="d" torquescale=".3"/><weld body1="m" body2="a" anchor=".1 0 .1"/>
 <weld body1="a" relpose=".1 .2 .3 1 .3 .2 .1" anchor=".2 .1 0" solref=".05 .7" solimp="0 .99 .2"/>
 <weld site1="sc" site2="sa" solimp=".3 .9 .1 .4 3" torquescale="2"/>
 <weld body1="a" body2="b" anchor="0 .1 0"/><weld body1="c" body2="b" active="false"/></equality>""")  # fmt: skip
JOINT = tied(ARMS, """<equality><joint joint1="jb" joint2="jc" polycoef=".1 .8 .3 -.2 .1" solref="-200 -10"/>
 <joint joint1="jz" polycoef=".1"/></equality>""")  # fmt: skip
FIXED = tied(ARMS, """<tendon><fixed name="f" range="-.1 .1" stiffness="30 4 5" damping="2 1 .5" frictionloss=".7"
 springlength=".1">
 <joint joint="jb" coef=".7"/><joint joint="jz" coef="-1.3"/></fixed>
 <fixed name="g" range="-.05 .05" margin=".02" solreflimit="-200 -30" solimplimit=".5 .9 .1" springlength="-.02 .3"
 stiffness="50"><joint joint="jc" coef="1"/><joint joint="jb" coef=".4"/></fixed></tendon>
 <equality><tendon tendon1="f" tendon2="g" polycoef=".02 .5 .3 0 .1"/><tendon tendon1="g"/></equality>""")  # fmt: skip
SPATIAL = tied(ARMS, """<tendon>
 <spatial name="s" stiffness="40" damping="3"><site site="sw"/><site site="sa"/><site site="sb"/></spatial>
 <spatial name="p" range=".2 .5" frictionloss="1.2" solreffriction=".04 1" solimpfriction=".7 .9" springlength=".3 .5"
 stiffness="25"><site site="sw"/><site site="sd"/><pulley divisor="2"/><site site="sd"/><site site="sb"/><site site="sc"/>
 <pulley divisor="4"/><site site="sa"/><site site="sc"/></spatial></tendon>
 <equality><tendon tendon1="s" tendon2="p" polycoef="0 .6 .1"/></equality>""")  # fmt: skip

POSTS = """<body name="a" pos="0 0 .5"><freejoint/><geom name="ball" size=".15" density="300"/>
 <site name="ia" pos=".02 .03 .01"/><site name="oa" pos=".3 0 .1"/></body>
 <body name="b" pos=".5 .1 .6"><joint type="ball"/><geom name="drum" type="cylinder" size=".12 .3" euler="80 0 20"/>
 <site name="ib" pos=".01 .05 .02"/><site name="ob" pos=".1 .3 0"/></body>
 <body name="c" pos="-.4 0 .5"><joint type="slide" axis="0 0 1"/><joint type="hinge" axis="1 0 0"/>
 <geom type="box" size=".05 .05 .05" pos="0 .1 0"/>
 <site name="sc" pos="0 .05 0"/></body><site name="s0" pos="-.3 .02 .45"/><site name="s1" pos=".9 .05 .62"/>
 <site name="s2" pos=".25 -.1 .9"/>"""
WRAPS = tied(POSTS, """<tendon>
 <spatial name="ball" stiffness="9"><site site="sc"/><geom geom="ball"/><site site="s1"/></spatial>
 <spatial name="ball_side"><site site="sc"/><geom geom="ball" sidesite="oa"/><site site="s1"/></spatial>
 <spatial name="ball_inside" damping="2"><site site="s0"/><geom geom="ball" sidesite="ia"/><site site="s2"/></spatial>
 <spatial name="drum"><site site="s0"/><geom geom="drum"/><site site="s1"/></spatial>
 <spatial name="drum_side" stiffness="7"><site site="sc"/><geom geom="drum" sidesite="ob"/><site site="s1"/></spatial>
 <spatial name="drum_inside"><site site="s2"/><geom geom="drum" sidesite="ib"/><site site="s1"/></spatial>
 <spatial name="both" range=".1 1"><site site="sc"/><geom geom="ball"/><site site="s2"/><geom geom="drum" sidesite="ob"/>
 <site site="s1"/><pulley divisor="3"/><site site="s0"/><geom geom="drum"/><site site="s1"/></spatial>
 </tendon>""")  # fmt: skip
MIXED = tied(
    """<geom name="floor" type="plane" size="5 5 1" contype="1" conaffinity="1"/>
 <body name="x" pos="0 0 .19"><freejoint/><geom name="x" size=".2" contype="1" conaffinity="1" friction=".7 .01 .001"/>
 <site name="x" pos=".1 0 .1"/></body>
 <body name="y" pos=".6 0 .18"><freejoint/><geom name="y" size=".2" contype="1" conaffinity="1"/><site name="y"/>
 <body name="z" pos="0 0 .4"><joint name="z" axis="0 1 0" range="-5 5" frictionloss=".3"/>
 <geom type="capsule" size=".05 .2"/><site name="z" pos="0 0 .3"/></body></body>""",
    """<tendon><spatial name="t" range="0 .55" frictionloss=".5" stiffness="30"><site site="x"/><site site="y"/><site site="z"/>
 </spatial></tendon><equality><connect body1="x" body2="z" anchor=".3 0 .2"/></equality>""",
)
MODELS = {
    "mixed": MIXED,
    "connect": CONNECT,
    "weld": WELD,
    "joint": JOINT,
    "fixed": FIXED,
    "spatial": SPATIAL,
    "wraps": WRAPS,
}
INSIDE = ("wraps",)
