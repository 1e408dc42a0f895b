"""The async Python client."""

from hoovik_client.client import Client, ClosedError, Reading
from hoovik_client.recording import Recording, read_recording, recording_of

__all__ = ["Client", "ClosedError", "Reading", "Recording", "read_recording", "recording_of"]
