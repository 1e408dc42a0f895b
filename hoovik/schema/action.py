from enum import StrEnum


class Action(StrEnum):
    """What a participant's client does at a scripted moment."""

    MUTE = "mute"
    UNMUTE = "unmute"
    CAMERA_OFF = "camera_off"
    CAMERA_ON = "camera_on"
    LEAVE = "leave"
    JOIN = "join"
