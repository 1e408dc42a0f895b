"""The switches of Ray that the service is built for: the same wherever it starts."""

import re
from pathlib import Path

from actors.calls import MAX_CALL
from hoovik.settings import FaceSettings

ROOT = Path(__file__).resolve().parents[2]
SWITCHES = dict(
    re.findall(r'environ\.setdefault\("(\w+)", "([\d.]+)"\)', (ROOT / "serve_app.py").read_text())
)


def test_the_nodes_of_a_cluster_have_those_of_the_application() -> None:
    nodes = (ROOT / "ray_cluster.yaml").read_text()
    assert len(SWITCHES) == 8
    assert [one for one in SWITCHES.items() if f"'export {'='.join(one)}'" not in nodes] == []


def test_a_call_of_the_largest_images_is_not_too_large() -> None:
    limit = int(SWITCHES["RAY_SERVE_REPLICA_GRPC_MAX_MESSAGE_LENGTH"])
    assert limit > MAX_CALL * FaceSettings().max_bytes + 2**20
