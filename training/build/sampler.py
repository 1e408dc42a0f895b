"""Draws samples of one split: voices, moving faces, and both, of one person or paired by label.

What a picture is said to show is drawn from its votes whenever it is drawn itself, so that models
learn how sure people are of it.
"""

from collections import defaultdict

import numpy as np

from hoovik.features.baseline import Voices
from hoovik.features.sequence import build_sequence
from hoovik.layout import EXPRESSION_DIM, FACE_DIM, SEQ_LEN
from hoovik.schema.emotion import EMOTIONS, Profile
from hoovik.settings import SessionSettings
from training.build.clips import FaceClip, VoiceClip
from training.build.motion import Motion
from training.build.samples import Sample
from training.build.showing import STEP_TIMES_S, Seen, Steps, drawn_voice_steps, shown
from training.build.streams import Streams, heard
from training.corpora.balance import Balanced
from training.extraction.encoding import tick_centres_s

CONTINUED_SHARE = 0.4
"""Share of voices that have spoken before the clip, by another clip of the same speaker and class:
the clips are short, and people in a meeting talk for longer than that."""

NEAREST_S = SessionSettings().face_nearest_s

NOTHING: Seen = (
    np.empty(0),
    np.empty((0, FACE_DIM), np.float32),
    np.empty((0, EXPRESSION_DIM), np.float32),
)


class Sampler:
    """Makes samples of one split.

    Args:
        voices: clips of the split; none at all makes a sampler of faces.
        faces: of the split, each with a label or with votes; none at all makes a sampler of voices.
        motion: how its stills move.
        everybody: from whom the speakers' own baselines set out; None: they have none.

    Raises:
        ValueError: neither voices nor faces, or a class without any.
    """

    def __init__(
        self,
        voices: list[VoiceClip],
        faces: list[FaceClip],
        motion: Motion,
        everybody: Voices | None = None,
    ) -> None:
        classes = range(len(EMOTIONS))
        own = [[one for one in voices if one.label == label] for label in classes]
        self._voices = [Balanced(some) for some in own]
        mostly = np.array([one.shares.argmax() for one in faces], np.int64)
        self._faces = [
            Balanced(
                [faces[place] for place in np.flatnonzero(mostly == label)],
                lambda one: float(one.shares.sum()),
            )
            for label in classes
        ]
        if not voices and not faces:
            raise ValueError("no voice and no face to draw from; one of each class expected")
        for label, emotion in enumerate(EMOTIONS):
            if (voices and not self._voices[label]) or (faces and not self._faces[label]):
                raise ValueError(f"no voice or no face of class {emotion} to draw from")
        # Voice and face of one person belong together; only where there are none, pairs are made.
        self._together = [Balanced([one for one in some if one.face is not None]) for some in own]
        self._motion = motion
        self._streams = Streams(voices, everybody)
        self._alike: dict[tuple[str, int], list[VoiceClip]] = defaultdict(list)
        for one in voices:
            self._alike[one.speaker, one.label].append(one)

    @property
    def profiles(self) -> tuple[Profile, ...]:
        """Profiles that it can draw: all, or that of its only modality."""
        heard, seen = any(self._voices), any(self._faces)
        return tuple(
            profile
            for profile in Profile
            if (heard or not profile.has_audio) and (seen or not profile.has_face)
        )

    def draw(
        self,
        profile: Profile,
        rng: np.random.Generator,
        *,
        short: bool = False,
    ) -> Sample:
        """A sample whose class is any of the six, equally often but for what votes make of it.

        Args:
            profile: its modalities.
            rng: decides.
            short: whether it has only just begun; of a pair one modality has, or both.
        """
        label = int(rng.integers(len(EMOTIONS)))
        if profile is Profile.BOTH and self._together[label]:
            return self._one_person(self._together[label].draw(rng), rng, short=short)
        short_voice, short_face = _which_short(profile, rng) if short else (False, False)
        face = self._faces[label].draw(rng) if profile.has_face else None
        if face is not None and face.votes is not None:
            label = int(rng.choice(len(EMOTIONS), p=face.shares / face.shares.sum()))
        voice, steps = None, None
        if profile.has_audio:
            voice = self._voices[label].draw(rng)
            alike = self._alike[voice.speaker, voice.label]
            continued = not short_voice and rng.random() < CONTINUED_SHARE
            before = alike[int(rng.integers(len(alike)))] if continued else None
            steps, _ = drawn_voice_steps(voice, rng, before=before, short=short_voice)
            steps = heard(steps, self._streams.before(voice, rng))
        seen = NOTHING
        if face is not None:
            seen = shown(face, self._motion, rng, short=short_face)
        sources = [one for one in (voice, face) if one is not None]
        owner = voice.speaker if voice is not None else face.owner if face is not None else ""
        corpus = "+".join(one.corpus for one in sources)
        return _sample(label, profile, steps, seen, owner, corpus)

    def _one_person(self, voice: VoiceClip, rng: np.random.Generator, *, short: bool) -> Sample:
        """Voice and face of one recording, at one time of it."""
        short_voice, short_face = _which_short(Profile.BOTH, rng) if short else (False, False)
        steps, tick = drawn_voice_steps(voice, rng, short=short_voice)
        steps = heard(steps, self._streams.before(voice, rng))
        assert voice.face is not None
        end_s = float(tick_centres_s(tick + 1)[-1])
        seen = shown(voice.face, self._motion, rng, short=short_face, end_s=end_s)
        # A recording may speak where it shows no face.
        profile = Profile.BOTH if len(seen[0]) else Profile.AUDIO_ONLY
        return _sample(voice.label, profile, steps, seen, voice.speaker, voice.corpus)


def _sample(
    label: int,
    profile: Profile,
    steps: Steps | None,
    seen: Seen,
    owner: str,
    corpus: str,
) -> Sample:
    times_s, vectors, expressions = seen
    sequence = build_sequence(
        STEP_TIMES_S,
        steps or [None] * SEQ_LEN,
        times_s,
        vectors,
        profile,
        expressions=expressions,
        nearest_s=NEAREST_S,
    )
    return Sample(sequence, label, owner, corpus)


def _which_short(profile: Profile, rng: np.random.Generator) -> tuple[bool, bool]:
    if profile is not Profile.BOTH:
        return True, True
    return ((True, False), (False, True), (True, True))[int(rng.integers(3))]
