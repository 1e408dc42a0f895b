from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(slots=True)
class NewestSlot(Generic[T]):
    """At most one piece of work under way and one waiting; a newer one replaces the waiting one.

    This bounds what a participant can have queued anywhere, whatever the pools do.

    Attributes:
        running: what is under way.
        waiting: what goes next.
    """

    running: T | None = None
    waiting: T | None = None

    def offer(self, work: T) -> tuple[T | None, T | None]:
        """Hand in work; returns (what to start now, what was displaced)."""
        if self.running is None:
            self.running = work
            return work, None
        displaced, self.waiting = self.waiting, work
        return None, displaced

    def done(self) -> T | None:
        """Mark the running work as answered; returns what to start next."""
        self.running, self.waiting = self.waiting, None
        return self.running

    def clear_waiting(self) -> None:
        """Forget what waits; what runs still has to be answered."""
        self.waiting = None
