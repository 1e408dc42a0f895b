"""What a command shows while it waits."""

import re
import subprocess
import sys
from io import StringIO

import pytest
from rich.console import Console

from commands.service import failure
from commands.waiting import waiting


def test_lines_say_each_change_once_with_seconds() -> None:
    shown = StringIO()
    with waiting(Console(file=shown)) as tell:
        for words in ("starting Ray", "starting A, B", "starting A, B", "starting B"):
            tell(words)
    seconds, words = zip(
        *(line.split("s  ") for line in shown.getvalue().splitlines()), strict=True
    )
    assert words == ("starting Ray", "starting A, B", "starting B")
    assert all(re.fullmatch(r" *\d+ ", one) for one in seconds)


def test_a_terminal_has_one_line_that_goes_away() -> None:
    shown = StringIO()
    with waiting(Console(file=shown, force_terminal=True, width=60)) as tell:
        tell("starting Ray")
    assert "starting Ray" in shown.getvalue()
    assert "0:00:00" in shown.getvalue()
    assert shown.getvalue().endswith("\x1b[2K")


def test_a_ray_that_does_not_come_up_is_tried_twice_and_told_in_a_sentence() -> None:
    code = "import sys; from commands.main import main; sys.argv[1:] = ['serve']; main()"
    answer = subprocess.run(
        [sys.executable, "-c", code],
        env={"RAY_TMPDIR": "/dev/null", "HOOVIK_UNTRAINED": "true"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert answer.returncode == 1
    assert re.search(r"Ray does not come up: .*; trying once more\n", answer.stdout)
    assert re.fullmatch(r"RAY_DOWN: Ray does not come up: .*/dev/null.*\n", answer.stderr)


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        (
            "A replica failed. Error:\nray::X (pid=1)\nRuntimeError: Traceback (most recent):\n"
            '  File "x.py", line 1, in __init__\n    raise BundleError(text)\n'
            "hoovik.errors.BundleError: no such\nfolder",
            "BundleError: no such\nfolder",
        ),
        ("The replica's node is gone.", "The replica's node is gone."),
    ],
)
def test_why_a_pool_does_not_start(told: str, reason: str) -> None:
    assert failure(told) == reason
