"""Where recordings lie: on a disk, or wherever fsspec reaches.

An address may carry a password or a signature. It is needed to read, and belongs into no output:
whatever is shown goes through `shown` or `scrubbed`.
"""

import os
import re
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import fsspec
from fsspec.implementations.local import LocalFileSystem

from hoovik.errors import MediaError

AT_ONCE = 16
"""How many files are asked about at a time: of ten thousand, each may be an ocean away."""

Question = TypeVar("Question")
Answer = TypeVar("Answer")


@contextmanager
def explained(address: str) -> Iterator[None]:
    """Whatever a file system raises within becomes a MediaError that gives nothing away."""
    try:
        yield
    except MediaError:
        raise
    except Exception as error:  # each file system has errors of its own
        reason = scrubbed(str(error)) or type(error).__name__
        raise MediaError(f"cannot reach {shown(address)}: {reason}") from None


def files_at(address: str) -> tuple[Any, str]:
    """File system and path of an address; MediaError where there is no such file system."""
    with explained(address):
        files, path = fsspec.core.url_to_fs(address)
        return files, os.path.abspath(path) if is_local(files) else path


def is_local(files: Any) -> bool:
    """Whether a file system is this machine's."""
    return isinstance(files, LocalFileSystem)


@contextmanager
def open_media(address: str) -> Iterator[Path | BinaryIO]:
    """What is at an address, to read: a path where it is local, else an open file that can seek.

    Raises:
        MediaError: it cannot be reached.
    """
    files, path = files_at(address)
    if is_local(files):
        yield Path(path)
        return
    with explained(address):
        file = files.open(path, "rb")
    with file:
        yield file


def fingerprint(address: str) -> str:
    """What its file system says of a file: another answer, another content; empty if nothing."""
    try:
        files, path = files_at(address)
        # Where a server sends the reader on to may be signed anew each time.
        said = sorted((key, str(value)) for key, value in files.info(path).items() if key != "url")
        return sha256(str(said).encode()).hexdigest()
    except Exception:  # whatever a file system raises: reading the file will say it better
        return ""


def at_once(ask: Callable[[Question], Answer], questions: Iterable[Question]) -> list[Answer]:
    """Answers in the order of the questions, which wait for file systems side by side."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(ask, questions))


def shown(address: str) -> str:
    """An address without what gives access: user, password, query."""
    links = re.split(r"::(?=[\w+.-]+(?:://|::))", address)
    return "::".join(_bare(link) for link in links)


def scrubbed(text: str) -> str:
    """A text with every URL in it as `shown`."""
    return re.sub(r"\w[\w+.-]*://\S+", lambda found: shown(found[0]), text)


def _bare(address: str) -> str:
    scheme, is_url, place = address.partition("://")
    if not is_url:
        return address
    host, slash, path = re.split(r"[?#]", place, maxsplit=1)[0].partition("/")
    return f"{scheme}://{host.rpartition('@')[2]}{slash}{path}"
