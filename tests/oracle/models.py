"""MJCF texts of our own that between them use every feature of the rigid solver."""

OPTION = '<option timestep="0.005" cone="elliptic" integrator="{integrator}" tolerance="{tolerance}"/>'


def mjcf(body: str, integrator: str = "Euler", tolerance: float = 1e-8, rest: str = "") -> str:
    """A whole model around the content of `worldbody`."""
    return f"<mujoco>{OPTION.format(integrator=integrator, tolerance=tolerance)}<worldbody>{body}</worldbody>{rest}</mujoco>"


FLOOR = '<geom name="floor" type="plane" size="5 5 1"/>'


def _leg(side: str, y: float) -> str:
    return f"""<body name="thigh_{side}" pos="0 {y} -.12"><joint type="hinge" axis="1 0 0" range="-30 30"/>
 <joint type="hinge" axis="0 1 0" range="-110 20" pos=".01 0 0"/><joint type="hinge" axis="0 0 1" range="-45 45"/>
 <geom type="capsule" fromto="0 0 0 0 0 -.34" size=".06"/>
 <body name="shin_{side}" pos="0 0 -.4"><joint type="hinge" axis="0 1 0" range="2 150"/>
 <geom type="capsule" fromto="0 0 0 0 0 -.3" size=".05"/>
 <body name="foot_{side}" pos="0 0 -.39"><joint type="hinge" axis="0 1 0" range="-50 50"/>
 <joint type="hinge" axis="1 0 0" range="-50 50"/>
 <geom type="capsule" fromto="-.07 -.03 0 .14 -.03 0" size=".027"/>
 <geom type="capsule" fromto="-.07 .03 0 .14 .03 0" size=".027"/>
 </body></body></body>"""


def _arm(side: str, y: float) -> str:
    return f"""<body name="upper_{side}" pos="0 {y} .1"><joint type="hinge" axis="0 1 0" range="-85 60"/>
 <joint type="hinge" axis="1 0 0" range="-85 60"/><geom type="capsule" fromto="0 0 0 .16 {y} -.16" size=".04"/>
 <body name="lower_{side}" pos=".18 {y} -.18"><joint type="hinge" axis="0 -1 1" range="-90 50"/>
 <geom type="capsule" fromto="0 0 0 .16 0 .16" size=".031"/>
 <body name="hand_{side}" pos=".18 0 .18"><geom type="sphere" size=".04"/></body></body></body>"""


HUMANOID = mjcf(
    FLOOR
    + f"""<body name="torso" pos="0 0 1.28"><freejoint/><geom type="capsule" fromto="0 -.07 0 0 .07 0" size=".07"/>
 <body name="head" pos="0 0 .19"><geom type="sphere" size=".09"/></body>{_arm("r", -0.17)}{_arm("l", 0.17)}
 <body name="waist" pos="0 0 -.26"><joint type="hinge" axis="0 0 1" range="-45 45"/>
 <joint type="hinge" axis="0 1 0" range="-75 30"/>
 <geom type="capsule" fromto="0 -.06 0 0 .06 0" size=".06"/>
 <body name="pelvis" pos="0 0 -.16"><joint type="hinge" axis="1 0 0" range="-35 35"/>
 <geom type="capsule" fromto="0 -.07 0 0 .07 0" size=".09"/>
 {_leg("r", -0.1)}{_leg("l", 0.1)}</body></body></body>""",
    rest='<default><joint damping="1" stiffness="2" armature=".01"/><geom condim="3" friction=".8"/></default>',
)

PENDULUM = mjcf('<body><joint type="hinge" axis="0 1 0"/><geom type="capsule" size=".05 .4" pos="0 0 .4"/></body>')
DOUBLE_PENDULUM = mjcf(
    """<body><joint type="hinge" axis="0 1 0" damping=".1"/><geom type="capsule" size=".05 .4" pos="0 0 .4"/>
 <body pos="0 0 .8"><joint type="hinge" axis=".6 0 .8" pos=".02 0 .1" stiffness="3" springref=".3" armature=".02" range="-10 10"
 limited="true" margin=".05"/><geom type="capsule" size=".05 .4" pos=".1 0 .4"/></body></body>"""
)
CARTPOLE = mjcf(
    """<body><joint name="s" type="slide" axis="1 0 0" range="-.1 .1" limited="true" frictionloss="1.3"/><geom size=".2"/>
 <body><joint name="h" type="hinge" axis="0 1 0" damping=".2" frictionloss=".02"/>
 <geom type="capsule" size=".05 .4" pos="0 0 .4"/></body></body>""",
    rest="""<actuator><motor joint="s" gear="3" ctrllimited="true" ctrlrange="-.5 .5"/>
 <position joint="h" kp="5" kv=".7" forcelimited="true" forcerange="-1 1"/><velocity joint="h" kv="2"/>
 <general joint="s" gear="2" gainprm="1 2 3" biastype="affine" biasprm=".1 -2 -3" gaintype="affine"/></actuator>""",
)
BALL_JOINTS = mjcf(
    """<body gravcomp=".5"><joint type="ball" range="0 6" limited="true" stiffness="2" damping=".1" pos="0 0 .1"/>
 <geom type="capsule" size=".05 .4" pos="0 0 .4"/><body pos="0 0 .8"><joint type="ball" frictionloss=".05"/>
 <geom type="capsule" size=".05 .4" pos="0.1 0 .4"/></body></body>"""
)
FREE_TREE = mjcf(
    FLOOR
    + """<body pos="0 0 .4"><freejoint/><geom type="box" size=".1 .2 .3" pos=".05 0 .02"/>
 <body pos="0.1 0.2 .3"><joint type="hinge" axis="0 1 0" pos=".1 0 0" damping=".3" stiffness="2" armature=".01"/>
 <joint type="slide" axis="0 .6 .8" damping=".3" range="-.1 .1" limited="true"/><geom type="capsule" size=".05 .2"/>
 <body pos="0 0 .3" euler="20 30 40"><joint type="ball" damping=".1" stiffness=".4"/>
 <geom type="sphere" size=".1" pos=".1 0 .1"/>
 </body></body></body>"""
)


def boxes(condim: int) -> str:
    """Two free boxes, one with a contact spring given by time constant, one by stiffness."""
    return mjcf(
        FLOOR
        + f"""<body pos="0 0 .1"><freejoint/><geom type="box" size=".1 .1 .1" condim="{condim}" friction=".6 .02 .003"/></body>
 <body pos="0.03 0 .28"><freejoint/>
 <geom type="box" size=".1 .12 .1" condim="{condim}" solref="-800 -20" solimp=".8 .95 .01 .3 3"/></body>"""
    )
