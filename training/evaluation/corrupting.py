"""What a client sends of a labelled clip: as it is, or as it goes wrong in a meeting."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from hoovik.face.crop import MARGIN
from hoovik.face.encoder import FaceEncoder, FaceReading, FaceTrack
from hoovik.layout import SAMPLE_RATE, TICK_S
from training.corpora.clip import Modality
from training.corpora.decoding import frames, image, samples
from training.evaluation import corruptions
from training.evaluation.ticks import Subject
from training.extraction.encoding import Extracted, Reading
from training.extraction.seeing import held_up, shaken

QUALITY = cv2.IMWRITE_JPEG_QUALITY, 90

Sound = NDArray[np.float32]
Picture = NDArray[np.uint8]
Rng = np.random.Generator


@dataclass(frozen=True, slots=True)
class Corruption:
    """What goes wrong; what it leaves as it is, is None.

    Attributes:
        sound: of samples (n,).
        picture: of pixels (H, W, 3), with the width of the face in them.
        reading: of a face that was found.
        frozen: whether the camera shows the same picture again and again.
    """

    sound: Callable[[Sound, Rng], Sound] | None = None
    picture: Callable[[Picture, float], Picture] | None = None
    reading: Callable[[FaceReading, Rng], FaceReading] | None = None
    frozen: bool = False

    @property
    def of_voice(self) -> bool:
        """Whether it is of the voice, not of the face."""
        return self.sound is not None


def _shuffled(reading: FaceReading, rng: Rng) -> FaceReading:
    return replace(reading, vector=corruptions.shuffle_landmarks(reading.vector[None], rng)[0])


NOTHING = Corruption()
CORRUPTIONS = {
    "silence": Corruption(sound=lambda sound, _rng: corruptions.silence(sound)),
    "noise": Corruption(sound=corruptions.noise),
    "clipping": Corruption(sound=lambda sound, _rng: corruptions.clipping(sound)),
    "black frame": Corruption(picture=lambda picture, _width_px: corruptions.black(picture)),
    "frozen frame": Corruption(frozen=True),
    "blur": Corruption(picture=corruptions.blur),
    "shuffled landmarks": Corruption(reading=_shuffled),
}


@dataclass(frozen=True, slots=True)
class Sent:
    """What a client sends of one subject.

    Attributes:
        sound: (n,) float32 at 16 kHz; empty without a voice.
        first_sample: place of the sound in what is sent.
        frames: times in seconds and encoded pictures, ascending.
        track: where to look for the face first; None: anywhere.
        counts_after_s: results up to this are not judged.
        changed: what a face that was found is read as.
    """

    sound: Sound
    first_sample: int
    frames: list[tuple[float, bytes]]
    track: FaceTrack | None
    counts_after_s: float
    changed: Callable[[FaceReading], FaceReading] | None


def sent_of(
    subject: Subject,
    encoder: FaceEncoder,
    how: Reading,
    seeded: Callable[[], Rng],
    wrong: Corruption = NOTHING,
) -> Sent:
    """What a client sends of a subject.

    A still is held before a camera that shakes a little, for as many ticks as a still is read; only
    then its voice begins, and of a still alone the last tick counts. A camera freezes some time
    before what counts: no rule can know it at once.

    Args:
        subject: whose media.
        encoder: tells how large the face is.
        how: clips are read.
        seeded: makes the generator of what is random in it.
        wrong: what goes wrong.
    """
    voice, face = subject.ticks[0].voice, subject.ticks[0].face
    sound = np.empty(0, np.float32) if voice is None else samples(voice.clip)
    held_s = TICK_S * how.still_readings
    still = face is not None and face.clip.modality is Modality.STILL
    lead_s = held_s if face is not None and (still or wrong.frozen) else 0.0
    if still and voice is None:
        lead_s -= TICK_S
    shown: list[tuple[float, bytes]] = []
    track = None
    if face is not None and still:
        until_s = held_s if voice is None else held_s + sound.size / SAMPLE_RATE
        shown, track = _still(face, encoder, until_s, seeded(), wrong)
    elif face is not None:
        shown = _video(face, encoder, how, lead_s, wrong)
    if wrong.sound is not None:
        sound = wrong.sound(sound, seeded())
    change = wrong.reading
    return Sent(
        sound,
        round(lead_s * SAMPLE_RATE) if voice is not None else 0,
        shown,
        track,
        lead_s,
        # The same change of each: what is drawn begins anew.
        None if change is None else lambda reading: change(reading, seeded()),
    )


def _still(
    face: Extracted, encoder: FaceEncoder, until_s: float, rng: Rng, wrong: Corruption
) -> tuple[list[tuple[float, bytes]], FaceTrack | None]:
    held = held_up(image(face.clip))
    picture = held.picture
    found = encoder.encode(picture, held.track)
    track = held.track if found is None else found.track
    if wrong.picture is not None:
        picture = wrong.picture(picture, _width_px(picture, found))
    times_s = [TICK_S * number for number in range(round(until_s / TICK_S) + 1)]
    if wrong.frozen or track is None:
        return [(time_s, _encoded(picture)) for time_s in times_s], held.track
    return [(time_s, _encoded(shaken(picture, track, rng))) for time_s in times_s], held.track


def _video(
    face: Extracted, encoder: FaceEncoder, how: Reading, lead_s: float, wrong: Corruption
) -> list[tuple[float, bytes]]:
    shown = frames(face.clip, how.fps)
    first = _first_with_face(face, shown)
    if wrong.frozen:
        before_s: Iterable[float] = np.arange(0, lead_s, 1 / how.fps).tolist()
        data = _encoded(first)
        return [
            *((time_s, data) for time_s in before_s),
            *((time_s + lead_s, data) for time_s, _ in shown),
        ]
    change = wrong.picture
    if change is None:
        return [(time_s, _encoded(picture)) for time_s, picture in shown]
    width_px = _width_px(first, encoder.encode(first, None))
    return [(time_s, _encoded(change(picture, width_px))) for time_s, picture in shown]


def _encoded(picture: Picture) -> bytes:
    return cv2.imencode(".jpg", picture[..., ::-1], QUALITY)[1].tobytes()


def _width_px(picture: Picture, found: FaceReading | None) -> float:
    if found is None:
        return float(min(picture.shape[:2]))
    return float(found.track.side * picture.shape[1] / MARGIN)


def _first_with_face(one: Extracted, shown: list[tuple[float, Picture]]) -> Picture:
    if not len(one.face_s):
        return shown[0][1]
    nearest = np.argmin([abs(time_s - one.face_s[0]) for time_s, _ in shown])
    return shown[int(nearest)][1]
