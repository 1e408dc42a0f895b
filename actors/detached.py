from contextlib import suppress
from typing import Any

import ray

NAMESPACE = "hoovik"
"""Where named actors live on a cluster that others may use too."""


def detached(cls: type, name: str, *arguments: Any, **options: Any) -> Any:
    """An actor with a name, which outlives whoever starts it; Ray's `options` beside that."""
    fixed = {"namespace": NAMESPACE, "lifetime": "detached", "max_task_retries": 0, "num_cpus": 0}
    return ray.remote(cls).options(name=name, **fixed, **options).remote(*arguments)


def the_one(cls: type, name: str, *arguments: Any, **options: Any) -> Any:
    """The actor of this name, started if there is none, and anew whenever it dies.

    Blocks for a call to Ray's control store.
    """
    return detached(cls, name, *arguments, get_if_exists=True, max_restarts=-1, **options)


def named(prefix: str) -> dict[str, Any]:
    """Actors that are there, by name. Blocks for some calls to Ray's control store."""
    handles: dict[str, Any] = {}
    for one in ray.util.list_named_actors(all_namespaces=True):
        if one["namespace"] == NAMESPACE and one["name"].startswith(prefix):
            # It may end between the one call and the other.
            with suppress(ValueError):
                handles[one["name"]] = ray.get_actor(one["name"], NAMESPACE)
    return handles
