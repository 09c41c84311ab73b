"""MiniStack, with each Lambda layer unpacked once instead of once per worker.

Run by MiniStack's own interpreter in place of ``-m ministack``. Stock MiniStack 1.5.33 unpacks
every layer for every worker: thousands of files, seconds each, a dozen workers in one demo. Here
a worker gets a link to the first copy. Nothing else changes, and code that does not fit this any
more (a newer MiniStack) is left as it is.
"""

from __future__ import annotations

import hashlib
import tempfile
import threading
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from ministack.app import main  # type: ignore[import-not-found]  # in .venv-server only
from ministack.core import lambda_runtime  # type: ignore[import-not-found]  # as above

_lock = threading.Lock()


class _LayerOnce(zipfile.ZipFile):
    """A zip file that, when it is a layer, is linked to and not unpacked."""

    def namelist(self) -> list[str]:
        """Layers are our own: their paths need no check at each start."""
        return [] if self._is_layer else super().namelist()

    def extractall(
        self,
        path: Any = None,
        members: Any = None,
        pwd: bytes | None = None,
    ) -> None:
        """Unpack, or for a layer link to what is unpacked."""
        if not self._is_layer:
            super().extractall(path, members, pwd)
            return
        for entry in self._unpacked().iterdir():
            (Path(path) / entry.name).symlink_to(entry)

    @property
    def _is_layer(self) -> bool:
        return Path(self.filename or "").name.startswith("layer_")

    def _unpacked(self) -> Path:
        content = Path(str(self.filename)).read_bytes()
        once = Path(tempfile.gettempdir(), "layers", hashlib.sha256(content).hexdigest())
        with _lock:
            if not once.exists():
                super().extractall(once, super().namelist())
        return once


if __name__ == "__main__":
    lambda_runtime.zipfile = SimpleNamespace(**vars(zipfile) | {"ZipFile": _LayerOnce})
    main()
