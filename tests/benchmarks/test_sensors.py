"""`worldsmith bench sensors`: a row for the step and one for every kind of sensor."""

from benchmarks.sensors.bench import SENSORS
from datagen.cli.bench import run_case
from engine.scene.sensing import KINDS


def test_every_kind_has_a_row():
    rows = run_case("sensors", True, "cpu")
    assert [row["case"] for row in rows] == ["step", *SENSORS]
    left = set(KINDS) - {kind for kind, _ in SENSORS.values()}
    assert left == {"contact_force", "joint_velocity", "joint_force", "twist"}  # the same work as a kind that is measured
    assert all(row["measured"] > -500.0 and row["unit"] == "us" for row in rows)
