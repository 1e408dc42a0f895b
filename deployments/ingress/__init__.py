"""The edge: wire messages become room calls, room events become wire messages."""
