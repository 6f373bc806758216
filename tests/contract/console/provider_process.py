"""A real identity provider, oidc-provider on Node, as a process; and a browser without a screen that logs in there."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import aiohttp

ROOT = Path(__file__).parent.parent.parent.parent
HOME = ROOT / ".cache" / "identity-provider"
PROGRAM = Path(__file__).parent / "identity_provider" / "provider.mjs"
CLIENT_ID = "confrere"
CLIENT_SECRET = "a secret: with/characters that+have to be % encoded"
ROLES = "admins=owner,marketing=writer+inbox,staff=viewer"
_ACTION = re.compile(r'action="([^"]+)"')


@dataclass(frozen=True)
class ProviderProcess:
    """Where the provider is, and what it knows of people."""

    issuer: str
    people_file: Path

    def know(self, **people: Mapping[str, Any]) -> None:
        """Set what it says of people, by name."""
        self.people_file.write_text(json.dumps(people))

    @property
    def environment(self) -> dict[str, str]:
        """The settings by which Confrere uses it."""
        return {
            "CONFRERE_OIDC_ISSUER": self.issuer,
            "CONFRERE_OIDC_CLIENT_ID": CLIENT_ID,
            "CONFRERE_OIDC_CLIENT_SECRET": CLIENT_SECRET,
            "CONFRERE_OIDC_ROLES": ROLES,
        }


@contextmanager
def running_provider(folder: Path) -> Iterator[ProviderProcess]:
    """Start a provider, which ends with the test."""
    subprocess.run([ROOT / "script" / "install-identity-provider"], check=True)
    program = HOME / PROGRAM.name  # beside its libraries
    shutil.copy(PROGRAM, program)
    people = folder / "people.json"
    people.write_text("{}")
    node = Path(sys.executable).with_name("node")
    with subprocess.Popen([node, program, people], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield ProviderProcess(process.stdout.readline().strip(), people)
        process.stdin.close()


async def log_in_there(url: str, name: str) -> str:
    """Follow the console's way to the provider, log in there, and return the way back, which is not followed."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
        method, fields = "GET", None
        while True:
            async with http.request(method, url, data=fields, allow_redirects=False) as answer:
                text = await answer.text()
            method, fields = "GET", None
            if "Location" in answer.headers:
                url = urljoin(url, answer.headers["Location"])
                if "/console/login/callback" in url:
                    return url
                continue
            found = _ACTION.search(text)
            assert found is not None, text
            method, url = "POST", urljoin(url, found[1])
            is_login = 'value="login"' in text
            fields = {"prompt": "login", "login": name, "password": "x"} if is_login else {"prompt": "consent"}
