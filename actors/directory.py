from typing import Any, TypeAlias

import ray

from actors import NAMESPACE
from actors.room import RoomSessionActor
from actors.workers import Workers
from hoovik.settings import Settings

RoomHandle: TypeAlias = Any
"""Ray's handle of a `RoomSessionActor`. Its class types every method as one that never returns."""


def find_room(room_id: str, settings: Settings, workers: Workers) -> RoomHandle:
    """The actor of a room, created if there is none. Blocks for a call to Ray's control store.

    It is detached, so that it outlives the ingress replica that happened to create it, restarts
    (empty) when its process dies, and reserves no CPU: what it does is bookkeeping.
    """
    actor_class = ray.remote(RoomSessionActor)
    return actor_class.options(
        name=f"room:{room_id}",
        namespace=NAMESPACE,
        get_if_exists=True,
        lifetime="detached",
        max_restarts=-1,
        max_task_retries=0,
        max_pending_calls=settings.room.max_pending_calls,
        max_concurrency=1000,
        num_cpus=0,
    ).remote(room_id, settings, workers)
