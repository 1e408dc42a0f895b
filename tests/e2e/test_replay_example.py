"""The example of docs/replay.md, run as one would run its cells."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CELL = re.compile(r"```python\n(?P<code>.*?)```\n+```text\n(?P<shown>.*?)```", re.DOTALL)
END = "=== end of a cell ==="

pytestmark = [pytest.mark.timeout(240), pytest.mark.slow]


def test_the_example_prints_what_the_document_shows(tmp_path: Path) -> None:
    cells = list(CELL.finditer((ROOT / "docs" / "replay.md").read_text(encoding="utf-8")))
    assert len(cells) == 4
    (tmp_path / "samples").symlink_to(ROOT / "samples")
    code = f"print({END!r})\n".join(cell["code"] for cell in cells)
    answer = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    shown = [one.strip() for one in answer.stdout.split(END)]
    assert shown == [cell["shown"].strip() for cell in cells]
    assert (tmp_path / "out" / "replays" / "meeting" / "report.html").is_file()
