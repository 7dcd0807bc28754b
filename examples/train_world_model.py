"""Train a small latent world model on counterfactual pushes, on one CPU core, and score it with `worldsmith evaluate`.

Every ball has a latent of 32 numbers; messages between pairs, a push and the latent itself move it on, frame by frame, and give
the velocity of the ball. The model sees frames 0 .. 2 and the push, and tells the other 21. Needs the extra `train` (torch).

Run:  python examples/train_world_model.py
Success criteria: on 60 unseen groups the position error is under half of that of constant velocity, the effect error of an
intervention is under 0.5 (no effect told is 1), and flips of contacts are told better than chance (interval over 0.5).
"""

import argparse
import json
import tempfile
import time
from pathlib import Path

import numpy as np

import datagen
from datagen.evaluation import evaluate, write_prediction

try:
    import torch
    from torch import nn
except ImportError as error:
    raise SystemExit('this example needs torch: pip install "worldsmith[train]"') from error

SPEC = Path(__file__).resolve().parent / "pushed_balls.yaml"
START = 2  # the push begins at this frame
FORCE = 20.0  # N: unit of the push in the model
WIDTH, LATENT = 96, 32


def read_motion(folder):
    """(position, velocity, spin) each (E, T, 3, 3), and force on every ball (E, T, 3, 3), float32."""
    data = datagen.Dataset(folder)
    state, force = [], []
    for index in range(len(data)):
        frames = data.frames(index)
        length = len(frames["timestamp"])
        state.append(frames["observation.state"].reshape(length, 3, 13))
        pushes = np.zeros((length, 3, 3), np.float32)
        active = frames["action"][:, 0] > 0
        pushes[active, 0] = frames["action"][active, 2:5]
        force.append(pushes)
    both = np.stack(state)
    return [
        torch.from_numpy(np.ascontiguousarray(part))
        for part in (both[..., :3], both[..., 7:10], both[..., 10:], np.stack(force))
    ]


def mlp(inputs, outputs):
    """Two hidden layers."""
    return nn.Sequential(nn.Linear(inputs, WIDTH), nn.SiLU(), nn.Linear(WIDTH, WIDTH), nn.SiLU(), nn.Linear(WIDTH, outputs))


class World(nn.Module):
    """position, velocity, spin (N, 3, 3) and forces (N, H, 3, 3) -> positions and velocities (N, H, 3, 3), latents (N, 96)."""

    def __init__(self, fps):
        super().__init__()
        self.fps = fps
        self.encode, self.message = mlp(6, LATENT), mlp(2 * LATENT + 3, LATENT)
        self.move, self.decode = mlp(2 * LATENT + 3, LATENT), nn.Linear(LATENT, 3)

    def forward(self, position, velocity, spin, forces):
        """Roll out the frames after the given one."""
        z = self.encode(torch.cat([velocity, 0.05 * spin], -1))
        first, positions, speeds = z.flatten(1), [], []
        for step in range(forces.shape[1]):
            apart = (position[:, None] - position[:, :, None]) * 10.0
            pairs = [z[:, :, None].expand(-1, -1, 3, -1), z[:, None].expand(-1, 3, -1, -1), apart]
            told = self.message(torch.cat(pairs, -1)) * (1.0 - torch.eye(3))[None, :, :, None]
            z = z + self.move(torch.cat([z, told.sum(2), forces[:, step] / FORCE], -1))
            speed = self.decode(z)
            position = position + speed / self.fps
            positions.append(position)
            speeds.append(speed)
        return torch.stack(positions, 1), torch.stack(speeds, 1), first


def train(world, motion, seconds, generator, curve):
    """Fit by rollouts from frame START, mirrored at random in y, until `seconds` of processor time are used up."""
    position, velocity, spin, force = motion
    optimizer = torch.optim.Adam(world.parameters(), 2e-3)
    begin, step = time.process_time(), 0
    while (used := time.process_time() - begin) < seconds:
        for group in optimizer.param_groups:
            group["lr"] = 2e-3 * max(0.02, 0.5 + 0.5 * np.cos(np.pi * used / seconds))
        chosen = torch.randint(len(position), (128,), generator=generator)
        mirror = torch.ones(128, 1, 1, 3)
        mirror[:, ..., 1] -= 2.0 * torch.randint(2, (128, 1, 1), generator=generator)
        p, v, f = position[chosen] * mirror, velocity[chosen] * mirror, force[chosen] * mirror
        w = spin[chosen] * mirror * mirror[..., 1:2]  # an axial vector
        told, _, _ = world(p[:, START], v[:, START], w[:, START], f[:, START:-1])
        loss = ((told - p[:, START + 1 :]) ** 2).sum(-1).mean()
        optimizer.zero_grad()
        (loss * 100.0).backward()
        nn.utils.clip_grad_norm_(world.parameters(), 1.0)
        optimizer.step()
        if step % 50 == 0:
            curve.append((step, round(used, 1), float(loss.detach().sqrt())))
            print(f"step {step:5d}  {used:6.1f} s  rms error {curve[-1][2] * 1000:.1f} mm", flush=True)
        step += 1


@torch.no_grad()
def predict(world, motion, folder):
    """Write a prediction file for every episode."""
    position, velocity, spin, force = motion
    told, speed, latent = world(position[:, START], velocity[:, START], spin[:, START], force[:, START:-1])
    for index in range(len(position)):
        write_prediction(
            folder,
            index,
            start=START,
            position=told[index].numpy(),
            velocity=speed[index].numpy(),
            latent=latent[index].numpy(),
        )


def main():
    """Generate, train, predict, score."""
    options = argparse.ArgumentParser()
    options.add_argument("--out", type=Path, help="folder of datasets, predictions, curve and scores; default: a temporary one")
    options.add_argument("--groups", type=int, default=400)
    options.add_argument("--seconds", type=float, default=100.0, help="of processor time for training")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        out = chosen.out or Path(temporary)
        for name, groups, seed in (("train", chosen.groups, 1), ("test", 60, 2)):
            if not (out / name).is_dir():
                datagen.generate(SPEC, groups, seed, out / name, workers=1)
        torch.manual_seed(0)
        torch.set_num_threads(1)
        world, curve = World(datagen.Dataset(out / "train").schema.fps), []
        train(world, read_motion(out / "train"), chosen.seconds, torch.Generator().manual_seed(0), curve)
        predict(world, read_motion(out / "test"), out / "predictions")
        scores = evaluate(out / "test", out / "predictions")
        if chosen.out:
            (out / "curve.json").write_text(json.dumps(curve))
            (out / "scores.json").write_text(json.dumps(scores, indent=2))
    rows = scores["measures"]
    for name in ("position_error", "effect_error", "flip_accuracy", "contact_auroc", "retrieval"):
        print(name, {column: rows[name][column]["value"] for column in ("model", "constant_velocity", "noisy_oracle")})
    assert rows["position_error"]["model"]["value"] < 0.5 * rows["position_error"]["constant_velocity"]["value"]
    assert rows["effect_error"]["model"]["value"] < 0.5
    assert rows["flip_accuracy"]["model"]["low"] > 0.5


if __name__ == "__main__":
    main()
