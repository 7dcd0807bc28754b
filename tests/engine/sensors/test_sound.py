"""Contact sound: pitch, decay, silence, sync, files, determinism."""

import wave

import numpy as np
import pytest

import engine
from engine.sensors.modes import MATERIALS, bending, modes_of
from engine.sensors.sound import Microphone
from engine.types import ShapeType
from tests.engine.sensors.soft import Press

RATE = 24_000


def dropped(shape, height: float, material: str = "steel", **more) -> tuple[engine.Simulation, Microphone]:
    """A body of one shape above the ground, with somebody who listens."""
    scene = engine.Scene()
    scene.add_plane()
    scene.add_body("thing", shape, density=MATERIALS[material].density, position=(0, 0, height), restitution=0.3, **more)
    sim = engine.Simulation(scene, 2)
    return sim, Microphone(sim, materials={"thing": material}, sample_rate=RATE)


def peak(track: np.ndarray) -> float:
    """Frequency [Hz] of the strongest line."""
    spectrum = np.abs(np.fft.rfft(track * np.hanning(len(track))))
    return float(np.fft.rfftfreq(len(track), 1 / RATE)[spectrum[5:].argmax() + 5])


def test_frequencies_of_beams_are_those_of_the_handbook():
    """A steel bar of 1 m x 10 mm: 22.4 / (2 pi L^2) sqrt(E I / (rho A)) = 51.9 Hz; balls ring as 1 / radius."""
    steel = MATERIALS["steel"]
    expected = 22.3733 / (2 * np.pi) * np.sqrt(steel.young / steel.density) * 0.01 / np.sqrt(12)
    assert abs(bending(1.0, 0.01 / np.sqrt(12), steel)[0] / expected - 1) < 2e-3 and abs(expected - 51.9) < 0.3
    small, large = (modes_of(ShapeType.SPHERE, np.full(3, r), steel).frequency for r in (0.01, 0.02))
    np.testing.assert_allclose(small, 2 * large, rtol=1e-6)


def test_pitch_follows_size_and_material(cpu):
    """The strongest line is a mode of the bar; a bar twice as large sounds an octave lower; wood is not steel."""
    heard = {}
    for name, scale, material in (("small", 1.0, "steel"), ("large", 2.0, "steel"), ("wood", 1.0, "wood")):
        size = tuple(scale * x for x in (0.2, 0.03, 0.012))
        sim, ear = dropped(engine.Box(size=size), 0.1, material, rotation=(0.98, 0.0, 0.2, 0.0))
        sim.step(250)
        heard[name] = peak(ear.track()[0, :, 0])
        modes = modes_of(ShapeType.BOX, np.array(size) / 2, MATERIALS[material]).frequency
        assert np.abs(modes / heard[name] - 1).min() < 0.01
    assert abs(heard["small"] / heard["large"] - 2) < 0.05
    assert heard["wood"] != heard["small"]


def test_energy_decays_and_rest_is_silent(cpu):
    """After the last bounce every tenth of a second is quieter; a body that lies still makes no sound."""
    sim, ear = dropped(engine.Box(size=(0.1, 0.1, 0.04)), 0.1, "wood")
    sim.step(1000)
    track = ear.track()[0, :, 0]
    energy = (track[: len(track) // 2400 * 2400].reshape(-1, 2400) ** 2).sum(1)
    last = int(energy.argmax())
    quiet = int(np.flatnonzero(energy > 1e-4 * energy.max()).max())
    assert energy.max() > 0 and last < 10 and quiet < 14
    assert (np.diff(energy[quiet:]) <= 0).all() and energy[-1] < 1e-6 * energy.max()


def test_there_is_no_sound_without_contact(cpu):
    sim, ear = dropped(engine.Sphere(0.05), 5.0)
    sim.step(200)
    assert ear.track().shape == (2, round(200 * sim.timestep * RATE), 1) and not ear.track().any()


def test_the_first_sample_is_the_first_of_the_impact(cpu):
    """Silence until the substep in which the contact first pushes, sound from its first sample on (one of slack)."""
    sim, ear = dropped(engine.Sphere(0.03), 0.1)
    first = None
    for k in range(200):
        sim.step(1)
        if first is None and (np.abs(sim.contacts(0).force).sum() > 0):
            first = k
    onset = int(np.flatnonzero(ear.track()[0, :, 0])[0])
    assert first is not None and abs(onset - np.ceil(first * sim.timestep * RATE)) <= 1


class Blow(Press):
    """Presses from substep 100 on, ten times as hard in the first four."""

    def advance(self, bodies, duration):
        self.turn = getattr(self, "turn", -1) + 1
        return super().advance(bodies, duration) * (0.0 if self.turn < 100 else 10.0 if self.turn < 104 else 1.0)


def test_what_matter_strikes_rings(cpu, monkeypatch):
    """Silence, then the modes of the plate from the blow on, in proportion to it; a steady load is silent."""
    from engine.couplers import build

    monkeypatch.setattr(build, "MAKERS", (lambda scenes, compiled, runtime, num_envs: [Blow(num_envs)],))
    scene = engine.Scene()
    scene.add_body("pad", engine.Box(size=(0.2, 0.2, 0.1)), fixed=True)
    scene.add_body("plate", engine.Box(size=(0.2, 0.03, 0.012)), fixed=True)
    sim = engine.Simulation(scene, 2)
    ear, deaf = (Microphone(sim, materials=m, sample_rate=RATE) for m in ({"plate": "steel"}, {"pad": "steel"}))
    sim.step(400)
    track, start = ear.track()[:, :, 0], int(100 * sim.timestep * RATE)
    assert not track[:, :start].any() and np.flatnonzero(track[0])[0] <= start + 1 and not deaf.track().any()
    np.testing.assert_allclose(track[1], 2 * track[0], rtol=1e-4, atol=1e-6 * np.abs(track).max())
    rms = [np.sqrt((track[0, k : k + 2400] ** 2).mean()) for k in range(start, start + 12_000, 2400)]
    assert all(b < 0.8 * a for a, b in zip(rms, rms[1:], strict=False))
    modes = modes_of(ShapeType.BOX, np.array([0.1, 0.015, 0.006]), MATERIALS["steel"]).frequency
    assert np.abs(modes / peak(track[0, start + 480 :]) - 1).min() < 0.01


def test_distance_and_the_speed_of_sound(cpu):
    """Two microphones: the far one hears later and quieter by the ratio of the distances."""
    sim, _ = dropped(engine.Sphere(0.03), 0.1)
    ear = Microphone(sim, positions=[(1.0, 0, 0), (3.0, 0, 0)], materials={"thing": "steel"}, sample_rate=RATE)
    sim.step(150)
    near, far = ear.track()[0].T
    late = np.flatnonzero(far)[0] - np.flatnonzero(near)[0]
    assert abs(late - 2.0 / 343.0 * RATE) <= 1
    np.testing.assert_allclose(np.abs(far).max() / np.abs(near).max(), 1 / 3, rtol=0.05)


def test_sliding_hisses_and_a_still_body_does_not(cpu):
    scene = engine.Scene()
    scene.add_plane(friction=0.3)
    for name, y, v in (("sled", 0.0, 3.0), ("rock", 2.0, 0.0)):
        scene.add_body(
            name, engine.Box(size=(0.2, 0.2, 0.1)), mass=2.0, position=(0, y, 0.05), velocity=(v, 0, 0), friction=0.3
        )
    sim = engine.Simulation(scene, 2)
    ears = {name: Microphone(sim, materials={name: "wood"}, sample_rate=RATE) for name in ("sled", "rock")}
    both = ears["sled"]
    sim.step(200)
    loud = both.track()[0, RATE // 10 : RATE // 5, 0]
    sim.step(600)
    quiet = both.track()[0, -RATE // 10 :, 0]
    assert np.abs(loud).max() > 0 and np.abs(quiet).max() < 0.01 * np.abs(loud).max()


def test_sound_of_a_batch_is_the_sound_alone_and_comes_again(cpu):
    tracks = []
    for _ in range(2):
        sim, ear = dropped(engine.Box(size=(0.1, 0.05, 0.03)), 0.08, rotation=(0.9, 0.3, 0.1, 0))
        sim.step(150)
        tracks.append(ear.track())
    np.testing.assert_array_equal(*tracks)
    np.testing.assert_allclose(tracks[0][0], tracks[0][1], rtol=1e-3, atol=1e-4 * np.abs(tracks[0]).max())


def test_wav_and_film_hold_the_track(cpu, tmp_path):
    import av

    sim, ear = dropped(engine.Sphere(0.03), 0.05)
    sim.step(250)
    track = ear.track()[0]
    engine.write_wav(tmp_path / "a.wav", track, RATE, full_scale=float(np.abs(track).max()))
    with wave.open(str(tmp_path / "a.wav")) as file:
        assert (file.getframerate(), file.getnframes(), file.getnchannels()) == (RATE, len(track), 1)
        stored = np.frombuffer(file.readframes(len(track)), np.int16)
    assert np.abs(stored).max() == 32767 and np.flatnonzero(stored)[0] >= np.flatnonzero(track)[0]
    frames = np.zeros((15, 32, 48, 3), np.uint8)
    engine.write_film(tmp_path / "a.mp4", frames, 30, track, RATE, full_scale=float(np.abs(track).max()))
    with av.open(str(tmp_path / "a.mp4")) as film:
        assert [s.type for s in film.streams] == ["video", "audio"]
        sound = np.concatenate([f.to_ndarray().reshape(-1) for f in film.decode(audio=0)])
    with av.open(str(tmp_path / "a.mp4")) as film:
        assert sum(1 for _ in film.decode(video=0)) == 15
    loud = np.flatnonzero(np.abs(sound) > 0.3 * np.abs(sound).max())[0]
    true = np.flatnonzero(np.abs(track[:, 0]) > 0.3 * np.abs(track).max())[0]
    assert abs(int(loud) - int(true)) < 0.002 * RATE + 1024


def test_a_wrong_microphone_is_refused(cpu):
    sim, _ = dropped(engine.Sphere(0.03), 0.05)
    with pytest.raises(engine.StateError, match="did you mean 'steel'"):
        Microphone(sim, materials={"thing": "steal"})
    with pytest.raises(engine.StateError, match="did you mean 'thing'"):
        Microphone(sim, materials={"thign": "steel"})
