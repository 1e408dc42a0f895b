"""The HTTP side of the ingress in one process: small workers, no Ray."""

import time

import jwt
import pytest
from fastapi import FastAPI, HTTPException
from fastapi.testclient import TestClient
from pydantic import SecretStr

from deployments.ingress.body_limit import TOO_LARGE, with_body_limit
from deployments.ingress.http_app import build_http, refuse, refuse_body
from deployments.ingress.lobby import Lobby
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


def client(settings: Settings | None = None, workers: MeanWorkers | None = None) -> TestClient:
    lobby = Lobby(settings or Settings(), workers or MeanWorkers())
    http = FastAPI()
    http.add_exception_handler(HoovikError, refuse)
    http.add_exception_handler(TOO_LARGE, refuse_body)
    http.include_router(build_http(lobby, read_stats))
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
