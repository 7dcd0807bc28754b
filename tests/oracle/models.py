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
 <body name="shin_{side}" pos="0 0 -.4"><joint type="hinge" axis="0 1 0" range="2 150"/><geom type="capsule" fromto="0 0 0 0 0 -.3" size=".05"/>
 <body name="foot_{side}" pos="0 0 -.39"><joint type="hinge" axis="0 1 0" range="-50 50"/><joint type="hinge" axis="1 0 0" range="-50 50"/>
 <geom type="capsule" fromto="-.07 -.03 0 .14 -.03 0" size=".027"/><geom type="capsule" fromto="-.07 .03 0 .14 .03 0" size=".027"/>
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
 <body name="waist" pos="0 0 -.26"><joint type="hinge" axis="0 0 1" range="-45 45"/><joint type="hinge" axis="0 1 0" range="-75 30"/>
 <geom type="capsule" fromto="0 -.06 0 0 .06 0" size=".06"/>
 <body name="pelvis" pos="0 0 -.16"><joint type="hinge" axis="1 0 0" range="-35 35"/><geom type="capsule" fromto="0 -.07 0 0 .07 0" size=".09"/>
 {_leg("r", -0.1)}{_leg("l", 0.1)}</body></body></body>""",
    rest="<default><joint damping='1' stiffness='2' armature='.01' frictionloss='.1'/><geom condim='3' friction='.8'/></default><actuator>"
    + "".join(f'<motor joint="j{k}" gear="20" ctrllimited="true" ctrlrange="-1 1"/>' for k in range(0))
    + "</actuator>",
)
