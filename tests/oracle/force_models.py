"""MJCF texts of our own for every transmission, kind of actuator and kind of drag."""

HEAD = '<mujoco><compiler autolimits="true"/><option timestep="0.004" {option}><flag contact="disable"/></option>'


def model(body: str, rest: str = "", option: str = "") -> str:
    """A whole model around the content of `worldbody`."""
    return f"{HEAD.format(option=option)}<worldbody>{body}</worldbody>{rest}</mujoco>"


TREE = """
 <site name="base" pos=".1 0 .2" euler="10 20 30"/>
 <body name="root" pos="0 0 1"><freejoint name="free"/><geom type="box" size=".2 .1 .15" pos=".02 .01 0"/>
  <site name="nose" pos=".2 0 .05" euler="20 0 40"/>
  <body name="arm" pos=".2 0 0"><joint name="h" type="hinge" axis="0 1 0" damping=".2" range="-60 80"/>
   <geom type="capsule" fromto="0 0 0 .3 0 0" size=".04"/>
   <body name="fore" pos=".3 0 0"><joint name="b" type="ball" damping=".05" pos="0 0 .02"/>
    <geom type="capsule" fromto="0 0 0 .2 .05 0" size=".03"/>
    <body name="rod" pos=".2 .05 0"><joint name="s" type="slide" axis="1 .2 0" stiffness="20" springref=".05"/>
     <geom type="cylinder" size=".03 .08"/><site name="hand" pos=".05 0 .02" euler="0 50 10"/></body></body></body>
  <body name="leg" pos="-.2 0 -.1"><joint name="k" type="hinge" axis="1 0 0" springdamper=".1 .7" actuatorfrcrange="-1.5 2"/>
   <geom type="capsule" fromto="0 0 0 0 0 -.3" size=".04"/><site name="foot" pos="0 .02 -.3"/></body></body>"""

TENDONS = """<tendon><fixed name="fix"><joint joint="h" coef=".7"/><joint joint="k" coef="-.4"/></fixed>
 <spatial name="span" damping=".6" stiffness="5"><site site="base"/><site site="nose"/><site site="hand"/></spatial></tendon>"""

TRANSMISSIONS = model(
    TREE,
    TENDONS
    + """<actuator><motor joint="h" gear="2" ctrlrange="-.3 .3"/><motor joint="free" gear="1 .2 0 .3 .1 .5"/>
 <motor jointinparent="free" gear="0 .2 1 .1 .4 0"/><position joint="b" kp="3" kv=".2" gear=".2 .5 .1"/>
 <motor jointinparent="b" gear=".4 .1 .3"/><velocity tendon="fix" kv=".8" gear="1.5"/>
 <position tendon="span" kp="6" kv=".7" forcerange="-1 1"/><motor site="hand" gear=".5 0 .2 0 .1 .3"/>
 <position site="hand" refsite="nose" kp="4" kv=".3" gear="0 1 .5 0 0 0"/>
 <position site="foot" refsite="base" kp="2" kv=".1" gear="0 0 0 0 1 .4"/>
 <motor joint="k" gear="3" damping=".1" armature=".02"/>
 <position joint="k" kp="9" dampratio=".8"/><position tendon="fix" kp="3" dampratio="1.1"/></actuator>""",
)

DYNAMICS = model(
    TREE,
    TENDONS
    + """<actuator><general joint="h" dyntype="integrator" gainprm="2" actrange="-.4 .6"/>
 <general joint="s" dyntype="filter" dynprm=".05" gaintype="affine" gainprm="3 1 -.5" biastype="affine" biasprm=".1 -2 -1"/>
 <position joint="k" kp="4" kv=".2" timeconst=".03"/><intvelocity joint="h" kp="6" kv=".3" actrange="-1 1"/>
 <damper joint="s" kv="3" ctrlrange="0 2"/><cylinder tendon="span" timeconst=".2" area=".5" bias=".2 -1 0"/>
 <general tendon="fix" dyntype="filterexact" dynprm=".02" gainprm="2" actearly="true"/>
 <muscle tendon="span" lengthrange=".9 1.6" timeconst=".02 .05" tausmooth=".2" force="8"/>
 <muscle joint="h" lengthrange="-1 1.3" scale="3" ctrlrange="0 1"/></actuator>""",
)

ELLIPSOID = 'fluidshape="ellipsoid" fluidcoef=".6 .3 1.2 .9 .8"'
BOX_DRAG = model(TREE, option='density="900" viscosity=".3" wind=".5 -.2 .1"')
ELLIPSOID_DRAG = model(
    TREE.replace('size=".04"', f'size=".04" {ELLIPSOID}').replace('size=".03 .08"', f'size=".03 .08" {ELLIPSOID}'),
    option='density="90" viscosity=".3" wind=".5 -.2 .1"',
)
SPINNING = model(
    '<body><freejoint/><geom type="box" size=".3 .2 .05" pos=".1 .05 0"/><body pos="0 0 .2"><geom size=".1"/></body></body>'
    '<body pos="1 0 0"><joint type="ball"/><geom type="box" size=".3 .2 .1"/></body>'
)
SPRINGS = model(
    """<body><joint type="free" stiffness="3" damping=".2"/><geom type="box" size=".2 .1 .1"/></body>
 <body pos="1 0 0" euler="10 20 30"><joint type="ball" stiffness="2" springdamper=".3 .5"/><geom type="capsule" size=".1 .2"/>
 <body pos="0 0 .5" gravcomp=".7"><joint name="r" type="hinge" axis="0 1 0" ref="30" springref="50" stiffness="4" pos=".1 0 0"/>
 <joint type="slide" axis="1 0 .3" ref=".2" springref="-.1" stiffness="30"/>
 <joint type="hinge" axis="1 0 0" ref="-20" pos="0 .1 0"/>
 <geom type="capsule" size=".05 .2" pos=".1 .1 0"/></body></body>"""
)
