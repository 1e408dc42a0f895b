"""The pages and their files in one process, without a browser."""

import re
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import SecretStr

from deployments.ingress.pages import CONTENT_TYPES, build_pages, read_assets
from hoovik.settings import AuthSettings, Settings

ROOT = Path(__file__).resolve().parents[3]
WEB = ROOT / "web"


def client(settings: Settings | None = None) -> TestClient:
    http = FastAPI()
    http.include_router(build_pages(settings or Settings()))
    return TestClient(http)


@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/room/standup", "text/html; charset=utf-8"),
        ("/web/hoovik-client.js", "text/javascript; charset=utf-8"),
        ("/web/client/chunk-processor.js", "text/javascript; charset=utf-8"),
        ("/web/page/base.css", "text/css; charset=utf-8"),
        ("/web/icon.svg", "image/svg+xml"),
        ("/web/config.json", "application/json"),
    ],
)
def test_each_kind_of_file_says_what_it_is(path: str, content_type: str) -> None:
    reply = client().get(path)
    assert reply.status_code == 200
    assert reply.headers["content-type"] == content_type
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.headers["referrer-policy"] == "no-referrer"
    assert client().head(path).content == b""


@pytest.mark.parametrize("path", ["/", "/room/standup", "/stats"])
def test_a_page_runs_its_own_files_and_nothing_else(path: str) -> None:
    reply = client().get(path)
    policy = dict(
        directive.split(" ", 1)
        for directive in reply.headers["content-security-policy"].split("; ")
    )
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert re.findall(r"<style|<script(?![^>]* src=)| style=| on\w+=", reply.text) == []


def test_only_the_page_that_captures_may_capture() -> None:
    assert "camera=(self), microphone=(self)" in client().get("/").headers["permissions-policy"]
    for path in ("/room/a", "/stats"):
        assert "camera=(), microphone=()" in client().get(path).headers["permissions-policy"]


@pytest.mark.parametrize(
    "path",
    [
        "/web/__init__.py",
        "/web/index.html",
        "/web/asyncapi.html",
        "/web/no-such.js",
        "/web/../pyproject.toml",
        "/web/%2e%2e/pyproject.toml",
        "/web/..%2fpyproject.toml",
        "/web//etc/passwd",
        "/web/page",
    ],
)
def test_nothing_else_is_served(path: str) -> None:
    assert client().get(path).status_code == 404


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/room/stand%20up%2F%C3%BC", 200),
        ("/room/a/b", 200),
        ("/room/" + "r" * 160, 200),
        ("/room/" + "r" * 161, 404),
        ("/room/a%0Ab", 404),
        ("/room/%20", 404),
        ("/room/", 404),
    ],
)
def test_a_room_has_a_page_if_it_could_have_that_name(path: str, status: int) -> None:
    assert client().get(path).status_code == status


def test_a_file_that_the_browser_has_is_not_sent_again() -> None:
    first = client().get("/web/hoovik-client.js")
    assert first.headers["cache-control"] == "no-cache"
    etag = first.headers["etag"]
    for known in (etag, f'"other", W/{etag}'):
        again = client().get("/web/hoovik-client.js", headers={"If-None-Match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    other = client().get("/web/hoovik-client.js", headers={"If-None-Match": '"other"'})
    assert other.content == first.content


def test_pages_of_other_origins_may_import_the_client() -> None:
    assert client().get("/web/client/link.js").headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-origin" not in client().get("/").headers


def test_the_config_says_what_the_settings_say() -> None:
    strict = Settings(
        untrained=True,
        auth=AuthSettings(jwt_secret=SecretStr("x" * 32), require_consent=True),
    )
    assert client(strict).get("/web/config.json").json() == {
        "consentRequired": True,
        "tokenRequired": True,
        "targetFps": 5.0,
        "soundKeptSec": 4.0,
        "faceKeptSec": 6.0,
        "untrained": True,
    }
    plain = client().get("/web/config.json").json()
    assert not any(plain[name] for name in ("consentRequired", "tokenRequired", "untrained"))


def test_every_file_of_the_folder_is_served_and_packaged() -> None:
    there = {
        str(path.relative_to(WEB))
        for path in WEB.rglob("*")
        if path.is_file() and path.suffix not in (".py", ".pyc")
    }
    assert set(read_assets()) == there
    patterns = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    packaged = {
        str(path.relative_to(WEB))
        for pattern in patterns["package-data"]["web"]
        for path in WEB.glob(pattern)
    }
    assert packaged == there
    assert {Path(name).suffix for name in there} == set(CONTENT_TYPES)
    assert Path(str(files("web"))).samefile(WEB)


@pytest.mark.parametrize(
    ("page", "entry"),
    [
        ("index.html", "page/participant.js"),
        ("room.html", "page/observer.js"),
        ("asyncapi.html", "asyncapi/reference.js"),
        ("stats.html", "stats/stats.js"),
    ],
)
def test_a_page_asks_for_all_its_modules_at_once(page: str, entry: str) -> None:
    """One that was found only by running another would cost a round trip."""
    asked = re.findall(r'modulepreload" href="/web/([^"]+)"', (WEB / page).read_text())
    needed: set[str] = set()
    open_ends = [entry]
    while open_ends:
        module = open_ends.pop()
        for target in re.findall(r'from "(\.[^"]+)"', (WEB / module).read_text()):
            path = str((WEB / module).parent.joinpath(target).resolve().relative_to(WEB))
            open_ends += [path] if path not in needed else []
            needed.add(path)
    assert sorted(asked) == sorted(needed)
