"""Files that pages load, served under a name that holds a hash of all of them, so that browsers keep them for good."""

import hashlib
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

from confrere.http.answer import Answer

SHARED = Path(__file__).parent / "shared_assets"
"""Fonts, colours and icon of all pages."""

MEDIA_TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}
"""What is served; other files beside, such as licences, are not."""


def security_headers(*, form_action: str) -> Mapping[str, str]:
    """Return the headers of a page: nothing inline and nothing from other hosts, since secrets are typed into it.

    form_action:  'none', or 'self' for a page with forms.
    """
    policy = (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "font-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        f"form-action '{form_action}'",
        "frame-ancestors 'none'",
    )
    return {
        "Content-Security-Policy": "; ".join(policy),
        "Cross-Origin-Opener-Policy": "same-origin",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }


class Assets:
    """The files of some folders under one path. They are read when the first is asked for."""

    def __init__(self, path: str, *folders: Path) -> None:
        self._path = path
        self._folders = folders

    @cached_property
    def _contents(self) -> Mapping[str, bytes]:
        return {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for folder in self._folders
            for path in sorted(folder.rglob("*"))
            if path.suffix in MEDIA_TYPES
        }

    @cached_property
    def version(self) -> str:
        """A hash of the names and contents."""
        digest = hashlib.sha256()
        for name, content in self._contents.items():
            digest.update(name.encode() + b"\0" + content)
        return digest.hexdigest()[:16]

    @property
    def base(self) -> str:
        """The path under which pages name the files."""
        return f"{self._path}/{self.version}"

    def read(self, version: str, name: str) -> Answer | None:
        """Answer with a file; None where there is none of this name and version."""
        content = self._contents.get(name)
        if content is None or version != self.version:
            return None
        headers = (
            (b"cache-control", b"public, max-age=31536000, immutable"),
            (b"x-content-type-options", b"nosniff"),
        )
        return Answer(200, content, headers=headers, media_type=MEDIA_TYPES[Path(name).suffix])
