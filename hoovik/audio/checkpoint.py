"""Published weights: found in a folder or fetched by name, and held to their digest."""

import hashlib
import logging
from collections.abc import Sequence
from pathlib import Path

from hoovik.errors import BundleError, ConfigurationError

logger = logging.getLogger(__name__)


def weights_file(
    source: str, names: Sequence[str], setting: str, beside: str | None = None
) -> Path:
    """The weights in a local folder, or of a public name, downloaded.

    Args:
        source: folder or public name.
        names: that the file may have, in order of preference.
        setting: that `source` comes from, for the message.
        beside: another file, fetched with a download.

    Raises:
        ConfigurationError: nothing usable at `source`.
    """
    folder = Path(source).expanduser()
    if not folder.is_dir():
        return _download(source, names, setting, beside)
    for name in names:
        if (folder / name).is_file():
            return folder / name
    raise ConfigurationError(f"{folder} holds none of {', '.join(names)}")


def _download(source: str, names: Sequence[str], setting: str, beside: str | None) -> Path:
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import EntryNotFoundError, HfHubHTTPError, HFValidationError

    *preferred, last = names
    try:
        if beside is not None:
            hf_hub_download(source, beside)
        for name in preferred:
            try:
                return Path(hf_hub_download(source, name))
            except EntryNotFoundError:
                continue
        return Path(hf_hub_download(source, last))
    except (OSError, HfHubHTTPError, HFValidationError) as error:
        raise ConfigurationError(
            f"{source!r} is not here and cannot be downloaded ({error}); "
            f"set {setting} to where it lies"
        ) from error


def verify(weights: Path, sha256: str | None, setting: str) -> None:
    """Hold a file to its digest; without one the file's own is logged.

    Args:
        weights: the file.
        sha256: in hex; None: any.
        setting: that names the digest, for the log.

    Raises:
        BundleError: a file of another digest.
    """
    with weights.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if sha256 is None:
        logger.warning("weights are not pinned; set %s to %s to pin %s", setting, digest, weights)
    elif digest != sha256.lower():
        raise BundleError(f"{weights} has SHA-256 {digest}; {sha256} expected")
