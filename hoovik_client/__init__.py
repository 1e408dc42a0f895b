"""The async Python client."""

from hoovik_client.client import Client, Reading, RefusedError
from hoovik_client.recording import Recording, read_recording, recording_of

__all__ = ["Client", "Reading", "Recording", "RefusedError", "read_recording", "recording_of"]
