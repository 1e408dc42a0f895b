"""The pure core: no Ray, no network, no clock of its own."""

__version__ = "0.1.0"
