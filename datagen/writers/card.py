"""The dataset card: `README.md` at the root of a sealed dataset, for people and for the hub of Hugging Face.

Decides what a stranger is told: what was simulated, how much, how to make it again, the columns with unit and frame, the
streams, the sidecars, plain statistics, what failed, and what the licence is (whoever publishes chooses it). Every line comes
from the schema, the plan and the counts, so that the same run writes the same bytes. Reference: Mitchell et al., Model cards
(2019); Gebru et al., Datasheets for datasets (2021).
"""

from collections import Counter
from collections.abc import Mapping

from . import layout
from .root import RootTables
from .tables import stored_tables

CARD = "README.md"
MOST_TASKS = 10  # instructions that are listed one by one
HEAD = """---
tags: [worldsmith, LeRobot, robotics, world-model, synthetic]
configs:
- config_name: default
  data_files: data/*/*.parquet
---
"""


def card(root: RootTables, seed: int, versions: Mapping[str, str]) -> str:
    """Text of the card of a sealed dataset."""
    schema = root.schema
    name = str(schema.extra.get("name", "dataset"))
    parts = [HEAD, f"# {name}", _summary(root), "## Instructions", _tasks(root.tasks)]
    parts += ["## Made again", _recipe(root, name, seed, versions), "## Columns", _columns(root)]
    if schema.cameras or schema.dense:
        parts += ["## Pictures", _pictures(root)]
    parts += ["## Beside the frames", _sidecars(root), "## Statistics", _statistics(root), "## Known limits", _limits(root)]
    return "\n\n".join(part.rstrip() for part in parts) + "\n"


def _summary(root: RootTables) -> str:
    seconds = root.num_frames / root.schema.fps
    return (
        f"{root.num_episodes} simulated episodes, {root.num_frames} frames at {root.schema.fps} per second ({seconds:.1f} s), "
        "in the format LeRobotDataset v3.0 with exact sidecars. Everything is simulated by worldsmith, without recordings of "
        "people or places.\n\nLicence: none is set here. Whoever publishes the data chooses one; the scenes and assets that "
        "come with worldsmith are under Apache-2.0."
    )


def _tasks(tasks: list[str]) -> str:
    lines = [f"- {' '.join(task.split())}" for task in tasks[:MOST_TASKS]]
    if len(tasks) > MOST_TASKS:
        lines.append(f"- and {len(tasks) - MOST_TASKS} more, in `{layout.TASKS}`")
    return "\n".join(lines)


def _recipe(root: RootTables, name: str, seed: int, versions: Mapping[str, str]) -> str:
    listed = ", ".join(f"{library} {version}" for library, version in sorted(versions.items()))
    planned = root.num_episodes + len(root.failures)
    return (
        f"The spec is in `{layout.SCHEMA}` (SHA-256 of its canonical form `{root.schema.spec_sha256}`). With it as "
        f"`{name}.yaml`:\n\n```text\nworldsmith generate {name}.yaml --episodes {planned} --seed {seed} --out {name}\n"
        f"worldsmith validate {name}\nworldsmith replay {name} --all\n```\n\nCounterfactual branches count as episodes here, "
        f"groups in the command. Made with {listed}."
    )


def _columns(root: RootTables) -> str:
    rows = ["| column | type | shape | unit | frame |", "|---|---|---|---|---|"]
    for feature in root.schema.features:
        shape = "x".join(map(str, feature.shape)) or "1"
        rows.append(f"| `{feature.name}` | {feature.dtype} | {shape} | {feature.unit} | {feature.frame} |")
    return "\n".join(rows)


def _pictures(root: RootTables) -> str:
    rows = ["| stream | size | stored as |", "|---|---|---|"]
    rows += [f"| `{camera.key}` | {camera.width}x{camera.height} | H.264 video |" for camera in root.schema.cameras]
    for stream in root.schema.dense:
        scale = f", value = {stream.offset:g} + {stream.scale:g} code {stream.unit}".rstrip() if stream.scale != 1.0 else ""
        rows.append(f"| `{stream.name}` | {stream.width}x{stream.height} | {stream.stored_as}, exact{scale} |")
    return "\n".join(rows)


def _sidecars(root: RootTables) -> str:
    tables = [*stored_tables(root.schema), "specs", "provenance"]
    return (
        f"In `extras/`: {', '.join(tables)}; rows of an episode by the pointers in `meta/episodes`. z is up, SI units, "
        "quaternions w x y z. `specs` holds every drawn value of an episode, `provenance` what made it."
    )


def _statistics(root: RootTables) -> str:
    rows = ["| column | least | mean | largest | deviation |", "|---|---|---|---|---|"]
    for name, part in root.stats.items():
        if part.size == 1 and root.schema.feature(name).dtype != "string":
            found = part.result((1,))
            values = [float(found[key][0]) for key in ("min", "mean", "max", "std")]
            rows.append(f"| `{name}` | " + " | ".join(f"{value:.4g}" for value in values) + " |")
    rest = f"Means and quantiles of all columns and pictures are in `{layout.STATS}`."
    return rest if len(rows) == 2 else "\n".join(rows) + f"\n\n{rest}"


def _limits(root: RootTables) -> str:
    lines = ["- Simulated physics and pictures: how well they carry over to a machine is for the user to test."]
    if root.failures:
        reasons = Counter(failure.reason for failure in root.failures).most_common(3)
        told = "; ".join(f"{count} x {' '.join(reason.split())}" for reason, count in reasons)
        lines.append(f"- {len(root.failures)} episodes failed and are not in the data (`{layout.FAILURES}`): {told}.")
    else:
        lines.append("- No episode failed.")
    return "\n".join(lines)
