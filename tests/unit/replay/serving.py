"""A web server of a few files, which counts what is asked of it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import urlsplit


class Server:
    """Serves files to those who bring the signature, if it asks for one.

    Attributes:
        address: without the path.
        asked: method, path and range of each request.
    """

    def __init__(self, files: Mapping[str, bytes], *, ranges: bool, signature: str) -> None:
        self.files = dict(files)
        self.ranges = ranges
        self.signature = signature
        self.asked: list[tuple[str, str, str]] = []
        self.address = ""

    def answer(self, handler: BaseHTTPRequestHandler, *, body: bool) -> None:
        url, wanted = urlsplit(handler.path), handler.headers.get("Range", "")
        self.asked.append((handler.command, url.path, wanted))
        content = self.files.get(url.path)
        if self.signature not in url.query:
            self._say(handler, 403, b"", {})
        elif content is None:
            self._say(handler, 404, b"", {})
        elif wanted and self.ranges:
            first, last = wanted.removeprefix("bytes=").split("-")
            end = min(int(last) + 1 if last else len(content), len(content))
            place = {"Content-Range": f"bytes {first}-{end - 1}/{len(content)}"}
            self._say(handler, 206, content[int(first) : end] if body else b"", place)
        else:
            self._say(handler, 200, content if body else b"", {}, len(content))

    def _say(
        self,
        handler: BaseHTTPRequestHandler,
        status: int,
        content: bytes,
        headers: dict[str, str],
        length: int | None = None,
    ) -> None:
        handler.send_response(status)
        handler.send_header("Content-Type", "application/octet-stream")
        handler.send_header("Content-Length", str(len(content) if length is None else length))
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(content)


@contextmanager
def serving(
    files: Mapping[str, bytes], *, ranges: bool = True, signature: str = ""
) -> Iterator[Server]:
    """A server of files by path."""
    server = Server(files, ranges=ranges, signature=signature)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            server.answer(self, body=True)

        def do_HEAD(self) -> None:
            server.answer(self, body=False)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        server.address = f"127.0.0.1:{listening.server_port}"
        thread = Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            listening.shutdown()
            thread.join()
