"""One clip to what a live session would have of it: embeddings by tick and face vectors by frame."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hoovik.audio.windows import window_centres_s, windows_at
from hoovik.layout import AUDIO_DIM, EXPRESSION_DIM, FACE_DIM, SAMPLE_RATE, TICK_S, WINDOW_S
from training.corpora.clip import Clip, Modality
from training.corpora.decoding import TARGET_FPS, frames, image, samples
from training.extraction.encoders import Encoders
from training.extraction.hearing import speech_centres_s
from training.extraction.seeing import Sighted, see_frames, see_still
from training.extraction.takes import LADDER, roughen_alike, take

ENCODED_AT_ONCE = 64
"""Windows, so that an hour of speech does not fill the memory."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How clips are read.

    Attributes:
        seed: of everything random; what one clip is given depends on it and on the clip alone.
        fps: frames of a video looked at in each second.
        still_readings: times that a still is looked at, one tick apart.
    """

    seed: int = 0
    fps: float = TARGET_FPS
    still_readings: int = 10


@dataclass(frozen=True, slots=True)
class Extracted:
    """What encoders made of one take of a clip. Tick i is centred at 0.3 + 0.3 i seconds.

    Attributes:
        clip: what was read.
        n_ticks: ticks of the clip.
        audio: (k, 1024) float32 embeddings; k may be 0.
        audio_ticks: (k,) int64, ascending: the ticks whose window holds speech.
        face: (m, 326) float32 vectors.
        expression: (m, 6) float32 logits of the same faces, zeros where the encoder tells none.
        face_s: (m,) float64, ascending: times in the clip of the frames that show a face.
        n_frames: frames looked at; of a still without a face one.
        take: 0 for the clip as it is, else the step of the ladder of `training.extraction.takes`.
    """

    clip: Clip
    n_ticks: int
    audio: NDArray[np.float32]
    audio_ticks: NDArray[np.int64]
    face: NDArray[np.float32]
    expression: NDArray[np.float32]
    face_s: NDArray[np.float64]
    n_frames: int
    take: int = 0


def tick_centres_s(n_ticks: int) -> NDArray[np.float64]:
    """Times in a clip (n_ticks,) at which its ticks' windows are centred, in seconds."""
    return np.asarray(WINDOW_S / 2 + TICK_S * np.arange(n_ticks), np.float64)


def encode_takes(
    clip: Clip, encoders: Encoders, how: Reading, takes: Sequence[int] = (0,)
) -> list[Extracted]:
    """Read a clip, decoded once, in one or several takes.

    Args:
        clip: of any modality.
        encoders: of voices and faces.
        how: rates, repetitions and the seed.
        takes: steps of the ladder, 0 being the clip as it is. A take changes the voice alone: a
            sound that comes without pictures may also begin later and run faster or slower.

    Returns:
        One result for each take, in order.

    Raises:
        MediaError: the clip cannot be read.
        ValueError: a take beyond the ladder, or of a clip without sound.
    """
    if any(number not in range(len(LADDER)) for number in takes):
        raise ValueError(f"takes {list(takes)}; 0 to {len(LADDER) - 1} expected")
    if any(takes) and not clip.modality.has_sound:
        raise ValueError(f"takes {list(takes)} of a clip of {clip.modality}; sound expected")
    sound = samples(clip) if clip.modality.has_sound else np.empty(0, np.float32)
    sighted = _see(clip, encoders, how)
    results = []
    for number in takes:
        heard, embeddings, ticks = _hear(clip, sound, encoders, how, number)
        results.append(
            Extracted(
                clip,
                max(heard, sighted.n_ticks),
                embeddings,
                ticks,
                sighted.vectors,
                sighted.expressions,
                sighted.times_s,
                sighted.n_frames,
                number,
            )
        )
    return results


def _see(clip: Clip, encoders: Encoders, how: Reading) -> Sighted:
    if clip.modality is Modality.AUDIO:
        nothing = np.empty((0, FACE_DIM), np.float32), np.empty((0, EXPRESSION_DIM), np.float32)
        return Sighted(*nothing, np.empty(0), 0, 0)
    if clip.modality is Modality.STILL:
        centres_s = tick_centres_s(how.still_readings)
        return see_still(image(clip), encoders.face, centres_s, _rng(clip, how, 0))
    shown = frames(clip, how.fps)
    end_s = shown[-1][0] + 1 / how.fps
    n_ticks = window_centres_s(round(end_s * SAMPLE_RATE), TICK_S).size
    return see_frames(shown, encoders.face, n_ticks)


def _hear(
    clip: Clip, sound: NDArray[np.float32], encoders: Encoders, how: Reading, number: int
) -> tuple[int, NDArray[np.float32], NDArray[np.int64]]:
    """Number of ticks, embeddings (k, 1024) and their ticks (k,) of one take of a sound (n,)."""
    rng = _rng(clip, how, number)
    step = LADDER[number]
    # Where there are pictures too, both must keep their time.
    if number and clip.modality is Modality.AUDIO:
        sound = take(sound, step, rng)
    centres_s = speech_centres_s(sound, encoders.speech, TICK_S)
    seed = int(rng.integers(2**63))
    parts = [np.empty((0, AUDIO_DIM), np.float32)]
    for start in range(0, len(centres_s), ENCODED_AT_ONCE):
        some_s = centres_s[start : start + ENCODED_AT_ONCE]
        windows = windows_at(sound, some_s, encoders.audio.context_samples)
        if step is not None:
            windows = roughen_alike(windows, step, seed)
        parts.append(encoders.audio.encode(windows))
    ticks = np.rint((centres_s - WINDOW_S / 2) / TICK_S).astype(np.int64)
    return window_centres_s(sound.size, TICK_S).size, np.concatenate(parts), ticks


def _rng(clip: Clip, how: Reading, number: int) -> np.random.Generator:
    return np.random.default_rng([how.seed, number, int(clip.digest(), 16)])
