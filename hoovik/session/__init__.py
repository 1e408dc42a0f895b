"""The live logic of one room, as a state machine without I/O.

`room.Room` takes inputs with explicit times and returns effects; whoever drives it (the room's
actor, replay, a test) performs them and brings the answers back.
"""
