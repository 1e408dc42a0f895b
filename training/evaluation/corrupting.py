"""Corrupted media through the encoders again: what live would have had of them."""

from collections.abc import Callable
from dataclasses import replace
from io import BytesIO

import cv2
import numpy as np
import soundfile
from numpy.typing import NDArray

from hoovik.face.crop import MARGIN
from hoovik.face.encoder import FaceEncoder, FaceTrack
from hoovik.layout import SAMPLE_RATE
from training.corpora.clip import Modality
from training.corpora.decoding import frames, image, samples
from training.evaluation import corruptions
from training.extraction.encoders import Encoders
from training.extraction.encoding import Extracted, Reading, encode_takes, tick_centres_s
from training.extraction.seeing import Sighted, held_up, see_frames

SETTLING = 5
"""Readings of a frozen frame before those that count: a camera freezes while its track is right,
and a track that still settles would move as no frozen picture does."""

Sound = NDArray[np.float32]
Picture = NDArray[np.uint8]
Rng = np.random.Generator
Corruption = Callable[[Extracted, Encoders, Reading, Rng], Extracted]
"""Makes of a clip, as it was read, what is read of it when it is corrupted."""


def _sounding(change: Callable[[Sound, Rng], Sound]) -> Corruption:
    def corrupt(one: Extracted, encoders: Encoders, how: Reading, rng: Rng) -> Extracted:
        wav = BytesIO()
        changed = change(samples(one.clip), rng)
        soundfile.write(wav, changed, SAMPLE_RATE, format="WAV", subtype="FLOAT")
        clip = replace(one.clip, modality=Modality.AUDIO, media=wav.getvalue())
        heard = encode_takes(clip, encoders, how)[0]
        return replace(one, audio=heard.audio, audio_ticks=heard.audio_ticks)

    return corrupt


def _showing(change: Callable[[Picture, float], Picture]) -> Corruption:
    def corrupt(one: Extracted, encoders: Encoders, how: Reading, _rng: Rng) -> Extracted:
        if one.clip.modality is Modality.STILL:
            picture = image(one.clip)
            still = held_up(picture)
            width_px = _face_width_px(still.picture, still.track, encoders.face) / still.scale
            changed = change(picture, width_px)
            clip = replace(one.clip, media=cv2.imencode(".png", changed[..., ::-1])[1].tobytes())
            seen = encode_takes(clip, encoders, how)[0]
            return replace(one, face=seen.face, expression=seen.expression, face_s=seen.face_s)
        shown = frames(one.clip, how.fps)
        width_px = _face_width_px(_first_with_face(one, shown), None, encoders.face)
        changed_frames = [(time_s, change(picture, width_px)) for time_s, picture in shown]
        sighted = see_frames(changed_frames, encoders.face, one.n_ticks)
        return _seen(one, sighted)

    return corrupt


def _freeze(one: Extracted, encoders: Encoders, how: Reading, _rng: Rng) -> Extracted:
    track = None
    if one.clip.modality is Modality.STILL:
        still = held_up(image(one.clip))
        picture, track = still.picture, still.track
        times_s = tick_centres_s(how.still_readings)
    else:
        shown = frames(one.clip, how.fps)
        picture = _first_with_face(one, shown)
        times_s = np.array([time_s for time_s, _ in shown])
    settling = [(-1.0, picture)] * SETTLING
    frozen = [(time_s, picture) for time_s in times_s.tolist()]
    sighted = see_frames(settling + frozen, encoders.face, one.n_ticks, track)
    return _seen(one, sighted)


def _seen(one: Extracted, sighted: Sighted) -> Extracted:
    """The clip with what was seen of it instead, but for what was seen before it began."""
    shown = sighted.times_s >= 0
    return replace(
        one,
        face=sighted.vectors[shown],
        expression=sighted.expressions[shown],
        face_s=sighted.times_s[shown],
    )


def _shuffle(one: Extracted, _encoders: Encoders, _how: Reading, rng: Rng) -> Extracted:
    return replace(one, face=corruptions.shuffle_landmarks(one.face, rng))


VOICE_CORRUPTIONS: dict[str, Corruption] = {
    "silence": _sounding(lambda sound, _rng: corruptions.silence(sound)),
    "noise": _sounding(corruptions.noise),
    "clipping": _sounding(lambda sound, _rng: corruptions.clipping(sound)),
}
FACE_CORRUPTIONS: dict[str, Corruption] = {
    "black frame": _showing(lambda picture, _width_px: corruptions.black(picture)),
    "frozen frame": _freeze,
    "blur": _showing(corruptions.blur),
    "shuffled landmarks": _shuffle,
}


def _face_width_px(picture: Picture, track: FaceTrack | None, encoder: FaceEncoder) -> float:
    reading = encoder.encode(picture, track)
    if reading is None:
        return float(min(picture.shape[:2]))
    return float(reading.track.side * picture.shape[1] / MARGIN)


def _first_with_face(one: Extracted, shown: list[tuple[float, Picture]]) -> Picture:
    if not len(one.face_s):
        return shown[0][1]
    nearest = np.argmin([abs(time_s - one.face_s[0]) for time_s, _ in shown])
    return shown[int(nearest)][1]
