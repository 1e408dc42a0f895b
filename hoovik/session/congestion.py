from statistics import fmean, median

STEP_UP = 0.05
CUT = 0.85
LEAST = 0.05

OVERDUE_CUT = 0.5
"""An answer that never came says more than one that queued: the next such word takes seconds."""

LATE = 3.0
"""Answers that take so many times the patience are late, even if most of that is computing: where
processes share cores, too much to do makes all of them slow."""

STRAIN_TICKS = 20
"""Strain follows what happens with this time constant: six seconds."""


PRESSED_TICKS = 2
RELIEVED_TICKS = 4
"""Pressed after so many ticks in a row that say so, and no longer after so many that do not."""


class Congestion:
    """How much of what some rooms could have under way they may have under way at once.

    Additive increase, multiplicative decrease (Chiu and Jain 1989), by how long answers had to
    queue. Steps that may not begin wait where they cost nothing, and are cut from newer media when
    their turn comes. The rooms of one process share one, so that their participants come to the
    same rate. It is a share, not a number, so that processes with more of them and with fewer do
    too.

    Args:
        patience_s: a step may spend this long in queues, or as long as it is computed if that is
            longer: where a batch takes long, the next has to wait for it while it is gathered.

    Attributes:
        share: of the work, 0 to 1.
        strain: share of the steps with something to read that lately never began, 0 to 1.
    """

    def __init__(self, patience_s: float) -> None:
        self._patience_s = patience_s
        self._queueing: list[float] = []
        self._taken_s: list[float] = []
        self._shed: list[bool] = []
        self._pressed = self._relief = 0
        self.share = 1.0
        self.strain = 0.0

    @property
    def is_pressed(self) -> bool:
        """Whether answers have queued too long for some ticks: before steps are shed for it."""
        return self._relief > 0

    def limit(self, most: int) -> int:
        """How much of the work that could be under way may be; at least one piece."""
        return max(1, int(self.share * most + 1e-9))

    def observe(self, queued_s: float, worked_s: float) -> None:
        """Note how long one step queued and was computed."""
        self._queueing.append(queued_s / max(self._patience_s, worked_s))
        self._taken_s.append(queued_s + worked_s)

    def overdue(self) -> None:
        """Note an answer that was given up."""
        self._queueing.append(float("inf"))

    def stepped(self, *, due: bool, shed: bool) -> None:
        """Note a time step that is over: whether there was anything to read, and it never began."""
        if due:
            self._shed.append(shed)

    def adjust(self) -> None:
        """Follow what was noted since the last tick."""
        self.strain += (fmean(self._shed or [0.0]) - self.strain) / STRAIN_TICKS
        self._shed.clear()
        if not self._queueing:
            self._note(pressed=False)
            return
        # Half of them: one replica that died or one that starts is no congestion.
        queueing = median(self._queueing)
        late = bool(self._taken_s) and median(self._taken_s) > LATE * self._patience_s
        self._note(pressed=queueing > 1 or late)
        if queueing > 1:
            cut = OVERDUE_CUT if queueing == float("inf") else CUT
            self.share = max(LEAST, cut * self.share)
        else:
            self.share = min(1.0, self.share + STEP_UP)
        self._queueing.clear()
        self._taken_s.clear()

    def _note(self, *, pressed: bool) -> None:
        self._pressed = self._pressed + 1 if pressed else 0
        self._relief = max(0, self._relief - 1)
        if self._pressed >= PRESSED_TICKS:
            self._relief = RELIEVED_TICKS
