import logging
from logging import Formatter, StreamHandler

from pythonjsonlogger.json import JsonFormatter

from hoovik.settings import TelemetrySettings

PACKAGES = ("actors", "deployments", "hoovik")
"""Whose loggers these are; Ray's and Serve's own are theirs."""


def set_up_logs(settings: TelemetrySettings) -> None:
    """Let this process log one JSON object a line, to its error stream, which Ray keeps in a file.

    What is given as ``extra`` (``room``, ``participant``, ``code``) becomes a field of its own. Media
    and tokens are never among them.
    """
    handler = StreamHandler()
    handler.setFormatter(_formatter(settings))
    for name in PACKAGES:
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.propagate = False
        logger.setLevel(logging.INFO)


def _formatter(settings: TelemetrySettings) -> Formatter:
    if settings.logs == "text":
        return Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s")
    return JsonFormatter(
        "%(levelname)s %(name)s %(process)d %(message)s",
        rename_fields={"levelname": "level", "name": "logger", "process": "pid"},
        timestamp="ts",
    )
