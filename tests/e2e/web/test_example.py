"""The example of docs/web.md, in a page of another origin."""

import re
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.e2e.web.conftest import Visit

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "web.md"
DOCUMENTED = "http://127.0.0.1:8000"


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def elsewhere(service: str, tmp_path: Path) -> Iterator[str]:
    """Another web server, with the example as its only page."""
    (example,) = re.findall(r"(?ms)^```html\n(.*?)^```", DOCUMENT.read_text())
    assert DOCUMENTED in example
    icon = '<link rel="icon" href="data:,">'
    (tmp_path / "index.html").write_text(icon + example.replace(DOCUMENTED, service))
    handler = partial(Quiet, directory=tmp_path)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


async def test_another_page_can_use_the_client(visit: Visit, elsewhere: str) -> None:
    ada = await visit(url=elsewhere)
    await expect(ada.page.locator("#out")).to_have_text(
        re.compile(r"^(angry|fearful|disgust|happy|sad|neutral/calm), \d+ ms$"), timeout=15_000
    )
