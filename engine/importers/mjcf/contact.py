"""The <contact> section: body pairs that never touch, and geom pairs with contact values of their own."""

from engine.errors import ImportFileError, near_matches
from engine.importers.mjcf.source import Source, accept, padded, scalar
from engine.importers.xml_tree import Element

SOLREF, SOLIMP = (0.02, 1.0), (0.9, 0.95, 0.001, 0.5, 2.0)
FRICTION = (1.0, 1.0, 0.005, 0.0001, 0.0001)


def read_contact(source: Source, element: Element) -> None:
    """Every <exclude> and <pair>."""
    for child in element.children:
        accept(source, child)
        if child.tag == "exclude":
            source.scene.exclude_contacts(*_two(child, ("body1", "body2"), "body", [b.name for b in source.scene.bodies]))
        elif child.tag == "pair":
            _pair(source, source.resolved(child, None))


def _two(element: Element, keys: tuple[str, str], kind: str, known: list[str]) -> tuple[str, str]:
    """The names of two elements. Raises ImportFileError on unknown ones."""
    first, second = (element.attributes.get(key, "") for key in keys)
    for name in (first, second):
        if name not in known:
            raise ImportFileError(element.where, f"unknown {kind} {name!r}", near_matches(name, known), "correct the name")
    return first, second


def _pair(source: Source, element: Element) -> None:
    """Two geoms that may touch; what the pair leaves out has MuJoCo's fixed defaults."""
    names = _two(element, ("geom1", "geom2"), "geom", [str(s.name) for _, s in source.scene.shapes])
    five = padded(element, "friction", FRICTION)
    if five[0] != five[1] or five[3] != five[4]:
        source.report.lacks("friction of a <pair> that differs between two tangents", element.line)
    source.scene.add_contact_pair(
        *names,
        condim=int(scalar(element, "condim", 3)),
        margin=scalar(element, "margin", 0.0),
        friction=(five[0], five[2], five[3]),
        solref=padded(element, "solref", SOLREF),
        solimp=padded(element, "solimp", SOLIMP),
    )
