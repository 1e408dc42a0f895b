"""The description of the sockets, as it is served: without a browser."""

import re

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from deployments.ingress.reference import LINKS, build_reference
from hoovik.schema.asyncapi import asyncapi_document


@pytest.fixture(scope="module")
def client() -> TestClient:
    http = FastAPI()
    http.include_router(build_reference())
    return TestClient(http)


def test_the_document_is_served_to_programs_of_any_origin(client: TestClient) -> None:
    reply = client.get("/asyncapi.json")
    assert reply.json() == asyncapi_document()
    assert reply.headers["content-type"] == "application/json"
    assert reply.headers["access-control-allow-origin"] == "*"
    assert reply.headers["cache-control"] == "no-cache"
    assert client.head("/asyncapi.json").content == b""


def test_the_page_runs_its_own_files_and_nothing_else(client: TestClient) -> None:
    reply = client.get("/asyncapi")
    assert reply.headers["content-type"] == "text/html; charset=utf-8"
    assert "script-src 'self'" in reply.headers["content-security-policy"]
    assert "camera=()" in reply.headers["permissions-policy"]
    assert re.findall(r"<style|<script(?![^>]* src=)| style=| on\w+=|https?:", reply.text) == []


def test_neither_is_one_of_the_http_endpoints(client: TestClient) -> None:
    assert client.get("/openapi.json").json()["paths"] == {}


def test_the_links_of_the_http_side_lead_here(client: TestClient) -> None:
    targets = re.findall(r"\]\(([^)]+)\)", LINKS)
    assert targets == ["/asyncapi", "/asyncapi.json"]
    assert [client.get(target).status_code for target in targets] == [200, 200]
