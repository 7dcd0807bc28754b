"""The page itself: an overview of the dataset, then some episodes in full.

Decides what is worth looking at: the clip, the exact streams, heights and speeds of the bodies that move most, the action, the
contact forces, the events and the spec with what was drawn. All text of the dataset is escaped; there is no script and no link
to elsewhere.
Limits: at most LINES lines a plot and EVENTS rows of events an episode.
"""

import json
import os
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

from datagen.inspect.pictures import clip_uri, dense_strip, label_colors, png_uri
from datagen.inspect.sensors import sensor_figures
from datagen.inspect.svg import line_plot, timeline
from datagen.writers import Dataset, Episode, OutputError

LINES, EVENTS = 8, 60
STYLE = """ body{font:15px/1.5 system-ui,sans-serif;margin:0
auto;max-width:1340px;padding:1.2em;color:#1b1f24;background:#fbfbfa} h1{font-size:1.5em;margin:.2em
0}h2{font-size:1.2em;border-top:1px solid #d5d5d0;padding-top:.8em;margin-top:1.6em}
table{border-collapse:collapse;font-size:.88em}td,th{padding:.15em .7em;border-bottom:1px solid #e4e4df;text-align:left}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums} figure{margin:.4em
0}figcaption{font-weight:600}small{color:#666;font-weight:400}
.row{display:flex;flex-wrap:wrap;gap:1.2em;align-items:flex-start}.row>*{flex:1 1 420px;min-width:0}.pics>*{flex:0 0 auto}
video,img{image-rendering:pixelated;background:#e1e1e1;border-radius:4px;max-width:100%}
video{width:384px}img{width:min(720px,100%)}
svg{width:100%;background:#fff}.frame{fill:none;stroke:#bbb}.grid{stroke:#eee}.mark{stroke:#d33;stroke-dasharray:2
3;opacity:.5} polyline{fill:none;stroke-width:1.6}.label{font-size:10px;fill:#555}.keys
span{margin-right:1em;font-size:.82em;white-space:nowrap} .keys
i{display:inline-block;width:12px;height:12px;margin-right:4px;vertical-align:-1px;border-radius:2px}
pre{background:#f1f1ee;padding:.7em;overflow:auto;max-height:30em;font-size:.8em}summary{cursor:pointer} """


def write_page(folder: str | Path, out: str | Path, shown: int = 4) -> dict[str, Any]:
    """Write the page of a dataset; returns {page, bytes, episodes, shown, videos}. Errors: DatasetError, OutputError."""
    dataset, target = Dataset(folder), Path(out)
    number = min(max(shown, 0), len(dataset))
    sections = [_episode(dataset, dataset.episode(k)) for k in range(number)]
    page = _document(dataset, "\n".join(sections), number)
    temporary = target.with_name(f".{os.getpid()}.{target.name}")
    try:
        temporary.write_text(page, encoding="utf-8")
        os.replace(temporary, target)
    except OSError as error:
        remedy = "choose another path with --out"
        raise OutputError(str(target), f"cannot be written ({error.strerror or error})", "a writable folder", remedy) from error
    finally:
        temporary.unlink(missing_ok=True)
    videos = number * len(dataset.schema.cameras)
    return {"page": str(target), "bytes": len(page.encode()), "episodes": len(dataset), "shown": number, "videos": videos}


def _document(dataset: Dataset, sections: str, shown: int) -> str:
    name = escape(str(dataset.schema.extra.get("name", dataset.folder.name)))
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{name}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head><body>'
        f"<h1>{name}</h1>{_facts(dataset)}{_table(dataset, shown)}{sections}"
        f"<h2>The spec</h2><pre>{escape(dataset.schema.spec_text)}</pre></body></html>"
    )


def _facts(dataset: Dataset) -> str:
    schema = dataset.schema
    made = dataset.provenance(0) if len(dataset) else {}
    cameras = ", ".join(f"{camera.name} {camera.width} x {camera.height}" for camera in schema.cameras) or "none"
    facts = {
        "episodes": f"{len(dataset)} with {dataset.num_frames} frames at {schema.fps} frames/s",
        "failed": str(len(dataset.failures)),
        "cameras": cameras,
        "exact streams": ", ".join(stream.name for stream in schema.dense) or "none",
        "made by": ", ".join(f"{key} {made[key]}" for key in ("engine", "compiler", "backend", "precision") if key in made),
        "spec": schema.spec_sha256,
        "manifest": dataset.manifest["manifest_sha256"] if dataset.is_sealed else "not sealed",
    }
    rows = "".join(f"<tr><th>{escape(key)}</th><td>{escape(value)}</td></tr>" for key, value in facts.items())
    return f"<table>{rows}</table>"


def _table(dataset: Dataset, shown: int) -> str:
    episodes = list(dataset.episodes())
    names = list(episodes[0].outcome) if episodes else []
    head = "".join(f'<th class="n">{escape(name)}</th>' for name in ("episode", "index", "seed", "frames", *names))
    rows = []
    for episode in episodes:
        link = (
            f'<a href="#e{episode.episode_index}">{episode.episode_index}</a>'
            if episode.episode_index < shown
            else str(episode.episode_index)
        )
        cells = [
            link,
            *(escape(_number(v)) for v in (episode.sim_index, episode.seed, episode.length, *episode.outcome.values())),
        ]
        rows.append("<tr>" + "".join(f'<td class="n">{cell}</td>' for cell in cells) + f"<td>{escape(episode.task)}</td></tr>")
    failed = "".join(f"<p>Episode {f['index']} failed: {escape(str(f['reason']))}</p>" for f in dataset.failures[:20])
    return f"<h2>Episodes</h2><table><tr>{head}<th>task</th></tr>{''.join(rows)}</table>{failed}"


def _number(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _episode(dataset: Dataset, episode: Episode) -> str:
    number = episode.episode_index
    events = dataset.events(number)
    title = f'<h2 id="e{number}">Episode {number} <small>index {episode.sim_index}, seed {episode.seed}</small></h2>'
    plots = "".join(_plots(dataset, episode, events))
    return (
        f"{title}<p>{escape(episode.task)}</p>{_pictures(dataset, episode)}"
        f'<div class="row"><div>{plots}</div><div>{_events(dataset, episode, events)}{_spec(dataset, number)}</div></div>'
    )


def _pictures(dataset: Dataset, episode: Episode) -> str:
    number, schema = episode.episode_index, dataset.schema
    parts = []
    for camera in schema.cameras:
        uri = clip_uri(dataset.video(number, camera.name), camera.height, camera.width, schema.fps)
        caption = f"<figcaption>{escape(camera.name)}</figcaption>"
        parts.append(f'<figure>{caption}<video controls loop muted autoplay playsinline src="{uri}"></video></figure>')
    strips = []
    for stream in schema.dense:
        strip = dense_strip(dataset, number, stream)
        legend = _labels(stream.labels, dataset.dense(number, stream.name)) if stream.labels else ""
        caption = f"<figcaption>{escape(stream.name)} <small>first, middle, last frame</small></figcaption>"
        strips.append(f'<figure>{caption}<img alt="{escape(stream.name)}" src="{png_uri(strip)}">{legend}</figure>')
    return f'<div class="row pics">{"".join(parts)}<div>{"".join(strips)}</div></div>'


def _labels(labels: Any, codes: np.ndarray) -> str:
    seen = [code for code in np.unique(codes) if str(code) in labels][:24]
    colors = label_colors(int(codes.max(initial=0)) + 1)
    keys = "".join(
        f'<span><i style="background:rgb{tuple(int(c) for c in colors[code])}"></i>{escape(labels[str(code)])}</span>'
        for code in seen
    )
    return f'<div class="keys">{keys}</div>'


# ---- plots and lists


def _plots(dataset: Dataset, episode: Episode, events: Sequence[dict[str, Any]]) -> list[str]:
    frames = dataset.frames(episode.episode_index)
    time = np.arange(episode.length) / dataset.schema.fps
    marks = [event["frame"] / dataset.schema.fps for event in events if event["type"] in ("topple", "fall", "collision")][:40]
    plots = []
    bodies = dataset.schema.extra.get("moving", [])
    if "observation.state" in frames and bodies:
        state = frames["observation.state"].reshape(episode.length, len(bodies), -1)
        speed = np.linalg.norm(state[..., 7:10], axis=2)
        liveliest = np.argsort(-speed.max(axis=0), kind="stable")[:LINES]
        plots.append(line_plot("height", "m", time, {bodies[b]: state[:, b, 2] for b in liveliest}, marks))
        plots.append(line_plot("speed", "m/s", time, {bodies[b]: speed[:, b] for b in liveliest}, marks))
        force = np.linalg.norm(frames["observation.contact_force"].reshape(episode.length, len(bodies), 3), axis=2)
        strongest = np.argsort(-force.max(axis=0), kind="stable")[:LINES]
        plots.append(line_plot("contact force", "N", time, {bodies[b]: force[:, b] for b in strongest}, marks))
    if "observation.joint_state" in frames:
        names = dataset.schema.feature("observation.joint_state").names or ()
        values = frames["observation.joint_state"].reshape(episode.length, -1)
        plots.append(
            line_plot("joints", "rad or m", time, {names[k]: values[:, k] for k in range(0, len(names), 2)[:LINES]}, marks)
        )
    plots += sensor_figures(dataset, frames, time)
    plots.append(_action_plot(dataset, frames["action"].reshape(episode.length, -1), time))
    return plots


def _action_plot(dataset: Dataset, action: np.ndarray, time: np.ndarray) -> str:
    names = dataset.schema.feature("action").names or ()
    used = [k for k in range(action.shape[1]) if np.any(action[:, k]) and not names[k].endswith((".active", ".target"))][:LINES]
    if not used:
        return "<p>No action in this episode.</p>"
    return line_plot("action", "N, N m, m/s, rad/s", time, {names[k]: action[:, k] for k in used})


def _events(dataset: Dataset, episode: Episode, events: Sequence[dict[str, Any]]) -> str:
    fps = dataset.schema.fps
    rows: dict[str, list[tuple[float, str]]] = {}
    for event in events:
        rows.setdefault(event["type"], []).append((event["frame"] / fps, event["text"]))
    if not rows:
        return "<p>No events.</p>"
    listed = "".join(
        f'<tr><td class="n">{event["frame"] / fps:.2f} s</td><td>{event["type"]}</td><td>{escape(event["text"])}</td></tr>'
        for event in events[:EVENTS]
    )
    more = f"<p>... and {len(events) - EVENTS} more.</p>" if len(events) > EVENTS else ""
    table = f"<details><summary>{len(events)} events</summary><table>{listed}</table>{more}</details>"
    return f"<figure><figcaption>events</figcaption>{timeline(rows, episode.length / fps)}</figure>{table}"


def _spec(dataset: Dataset, number: int) -> str:
    spec = json.loads(dataset.spec(number))
    draws = "".join(
        f"<tr><td>{escape(path)}</td><td>{escape(_number(value))}</td></tr>"
        for path, value in sorted(spec.get("draws", {}).items())
    )
    count = len(spec.get("draws", {}))
    drawn = f"<details><summary>{count} values drawn for this episode</summary><table>{draws}</table></details>"
    text = escape(json.dumps(spec, indent=1, ensure_ascii=False))
    made = escape(json.dumps(dataset.provenance(number) | {"state_names": None}, indent=1, ensure_ascii=False))
    return (
        f"{drawn}<details><summary>resolved spec</summary><pre>{text}</pre></details>"
        f"<details><summary>provenance</summary><pre>{made}</pre></details>"
    )
