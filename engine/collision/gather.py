"""Tables of shared geometry read at a place that differs per lane: the only scattered loads of the collision stage.

Lanes cannot be cast to integers and shared geometry is scalar, so that each lane is read by itself. Indices are whole numbers
in the real type (exact below 2^24, which the host checks).
"""

from engine.compiler import ti
from engine.math.lanes import is_lanes, like


@ti.func
def gather(md: ti.template(), base, index):
    """md[base + index] of every lane; `index` is a whole number in the real type, `base` an integer."""
    value = like(index, 0.0)
    if ti.static(is_lanes(index)):
        for l in range(index.get_shape()[0]):
            value[l] = md[base + ti.cast(index[l], ti.i32)]
    else:
        value = md[base + ti.cast(index, ti.i32)]
    return value


@ti.func
def most(x):
    """The largest of all lanes as a uniform integer."""
    top = 0
    if ti.static(is_lanes(x)):
        for l in range(x.get_shape()[0]):
            top = ti.max(top, ti.cast(x[l], ti.i32))
    else:
        top = ti.cast(x, ti.i32)
    return top
