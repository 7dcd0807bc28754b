"""Who works on which shard: one claim file per shard, taken by link (or O_EXCL), kept alive by a heartbeat, taken when stale.

Claims only save work. Correctness rests on the rename that commits a shard: when two workers finish the same shard, the
second rename fails and its bytes, which are the same, are dropped. A claim is stale when its process is gone (same host) or
its heartbeat is older than STALE_AFTER seconds (any host). Limit: hosts that share a folder need clocks that agree within a
few seconds.
"""

import contextlib
import json
import os
import socket
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

STALE_AFTER = 60.0
HEARTBEAT_EVERY = 5.0


def host_name() -> str:
    """This host, in characters that are safe in a file name."""
    return "".join(c if c.isalnum() or c in ".-" else "_" for c in socket.gethostname()) or "host"


def process_start(pid: int) -> str:
    """Start time of a process in kernel ticks, so that a reused pid is told apart; "" where the system does not say."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    return text.rpartition(")")[2].split()[19]


def is_alive(pid: int, started: str = "") -> bool:
    """Whether the process `pid` of this host runs and, where known, is the one that started then."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return not started or process_start(pid) in ("", started)


@dataclass
class Claim:
    """A claim that this process holds; `release` or leaving the `with` block gives it up."""

    path: Path
    nonce: str
    _stop: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> "Claim":
        threading.Thread(target=self._beat, daemon=True, name="claim heartbeat").start()
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def release(self) -> None:
        """Removes the claim file if it is still ours."""
        self._stop.set()
        if _read(self.path).get("nonce") == self.nonce:
            self.path.unlink(missing_ok=True)

    def _beat(self) -> None:
        while not self._stop.wait(HEARTBEAT_EVERY):
            with contextlib.suppress(OSError):
                os.utime(self.path)


def take(folder: Path, name: str) -> Claim | None:
    """Claims `name` in `folder`; None while a living worker holds it. A stale claim is moved away first."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    claim = _create(path)
    if claim is not None or not is_stale(path):
        return claim
    _move_away(path, _read(path).get("nonce", ""))
    return _create(path)


def is_stale(path: Path) -> bool:
    """Whether the holder of the claim file `path` is gone; a claim that no longer exists is not stale, it is free."""
    try:
        age = time.time() - path.stat().st_mtime
    except FileNotFoundError:
        return False
    holder = _read(path)
    if holder.get("host") == host_name() and not is_alive(holder["pid"], holder["started"]):
        return True
    return age > STALE_AFTER


def held_by(folder: Path, pid: int) -> list[str]:
    """Names that a process of this host has claimed."""
    holders = ((path.name, _read(path)) for path in folder.glob("[!.]*"))
    return [name for name, holder in holders if holder.get("host") == host_name() and holder.get("pid") == pid]


def drop(folder: Path, name: str, pid: int) -> None:
    """Removes the claim of a process of this host that is known to be dead."""
    holder = _read(folder / name)
    if holder.get("host") == host_name() and holder.get("pid") == pid:
        _move_away(folder / name, holder["nonce"])


def _create(path: Path) -> Claim | None:
    nonce = f"{os.getpid()}.{threading.get_ident():x}.{time.monotonic_ns():x}"
    holder = {"host": host_name(), "pid": os.getpid(), "started": process_start(os.getpid()), "nonce": nonce}
    # Written aside and linked, so that the name never stands without its content, even if this process dies here.
    aside = path.with_name(f".claim-{path.name}-{nonce}")
    content = json.dumps(holder).encode()
    try:
        aside.write_bytes(content)
        os.link(aside, path)
    except (FileExistsError, FileNotFoundError):  # taken, or the folder went when another process sealed the run
        return None
    except OSError:
        return _create_without_links(path, nonce, content)
    finally:
        aside.unlink(missing_ok=True)
    return Claim(path, nonce)


def _create_without_links(path: Path, nonce: str, content: bytes) -> Claim | None:
    try:
        number = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644)
    except FileExistsError:
        return None
    with os.fdopen(number, "wb") as file:
        file.write(content)
    return Claim(path, nonce)


def _read(path: Path) -> dict:
    try:
        holder = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return holder if isinstance(holder, dict) and {"host", "pid", "started", "nonce"} <= set(holder) else {}


def _move_away(path: Path, nonce: str) -> None:
    """Renames the stale claim; if somebody renewed it in between, the new claim is put back (link fails if a third one
    stands)."""
    aside = path.with_name(f".stale-{path.name}-{os.getpid()}-{time.monotonic_ns():x}")
    try:
        os.rename(path, aside)
    except FileNotFoundError:
        return
    if _read(aside).get("nonce", "") != nonce:
        with contextlib.suppress(FileExistsError):
            os.link(aside, path)
    aside.unlink(missing_ok=True)
