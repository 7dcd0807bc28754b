"""Sound on disk: wav files, and films with a sound track."""

import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.errors import StateError

FULL_SCALE = 2.0  # Pa, 100 dB: what the largest sample stands for


def samples_of(track: NDArray, full_scale: float = FULL_SCALE) -> NDArray[np.int16]:
    """16-bit samples (n, channels) of a track (n, channels) [Pa]; louder than `full_scale` [Pa] is clipped."""
    if track.ndim != 2:
        raise StateError("sound", f"a track of shape {track.shape}", "allowed: (samples, channels)", "pick one environment")
    return np.rint(np.clip(track / full_scale, -1.0, 1.0) * 32767).astype(np.int16)


def write_wav(path: str | Path, track: NDArray, sample_rate: int, full_scale: float = FULL_SCALE) -> None:
    """Write one environment's track (samples, channels) [Pa] as 16-bit wav. Raises StateError."""
    samples = samples_of(track, full_scale)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(samples.shape[1])
        file.setsampwidth(2)
        file.setframerate(sample_rate)
        file.writeframes(samples.tobytes())


def write_film(
    path: str | Path, frames: NDArray[np.uint8], fps: int, track: NDArray, sample_rate: int, full_scale: float = FULL_SCALE
) -> None:
    """Write frames (n, height, width, 3) and a track (samples, 1 or 2) [Pa] as one mp4: h264 and AAC, both from time 0."""
    import av  # here: the engine runs without it

    samples = samples_of(track, full_scale)
    if samples.shape[1] not in (1, 2):
        raise StateError("write_film", f"{samples.shape[1]} channels", "allowed: 1 or 2", "pick channels")
    layout = "mono" if samples.shape[1] == 1 else "stereo"
    with av.open(str(path), "w", format="mp4") as container:
        video = container.add_stream("libx264", rate=fps, options={"crf": "18"})
        video.width, video.height, video.pix_fmt = frames.shape[2], frames.shape[1], "yuv420p"
        sound = container.add_stream("aac", rate=sample_rate, layout=layout)
        for pixels in frames:
            for packet in video.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24")):
                container.mux(packet)
        container.mux(video.encode())
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples.reshape(1, -1)), format="s16", layout=layout)
        frame.sample_rate, frame.pts = sample_rate, 0
        container.mux(sound.encode(frame))
        container.mux(sound.encode())
