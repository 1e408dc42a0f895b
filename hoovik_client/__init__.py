"""The async Python client."""

from hoovik_client.client import Client, Reading

__all__ = ["Client", "Reading"]
