from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import dataclass, field

from actors.driver import RoomDriver
from actors.workers import Workers
from hoovik.errors import ImageError, ImageTooLargeError, RecordingError
from hoovik.features.baseline import Voices
from hoovik.layout import SAMPLE_RATE
from hoovik.schema.outbound import EmotionError, EmotionResult
from hoovik.session.effects import Emit
from hoovik.session.playback import Image, Moment, Sound
from hoovik.session.room import Room
from hoovik.settings import Settings

_MEDIA_FAULTS = {fault.code: fault for fault in (ImageError, ImageTooLargeError)}


@dataclass
class _Seat:
    """The one room, and what it said."""

    room: Room
    results: list[EmotionResult] = field(default_factory=list)
    faults: list[EmotionError] = field(default_factory=list)

    def emit(self, effect: Emit) -> None:
        message = effect.message
        if isinstance(message, EmotionResult):
            self.results.append(message)
        elif isinstance(message, EmotionError):
            self.faults.append(message)


async def play(
    recording: Iterable[Moment],
    settings: Settings,
    workers: Workers,
    participant_id: str,
    voices: Voices | None = None,
) -> list[EmotionResult]:
    """Results of one participant's recording: the same room and workers as live, in media time.

    A tick's answers are brought in before the next input, so that the results do not depend
    on how fast the workers are. `voices` is what the participant's own baseline sets out from; None:
    there is none.

    Raises:
        MediaError: a frame could not be decoded.
        RecordingError: a worker was lost.
    """
    now_s = 0.0
    room = Room("offline", settings, voices=voices)
    seat = _Seat(room)
    driver: RoomDriver[_Seat] = RoomDriver(
        workers, lambda _: now_s, lambda _: nullcontext(), timeout_s=settings.session.answer_s
    )
    driver.perform([(seat, room.join(participant_id, now_s))])
    sounds = images = 0
    for moment in recording:
        now_s = moment.time_s
        if isinstance(moment, Sound):
            sounds += 1
            room.audio(participant_id, moment.samples, SAMPLE_RATE, sounds, now_s)
        elif isinstance(moment, Image):
            images += 1
            room.frame(participant_id, moment.data, images, now_s)
        else:
            driver.perform([(seat, room.tick(now_s))])
            await driver.settle()
        if seat.faults:
            fault = _MEDIA_FAULTS.get(seat.faults[0].code, RecordingError)
            raise fault(f"at {now_s:.1f} s: {seat.faults[0].message}")
    return seat.results
