"""The HTTP side of the ingress in one process: small workers, no Ray."""

import threading
import time
from collections.abc import Callable

import jwt
import pytest
from fastapi import FastAPI, HTTPException
from fastapi.testclient import TestClient
from pydantic import SecretStr
from ray.serve._private.common import DeploymentStatus, DeploymentStatusTrigger
from ray.serve.schema import (
    ApplicationStatus,
    ApplicationStatusOverview,
    DeploymentStatusOverview,
    ServeStatus,
)

from deployments.ingress import http_app
from deployments.ingress.body_limit import TOO_LARGE, with_body_limit
from deployments.ingress.http_app import build_http, refuse, refuse_body
from deployments.ingress.lobby import Lobby
from deployments.ingress.predict import UPLOADS
from hoovik.errors import HoovikError
from hoovik.schema.stats import Stats
from hoovik.settings import AuthSettings, Settings
from hoovik.telemetry.cluster import ClusterTelemetry
from tests.pictures import jpeg
from tests.workers import DyingWorkers, MeanWorkers

SECRET = "a secret of at least thirty-two bytes"
LOCKED = Settings(auth=AuthSettings(jwt_secret=SecretStr(SECRET)))
LIMIT = 100_000


async def read_stats() -> Stats:
    return ClusterTelemetry(0.0, 60, 0.0).stats(1.0, 1.0)


def serving(**deployments: str) -> ServeStatus:
    """What Serve's controller says of one application."""
    pools = {
        name: DeploymentStatusOverview(
            status=DeploymentStatus(status),
            status_trigger=DeploymentStatusTrigger.UNSPECIFIED,
            replica_states={},
            message="",
        )
        for name, status in deployments.items()
    }
    up = all(status == "HEALTHY" for status in deployments.values())
    status = ApplicationStatus.RUNNING if up else ApplicationStatus.DEPLOYING
    return ServeStatus(
        applications={
            "hoovik": ApplicationStatusOverview(
                status=status, message="", last_deployed_time_s=0.0, deployments=pools
            )
        }
    )


def client(
    settings: Settings | None = None,
    workers: MeanWorkers | None = None,
    read_status: Callable[[], ServeStatus] = ServeStatus,
    hosts: int = 1,
) -> TestClient:
    lobby = Lobby(settings or Settings(), workers or MeanWorkers())
    lobby.rooms.hosts = hosts
    http = FastAPI()
    http.add_exception_handler(HoovikError, refuse)
    http.add_exception_handler(TOO_LARGE, refuse_body)
    http.include_router(build_http(lobby, read_stats, read_status))
    return TestClient(with_body_limit(http, LIMIT))


def bearer(**claims: object) -> dict[str, str]:
    token = jwt.encode({"exp": time.time() + 3600, **claims}, SECRET, algorithm="HS256")
    return {"Authorization": f"Bearer {token}"}


def test_an_image_is_shown_for_a_while() -> None:
    body = client().post("/predict", files={"image": jpeg()}).json()
    assert body["summary"]["profiles"] == {"video_only": len(body["results"])}
    assert len(body["results"]) >= 4
    assert body["results"][0]["timeSec"] == pytest.approx(0.3)


def test_a_body_that_is_too_long_is_refused_while_it_comes_in() -> None:
    reply = client().post("/predict", files={"clip": bytes(2 * LIMIT)})
    assert reply.status_code == TOO_LARGE
    assert reply.json()["code"] == "UPLOAD_TOO_LARGE"


def test_nothing_sent_is_told_what_to_send() -> None:
    reply = client().post("/predict")
    assert (reply.status_code, reply.json()["code"]) == (422, "BAD_MEDIA")


def test_a_lost_worker_is_the_services_fault() -> None:
    reply = client(workers=DyingWorkers()).post("/predict", files={"image": jpeg()})
    assert (reply.status_code, reply.json()["code"]) == (503, "RECORDING_FAILED")


@pytest.mark.parametrize(
    ("path", "headers", "allowed"),
    [
        ("/health", {}, True),
        ("/stats/json", {}, False),
        ("/stats/json", bearer(role="participant"), False),
        ("/stats/json", bearer(role="operator"), True),
        ("/stats/json", {"Authorization": "Bearer nonsense"}, False),
    ],
)
def test_with_a_key_counts_are_for_operators(path: str, headers: dict, allowed: bool) -> None:
    reply = client(LOCKED).get(path, headers=headers)
    assert reply.status_code == (200 if allowed else 401)
    if not allowed:
        assert reply.json()["code"] == "UNAUTHORIZED"


def test_with_a_key_clips_need_a_token() -> None:
    files = {"image": jpeg()}
    assert client(LOCKED).post("/predict", files=files).status_code == 401
    assert client(LOCKED).post("/predict", files=files, headers=bearer()).status_code == 200


def test_without_a_key_nobody_is_asked() -> None:
    assert client().get("/stats/json").json()["sockets"] == 0


def test_the_status_of_a_limit_is_the_one_that_is_handled() -> None:
    assert HTTPException(TOO_LARGE).status_code == 413


def test_it_is_ready_when_every_pool_is() -> None:
    reply = client(read_status=lambda: serving(Ensemble="HEALTHY")).get("/ready")
    assert (reply.status_code, reply.json()) == (200, {"status": "ready", "waiting": {}})
    starting = serving(Ensemble="HEALTHY", FaceFeatures="UPDATING")
    reply = client(read_status=lambda: starting).get("/ready")
    assert (reply.status_code, reply.json()["waiting"]) == (503, {"hoovik": ["FaceFeatures"]})


def test_it_is_not_ready_before_there_is_a_host_for_rooms() -> None:
    reply = client(read_status=lambda: serving(Ensemble="HEALTHY"), hosts=0).get("/ready")
    assert (reply.status_code, reply.json()["reason"]) == (503, "no room host is up yet")


def test_without_an_application_it_is_not_ready() -> None:
    assert client().get("/ready").status_code == 503


def test_a_controller_that_is_gone_is_told_in_words() -> None:
    def gone() -> ServeStatus:
        raise RuntimeError("the actor died")

    reply = client(read_status=gone).get("/ready")
    assert reply.status_code == 503
    assert "controller does not answer" in reply.json()["reason"]


def test_a_controller_that_hangs_holds_up_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_app, "READY_S", 0.05)
    go, asked = threading.Event(), 0

    def hang() -> ServeStatus:
        nonlocal asked
        asked += 1
        go.wait(30)
        return serving(Ensemble="HEALTHY")

    with client(read_status=hang) as http:
        for _ in range(3):
            reply = http.get("/ready")
            assert reply.status_code == 503
            assert "controller does not answer" in reply.json()["reason"]
            assert http.get("/health").status_code == 200
        go.set()
        while http.get("/ready").status_code != 200:
            time.sleep(0.01)
    assert asked == 1


def test_uploads_beyond_a_few_are_refused() -> None:
    go = threading.Event()
    held = [UPLOADS._executor.submit(go.wait, 30)]
    while UPLOADS._places.acquire(blocking=False):
        held.append(held[0])
    reply = client().post("/predict", files={"image": jpeg()})
    assert (reply.status_code, reply.json()["code"]) == (503, "AT_CAPACITY")
    go.set()
    for _ in held[1:]:
        UPLOADS._places.release()
    assert client().post("/predict", files={"image": jpeg()}).status_code == 200
