"""`worldsmith gallery`: every scene as a dataset, checked in full, on one page.

For each scene a few episodes are generated, every file is validated, every episode is simulated again and compared bit for bit;
the page shows a clip of the first camera and the verdicts. A scene that fails stays on the page, red, with its reason.
"""

import os
from html import escape
from pathlib import Path
from typing import Annotated, Any

import typer

from datagen.cli.exit_codes import ExitCode
from datagen.cli.output import emit_json, remark
from datagen.errors import DatagenError

EXAMPLES = ("worldsmith gallery --scene pendulum --episodes 1 --out gallery.html",)
STYLE = """body{font:15px/1.45 system-ui,sans-serif;margin:0 auto;max-width:1400px;padding:1.2em;background:#fbfbfa}
main{display:grid;grid-template-columns:repeat(auto-fill,minmax(300px,1fr));gap:1em}figure{margin:0;background:#fff;
border:1px solid #ddd;border-radius:6px;padding:.6em}video{width:100%;image-rendering:pixelated;border-radius:4px}
figcaption{font-size:.86em}.good{color:#1d7a3f}.bad{color:#b3261e}small{color:#666}"""


def gallery(
    out: Annotated[Path, typer.Option("--out", "-o", help="The page to write.")] = Path("gallery.html"),
    scene: Annotated[list[str] | None, typer.Option("--scene", help="Only this scene; may be given several times.")] = None,
    episodes: Annotated[int, typer.Option("--episodes", min=1, help="Episodes of every scene.")] = 2,
    seed: Annotated[int, typer.Option("--seed", help="Seed of the draws.")] = 7,
    work: Annotated[Path, typer.Option("--work", help="Folder for the datasets.")] = Path("runs/gallery"),
    as_json: Annotated[bool, typer.Option("--json", help="Print the verdicts as JSON on stdout.")] = False,
) -> None:
    """Render every scene to one page of pictures and clips.

    Each scene is generated, validated and replayed bit for bit; exit code 4 when one of them fails.
    """
    from datagen import assets

    names = scene or assets.scene_names()
    rows = []
    for name in names:
        row = try_scene(name, episodes, seed, work / Path(name).stem)
        rows.append(row)
        remark(f"{name}: {row['verdict']}")
    write_page(out, rows)
    if as_json:
        emit_json([{key: value for key, value in row.items() if key != "clip"} for row in rows])
    bad = [row["scene"] for row in rows if row["verdict"] != "good"]
    remark(f"{out}: {len(rows) - len(bad)} of {len(rows)} scenes are good")
    if bad:
        raise typer.Exit(ExitCode.DATA)


def try_scene(name: str, episodes: int, seed: int, folder: Path) -> dict[str, Any]:
    """Generates, validates and replays one scene; {scene, about, verdict, frames, seconds, clip}."""
    import shutil

    from datagen import assets
    from datagen.pipeline.generation import generate, load_spec
    from datagen.pipeline.replay import replay
    from datagen.writers import Dataset, validate

    row: dict[str, Any] = {"scene": name, "about": "", "verdict": "good", "frames": 0, "seconds": 0.0, "clip": ""}
    try:
        path = assets.scene_path(name)
        row["about"] = path.read_text(encoding="utf-8").splitlines()[0].lstrip("# ")
        shutil.rmtree(folder, ignore_errors=True)
        made = generate(load_spec(path), episodes=episodes, seed=seed, out=folder)
        row.update(frames=made.frames, seconds=round(made.seconds, 2))
        report = validate(folder)
        unequal = [verdict.index for verdict in replay(folder) if not verdict.equal]
        if made.failed:
            row["verdict"] = f"episode {made.failed[0]['index']} failed: {made.failed[0]['reason']}"
        elif report.problems:
            row["verdict"] = f"the dataset is not valid: {report.problems[0]}"
        elif unequal:
            row["verdict"] = f"episodes {unequal} do not replay bit for bit"
        row["clip"] = _clip(Dataset(folder))
    except DatagenError as error:
        row["verdict"] = str(error)
    return row


def _clip(dataset: Any) -> str:
    """The first camera of the first episode as a data URI, or ""."""
    from datagen.inspect.pictures import clip_uri

    if not dataset.schema.cameras or not len(dataset):
        return ""
    camera = dataset.schema.cameras[0]
    return clip_uri(dataset.video(0, camera.name), camera.height, camera.width, dataset.schema.fps)


def write_page(out: Path, rows: list[dict[str, Any]]) -> None:
    """Writes the page beside its name and renames it. Raises DatagenError."""
    figures = []
    for row in rows:
        look = "good" if row["verdict"] == "good" else "bad"
        clip = f'<video src="{row["clip"]}" autoplay loop muted playsinline></video>' if row["clip"] else ""
        figures.append(
            f"<figure>{clip}<figcaption><b>{escape(row['scene'])}</b> {escape(row['about'])}<br>"
            f'<span class="{look}">{escape(row["verdict"])}</span> '
            f"<small>{row['frames']} frames, {row['seconds']:g} s</small></figcaption></figure>"
        )
    good = sum(row["verdict"] == "good" for row in rows)
    page = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Gallery</title><style>{STYLE}</style>'
        f"<h1>Gallery</h1><p>{good} of {len(rows)} scenes are generated, valid and replay bit for bit.</p>"
        f"<main>{''.join(figures)}</main></html>\n"
    )
    temporary = out.with_name(f".{os.getpid()}.{out.name}")
    try:
        temporary.write_text(page, encoding="utf-8")
        os.replace(temporary, out)
    except OSError as error:
        remedy = "choose another path with --out"
        raise DatagenError(str(out), f"cannot be written ({error.strerror or error})", "a writable folder", remedy) from error
    finally:
        temporary.unlink(missing_ok=True)
