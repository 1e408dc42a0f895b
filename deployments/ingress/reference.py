"""The sockets' protocol as OpenAPI cannot say it: for programs, and for people."""

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from deployments.ingress.pages import FOR_ALL, FOR_MODULES, FOR_PAGES, WATCHING, read_assets
from hoovik.schema.asyncapi import asyncapi_document

LINKS = """\
Expressed emotion in video meetings. The messages over Socket.IO and WebSocket have \
[a page of their own](/asyncapi); for programs they are there as [AsyncAPI](/asyncapi.json)."""
"""Description of the HTTP side, which its own page shows."""


def build_reference() -> APIRouter:
    """AsyncAPI's document at ``/asyncapi.json``, a page that shows it at ``/asyncapi``."""
    page = read_assets()["asyncapi.html"]
    document = asyncapi_document()
    router = APIRouter(include_in_schema=False)

    async def asyncapi_json(_request: Request) -> Response:
        # Tools of other origins may read it.
        return JSONResponse(document, headers={**FOR_ALL, **FOR_MODULES})

    async def asyncapi(request: Request) -> Response:
        return page.answer(request, {**FOR_PAGES, **WATCHING})

    router.add_api_route("/asyncapi.json", asyncapi_json, methods=["GET", "HEAD"])
    router.add_api_route("/asyncapi", asyncapi, methods=["GET", "HEAD"])
    return router
