"""Whether the operator's page and docs/operating.md speak of every reason and code there is."""

import re
from pathlib import Path

from hoovik.schema.drop import Drop
from hoovik.telemetry.measures import Stage

ROOT = Path(__file__).resolve().parents[3]
REASONS = (ROOT / "web/stats/reasons.js").read_text()
OPERATING = (ROOT / "docs/operating.md").read_text()

NOT_COUNTED = {"BAD_MEDIA", "UPLOAD_TOO_LARGE", "RECORDING_FAILED", "TELEMETRY_UNAVAILABLE"}
"""Only sockets are counted; these are answers over HTTP."""


def keys_of(table: str) -> set[str]:
    """Names of one table of the page."""
    (body,) = re.findall(rf"export const {table} = {{\n(.*?)\n}};", REASONS, re.DOTALL)
    return set(re.findall(r"(?m)^  (\w+): ", body))


def codes() -> set[str]:
    """Codes of the protocol, which another test keeps complete."""
    protocol = (ROOT / "docs/protocol.md").read_text()
    return set(re.findall(r"(?m)^\| `([A-Z_]+)` \|", protocol))


def described(names: set[str]) -> set[str]:
    return {name for name in names if f"`{name}`" in OPERATING}


def test_the_page_knows_every_reason_of_a_drop() -> None:
    assert keys_of("DROPS") == {str(drop) for drop in Drop}


def test_the_page_knows_every_code_that_is_counted() -> None:
    assert keys_of("ERRORS") == codes() - NOT_COUNTED


def test_the_page_knows_every_stage() -> None:
    stages = re.findall(r'(?m)^  (\w+): "', (ROOT / "web/stats/stages.js").read_text())
    assert stages == [stage for stage in Stage if stage is not Stage.END_TO_END]


def test_the_operators_guide_speaks_of_each() -> None:
    names = {*map(str, Drop), *map(str, Stage), *codes()}
    assert names - described(names) == set()
