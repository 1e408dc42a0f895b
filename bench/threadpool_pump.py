import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from bench.threadpool_models import ThreadPoolModels
from bench.threadpool_slots import NewestMedia
from hoovik.errors import HoovikError
from hoovik.face.encoder import FaceReading
from hoovik.features.sequence import Sequence, build_sequence, stacked_expressions
from hoovik.layout import FACE_DIM, SEQ_LEN
from hoovik.models.prediction import Prediction
from hoovik.schema.emotion import Profile
from hoovik.schema.outbound import Backpressure, EmotionError, EmotionResult, OutboundEvent
from hoovik.session.messages import emotion_result, server_status
from hoovik.session.pacing import FramePacer
from hoovik.session.sight import CameraFrame, FaceStream
from hoovik.session.smoothing import Smoother
from hoovik.session.voice import SpeechWindow
from hoovik.settings import Settings

logger = logging.getLogger(__name__)

Say = Callable[[OutboundEvent], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Step:
    """What one round found: an embedding (1024,), a face, and the media that they are of."""

    time_s: float
    audio: NDArray[np.float32] | None
    face: FaceReading | None
    window: SpeechWindow | None
    picture: CameraFrame | None


class Pump:
    """One participant's results: take the newest sound and frame, encode, predict, tell, again.

    A round begins at the earliest one tick after the last began, and as soon as there is something
    new. Sound and frame are taken when it begins and encoded at the same time, by whichever threads
    come free; a frame belongs to the sound that it was taken with. No result waits for another participant's, but in
    the queues of the pools. Sound is encoded whether or not somebody speaks.

    Attributes:
        media: where the socket puts what it receives.
    """

    def __init__(
        self,
        participant_id: str,
        room_id: str,
        settings: Settings,
        models: ThreadPoolModels,
        say: Say,
    ) -> None:
        self.media = NewestMedia(settings.audio.context_samples)
        self._id = participant_id
        self._room_id = room_id
        self._settings = settings
        self._models = models
        self._say = say
        self._mic = self._camera = True
        self._sight = FaceStream(settings.session)
        self._steps: deque[Step] = deque(maxlen=SEQ_LEN)
        self._smoother = Smoother(settings.session)
        self._pacer = FramePacer(settings.session)
        self._live: Profile | None = None

    async def run(self) -> None:
        """Go round until cancelled."""
        await self._tell_status()
        while True:
            begun_s = time.monotonic()
            await self.media.news.wait()
            self.media.news.clear()
            try:
                await self._round()
            except HoovikError as fault:
                await self._say(
                    EmotionError(
                        code=fault.code,
                        message=fault.message,
                        participant_id=self._id,
                        lost=1,
                        ts=time.time(),
                    )
                )
            except Exception:
                logger.exception("a round of %s failed", self._id)
            left_s = begun_s + self._settings.session.tick_s - time.monotonic()
            await asyncio.sleep(max(0.0, left_s))

    def press(self, *, mic_enabled: bool | None, camera_enabled: bool | None) -> None:
        """Follow the participant's buttons; switching off forgets what was heard or seen."""
        if mic_enabled is not None:
            self._mic = mic_enabled
        if camera_enabled is not None:
            self._camera = camera_enabled
        if not self._mic:
            self.media.forget_sound()
            self._keep(replace(step, audio=None, window=None) for step in self._steps)
        if not self._camera:
            self.media.forget_picture()
            self._sight.clear()
            self._keep(replace(step, face=None, picture=None) for step in self._steps)

    def hear(
        self, samples: NDArray[np.float32], source_hz: int, sequence_number: int, now: float
    ) -> None:
        """Take in (n,) float32 samples; ignored while the microphone is off."""
        if self._mic:
            self.media.hear(samples, source_hz, sequence_number, now)

    def see(self, image: bytes, sequence_number: int, now: float) -> None:
        """Take in one encoded image; ignored while the camera is off."""
        if self._camera:
            picture = CameraFrame(image, sequence_number, now)
            self._sight.push(picture)  # for its arrival; what is looked at is the newest
            self.media.see(picture)

    def _keep(self, steps: Iterable[Step]) -> None:
        self._steps = deque(steps, maxlen=SEQ_LEN)

    async def _round(self) -> None:
        begun_s = time.monotonic()
        (window, embedding), (picture, reading) = await asyncio.gather(self._listen(), self._look())
        self._steps.append(Step(begun_s, embedding, reading, window, picture))
        now = time.monotonic()
        await self._follow(now)
        sequence = self._sequence()
        if sequence is None:
            return
        prediction = await self._models.predict(sequence)
        await self._say(self._result(sequence, prediction, time.monotonic()))

    async def _listen(self) -> tuple[SpeechWindow | None, NDArray[np.float32] | None]:
        window = self.media.take_window()
        if window is None:
            return None, None
        embedding = await self._models.in_audio_thread(
            partial(self._models.embedding, window.heard)
        )
        return (window, embedding) if self._mic else (None, None)

    async def _look(self) -> tuple[CameraFrame | None, FaceReading | None]:
        picture = self.media.take_picture()
        if picture is None:
            return None, None
        reading = await self._models.in_face_thread(
            partial(self._models.face, picture.image, self._sight.track)
        )
        self._pacer.observe(self._models.face_depth, self._models.face_each_s)
        if not self._camera:
            return None, None
        self._sight.answered(picture, reading)
        return picture, reading

    async def _follow(self, now: float) -> None:
        """See which modalities are live, and tell the client what changed."""
        stale_s = self._settings.session.stale_s
        live = Profile.of(
            audio=self._mic and now - self.media.heard_s <= stale_s,
            face=self._camera and self._sight.live(now, self._pacer.fps),
        )
        if live is not self._live:
            self._live = live
            await self._tell_status()
        change = self._pacer.adjust(now)
        if change is not None:
            depth, fps = change
            await self._say(Backpressure(queue_depth=depth, suggested_fps=fps, ts=time.time()))

    async def _tell_status(self) -> None:
        await self._say(
            server_status(self._settings, self._room_id, self._id, self._live, time.time())
        )

    def _sequence(self) -> Sequence | None:
        live = self._live
        if live is None:
            return None
        seen = [(step.time_s, step.face) for step in self._steps if step.face is not None]
        sequence = build_sequence(
            [step.time_s for step in self._steps],
            [step.audio for step in self._steps],
            [time_s for time_s, _ in seen],
            np.array([face.vector for _, face in seen], np.float32).reshape(-1, FACE_DIM),
            live,
            expressions=stacked_expressions([face.expression for _, face in seen]),
            nearest_s=0.0,
        )
        profile = Profile.of(
            audio=bool(sequence.audio_mask.any()), face=bool(sequence.face_mask.any())
        )
        return None if profile is None else replace(sequence, profile=profile)

    def _result(self, sequence: Sequence, prediction: Prediction, now: float) -> EmotionResult:
        profile, step = sequence.profile, self._steps[-1]
        window = step.window if profile.has_audio else None
        picture = step.picture if profile.has_face else None
        newest_s = max(
            (one.arrived_s for one in (window, picture) if one is not None), default=step.time_s
        )
        return emotion_result(
            self._id,
            prediction,
            profile,
            self._smoother,
            faults=(),
            alpha=self._settings.session.anomaly_alpha,
            window=window,
            frame=picture,
            newest_s=newest_s,
            now=now,
            ts=time.time(),
            untrained=self._settings.untrained,
        )
