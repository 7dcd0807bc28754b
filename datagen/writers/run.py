"""A run folder: started or resumed, its shards claimed, written aside, checked, flushed and committed by one rename.

Steps of a shard: claim (O_EXCL), temporary folder, write, close, read back, fsync, shard.json, rename to `shards/<k>`, fsync
of the parent, release. Whatever happens before the rename leaves only a temporary folder that the next start sweeps; a rename
onto an existing shard means that another worker was first. Reference: notes of "All File Systems Are Not Created Equal"
(Pillai et al., 2014) on rename. Limits: one folder on a local file system; several hosts may share it if their clocks agree
within a few seconds.
"""

import errno
import json
import os
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from . import claims, faults, layout
from .check import check_root
from .durable import disk_errors, files_below, remove_tree, replace_json, sha256_of, sync, sync_tree
from .errors import DatasetError, OutputError
from .plan import RunPlan, load_plan
from .record import EpisodeRecord, FailedEpisode, Source
from .shard import ShardWriter, read_shard_json, write_shard_json

FrameCallback = Callable[[int, int], None]


@dataclass(frozen=True)
class Run:
    """An open run folder."""

    folder: Path
    plan: RunPlan

    @property
    def is_sealed(self) -> bool:
        """Whether the manifest is there: the dataset is complete."""
        return (self.folder / layout.MANIFEST).is_file()

    def shard_folder(self, shard: int) -> Path:
        """Where a committed shard lies."""
        return self.folder / layout.SHARDS / layout.shard_name(shard)

    def is_committed(self, shard: int) -> bool:
        """Whether a shard stands under its final name."""
        return (self.shard_folder(shard) / layout.SHARD_JSON).is_file()

    def missing(self) -> list[int]:
        """Shards that are not committed; none once the run is sealed, when the shards themselves are gone."""
        missing = [shard for shard in range(self.plan.num_shards) if not self.is_committed(shard)]
        return [] if self.is_sealed else missing

    def claim(self, shard: int) -> claims.Claim | None:
        """The claim of a shard, or None while a living worker has it."""
        with disk_errors(self.folder):
            return claims.take(self.folder / layout.CLAIMS, layout.shard_name(shard))

    def failure(self, shard: int) -> dict:
        """What `note_failure` wrote about a shard: {"tries": n, "errors": [...]}."""
        path = self.folder / layout.FAILED / f"{layout.shard_name(shard)}.json"
        try:
            return json.loads(path.read_bytes())
        except (OSError, ValueError):
            return {"shard": shard, "tries": 0, "errors": []}

    def held_by(self, pid: int) -> list[int]:
        """Shards whose claim a process of this host holds."""
        return sorted(int(name) for name in claims.held_by(self.folder / layout.CLAIMS, pid) if name.isdigit())

    def release(self, pid: int) -> list[int]:
        """Drops the claims of a process of this host that is known to be gone; returns their shards."""
        held = self.held_by(pid)
        for shard in held:
            claims.drop(self.folder / layout.CLAIMS, layout.shard_name(shard), pid)
        return held

    def bury(self, pid: int, reason: str) -> list[int]:
        """Frees what a dead worker of this host held: notes the failed tries, drops its claims and its temporary folders."""
        for shard in self.held_by(pid):
            if not self.is_committed(shard):
                self.note_failure(shard, reason)
        sweep(self)
        return self.release(pid)

    def note_failure(self, shard: int, reason: str, trace: str = "") -> int:
        """Adds a failed try to failed/<shard>.json; returns the number of tries so far."""
        record = self.failure(shard)
        record["tries"] += 1
        record["errors"].append({"reason": reason, "traceback": trace})
        replace_json(self.folder / layout.FAILED / f"{layout.shard_name(shard)}.json", record)
        return record["tries"]


def create_run(folder: Path, plan: RunPlan) -> Run:
    """A new run in a folder that is absent or empty. Errors: OutputError (not empty, not writable, disk full)."""
    folder = _folder(folder)
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        entries = sorted(path.name for path in folder.iterdir())
        if entries:
            raise _not_empty(folder, entries)
        (folder / layout.SHARDS).mkdir()
        (folder / layout.CLAIMS).mkdir()
        replace_json(folder / layout.RUN_JSON, plan.to_dict())
    faults.point("run_created")
    return Run(folder, plan)


def _folder(folder: Path) -> Path:
    folder = Path(folder)
    if folder.exists() and not folder.is_dir():
        raise OutputError(str(folder), "this is a file", "an absent or empty folder", "choose another folder")
    return folder


def _not_empty(folder: Path, entries: list[str]) -> OutputError:
    shown = ", ".join(entries[:3]) + (", ..." if len(entries) > 3 else "")
    if layout.RUN_JSON in entries:
        return OutputError(str(folder), "a run already lives here", "", "continue it with --resume, or choose another folder")
    return OutputError(str(folder), f"the folder is not empty ({shown})", "an absent or empty folder", "choose another folder")


def resume_run(folder: Path, plan: RunPlan, verify: str = "fast") -> Run:
    """The run in `folder`, or a new one where nothing was started. Damaged shards are dropped, so that they are made again.

    verify: "fast" compares file sizes with shard.json, "hash" every byte. Errors: OutputError when the folder holds something
    else or was planned differently (the sentence names what differs).
    """
    folder = _folder(folder)
    with disk_errors(folder):
        entries = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
        if not [name for name in entries if name not in (layout.SHARDS, layout.CLAIMS) and not name.startswith(".run.json")]:
            for name in entries:
                path = folder / name
                path.unlink() if path.is_file() else remove_tree(path)
            return create_run(folder, plan)
        if layout.RUN_JSON not in entries:
            raise _not_empty(folder, entries)
        differing = plan.differences(load_plan(folder))
        if differing:
            remedy = "use the same settings and versions, or choose another folder"
            raise OutputError(str(folder), "this run was planned differently: " + "; ".join(differing), "", remedy)
        run = Run(folder, plan)
        if not run.is_sealed:
            _prepare(run, verify)
        return run


def _prepare(run: Run, verify: str) -> None:
    sweep(run)
    for name in (layout.SHARDS, layout.CLAIMS):
        (run.folder / name).mkdir(exist_ok=True)
    for path in (run.folder / layout.FAILED).glob("*.json"):
        path.unlink()
    for shard in range(run.plan.num_shards):
        folder = run.shard_folder(shard)
        if folder.exists() and shard_problem(folder, verify):
            aside = folder.with_name(f".tmp-{folder.name}-{claims.host_name()}-{os.getpid()}-damaged")
            os.rename(folder, aside)
            remove_tree(aside)


def committed_shards(folder: Path) -> list[Path]:
    """Folders of the shards that a run in the making has committed, in order; none where it is sealed or no run."""
    if (folder / layout.MANIFEST).is_file():
        return []
    return sorted(path.parent for path in (folder / layout.SHARDS).glob(f"[0-9]*/{layout.SHARD_JSON}"))


def shard_problem(folder: Path, verify: str = "fast") -> str:
    """What is wrong with a committed shard, naming the file; "" when it is as it was committed. verify: "fast" or "hash"."""
    try:
        files = read_shard_json(folder)["files"]
    except (OSError, ValueError, KeyError) as error:
        return f"{layout.SHARD_JSON}: cannot be read ({error})"
    for path, facts in files.items():
        target = folder / path
        if not target.is_file():
            return f"{path}: missing"
        if target.stat().st_size != facts["bytes"]:
            return f"{path}: {target.stat().st_size} bytes, not {facts['bytes']}"
        if verify == "hash" and sha256_of(target) != facts["sha256"]:
            return f"{path}: its bytes have changed"
    return ""


def sweep(run: Run) -> int:
    """Removes temporary shard folders of workers that are gone; returns how many."""
    swept = 0
    for path in sorted((run.folder / layout.SHARDS).glob(".tmp-*")):
        if _is_abandoned(path):
            remove_tree(path)
            swept += 1
    return swept


def _is_abandoned(path: Path) -> bool:
    front, pid, _ = path.name.rsplit("-", 2)
    host = front.split("-", 2)[2]
    if host == claims.host_name():
        return int(pid) == os.getpid() or not claims.is_alive(int(pid))
    try:
        return time.time() - path.stat().st_mtime > claims.STALE_AFTER
    except FileNotFoundError:
        return False


def produce_shard(run: Run, shard: int, source: Source, on_frames: FrameCallback | None = None) -> bool:
    """Writes and commits one claimed shard; False when another worker had committed it first.

    on_frames(episodes, frames) is called after each stored episode with what was added. Errors: OutputError (disk),
    RecordError, what the source raises; the temporary folder is removed in every case but a kill.
    """
    nonce = f"{time.monotonic_ns():x}"
    name = f".tmp-{layout.shard_name(shard)}-{claims.host_name()}-{os.getpid()}-{nonce}"
    folder = run.folder / layout.SHARDS / name
    with disk_errors(run.folder):
        folder.mkdir(parents=True)
        faults.point("tmp_created")
        try:
            _fill(run, shard, folder, source, on_frames)
            return _rename(folder, run.shard_folder(shard))
        finally:
            remove_tree(folder)


def _fill(run: Run, shard: int, folder: Path, source: Source, on_frames: FrameCallback | None) -> None:
    writer = ShardWriter(folder, shard, run.plan.schema)
    try:
        for result in in_order(source(run.plan.indices(shard)), run.plan.indices(shard)):
            if isinstance(result, FailedEpisode):
                writer.fail(result)
                continue
            before = len(writer.episodes)
            writer.add(result)
            if on_frames is not None and len(writer.episodes) > before:
                on_frames(1, result.length)
        summary = writer.close()
    except BaseException:
        writer.abort()
        raise
    faults.point("files_closed")
    if writer.episodes:
        _check_written(folder)
    faults.point("checked")
    files = {
        path: {"bytes": (folder / path).stat().st_size, "sha256": sha256_of(folder / path)} for path in files_below(folder)
    }
    sync_tree(folder)
    faults.point("synced")
    write_shard_json(folder, summary, files)
    sync(folder / layout.SHARD_JSON)
    sync(folder)
    faults.point("before_rename")


def _check_written(folder: Path) -> None:
    problems = check_root(folder, "quick")
    if not problems:
        return
    if os.statvfs(folder).f_bavail == 0:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    remedy = "run again with --resume; if it happens again, report it"
    raise DatasetError(str(folder), f"what was written does not read back ({problems[0]})", "", remedy)


def _rename(folder: Path, target: Path) -> bool:
    try:
        os.rename(folder, target)
    except OSError as error:
        if error.errno in (errno.EEXIST, errno.ENOTEMPTY):
            return False
        raise
    sync(target.parent)
    faults.point("after_rename")
    return True


def in_order(results: Iterable[EpisodeRecord | FailedEpisode], indices: list[int]) -> Iterator[EpisodeRecord | FailedEpisode]:
    """The results of a source by ascending index; early ones wait. Errors: DatasetError for a missing, foreign or repeated
    index."""
    waiting: dict[int, EpisodeRecord | FailedEpisode] = {}
    wanted = iter(indices)
    following = next(wanted, None)
    for result in results:
        if result.index not in indices or result.index in waiting or (following is None or result.index < following):
            raise DatasetError(
                "source", f"episode {result.index} was not asked for or came twice", f"{indices[0]} to {indices[-1]}"
            )
        waiting[result.index] = result
        while following in waiting:
            yield waiting.pop(following)
            following = next(wanted, None)
    if following is not None:
        raise DatasetError("source", f"episode {following} did not come", "one result for each index")


def attempt_shard(run: Run, shard: int, source: Source, on_frames: FrameCallback | None = None) -> str:
    """Claims, writes and commits a shard; a failure is noted in failed/<shard>.json.

    Returns "done", "kept" (another worker had committed it), "busy" (another worker has it now), or "failed". Errors:
    OutputError and KeyboardInterrupt, which end the run.
    """
    claim = run.claim(shard)
    if claim is None:
        return "busy"
    with claim:
        faults.point("claimed")
        if run.is_committed(shard) or run.is_sealed:
            return "kept"
        try:
            won = produce_shard(run, shard, source, on_frames)
        except OutputError:
            raise
        except Exception as error:
            run.note_failure(shard, f"{type(error).__name__}: {error}", traceback.format_exc())
            return "failed"
        (run.folder / layout.FAILED / f"{layout.shard_name(shard)}.json").unlink(missing_ok=True)
    faults.point("released")
    return "done" if won else "kept"
