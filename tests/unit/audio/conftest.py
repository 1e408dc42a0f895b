import numpy as np
import pytest
from numpy.typing import NDArray

from hoovik.audio.vad import VoiceDetector
from hoovik.audio.windows import window_centres_s, windows_at
from hoovik.layout import WINDOW_S
from hoovik.media.meeting import load_meeting
from hoovik.settings import AudioSettings
from hoovik_client.recording import read_recording
from tests.conftest import REPOSITORY

WINDOWS_OF_EACH = 4


@pytest.fixture(scope="session")
def speech() -> NDArray[np.float32]:
    """(8, 9600): windows of both voices of the sample meeting."""
    settings = AudioSettings()
    detector = VoiceDetector(settings.vad_aggressiveness, settings.min_speech)
    chosen = []
    for participant in load_meeting(REPOSITORY / "samples" / "meeting").participants:
        sound = read_recording(participant.file).audio
        windows = windows_at(sound, window_centres_s(sound.size, WINDOW_S))
        spoken = [window for window in windows if detector.is_speech(window)]
        chosen += spoken[:: len(spoken) // WINDOWS_OF_EACH][:WINDOWS_OF_EACH]
    return np.stack(chosen)
