import time
from math import inf
from typing import TYPE_CHECKING

from hoovik.schema.action import Action
from hoovik.schema.outbound import Backpressure, OutboundEvent, ServerStatus
from hoovik_client.pacing import FrameGate, in_real_time
from hoovik_client.recording import Recording, Step

if TYPE_CHECKING:
    from hoovik_client.client import Client


class Sender:
    """Sends what a recording holds through one client, as a meeting client would.

    Sound in chunks of 100 ms, frames no faster than the service asks for. Muting and switching off
    are said with a media state, and nothing more of the kind is sent.

    Attributes:
        sounds, frames: messages sent so far.
    """

    def __init__(self, client: "Client") -> None:
        self._client = client
        self._mic = self._camera = True
        self._gate = FrameGate()
        self._asked_fps: float | None = None
        self.sounds = 0
        self.frames = 0

    def heed(self, message: OutboundEvent) -> None:
        """Follow what the service asks for."""
        if isinstance(message, Backpressure):
            self._asked_fps = message.suggested_fps
        elif isinstance(message, ServerStatus):
            self._asked_fps = message.target_fps

    async def play(self, recording: Recording, seconds: float) -> None:
        """Send so much of a recording, in real time."""
        async for at_s, step in in_real_time(recording.steps(seconds), time.monotonic()):
            await self.send(step, at_s)

    async def send(self, step: Step, at_s: float) -> None:
        """Do one step, due at `at_s` of the recording; joining and leaving are not its business."""
        if isinstance(step, Action):
            await self._press(step)
        elif isinstance(step, bytes):
            if self._camera and self._gate.lets_through(at_s, self._asked_fps or inf):
                self.frames += 1
                await self._client.send_frame(step)
        elif self._mic:
            self.sounds += 1
            await self._client.send_audio(step)

    async def _press(self, action: Action) -> None:
        if action in (Action.MUTE, Action.UNMUTE):
            self._mic = action is Action.UNMUTE
        elif action in (Action.CAMERA_OFF, Action.CAMERA_ON):
            self._camera = action is Action.CAMERA_ON
        else:
            return
        await self._client.send_media_state(mic_enabled=self._mic, camera_enabled=self._camera)
