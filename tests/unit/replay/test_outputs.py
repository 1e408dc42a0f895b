"""The folder of a meeting: what is in it, and whose it is."""

import json
from pathlib import Path

import pytest

from replay.outputs import has_fault, is_written, media_in, write_outputs
from replay.timeline import MeetingTimeline
from tests.unit.replay.timelines import meeting


