"""What a server does not import before somebody uses it: each of these takes 1 to 40 MB."""

import json
import os
import subprocess
import sys
from pathlib import Path

ON_FIRST_USE = {
    "aiohttp": "webhooks",
    "asyncpg": "PostgreSQL",
    "authlib": "an identity provider",
    "confrere.api.reference.document": "the OpenAPI document",
    "confrere.console.gate": "the console",
    "confrere.domain.campaigns.way_out": "replies, and checks of campaigns",
    "confrere.sandbox": "the sandbox",
    "httpx2": "an identity provider",
    "jinja2": "the console",
    "joserfc": "an identity provider",
    "liquid": "templates of campaigns",
    "mcp": "agents",
    "mcp_types": "agents",
    "python_socks": "a proxy",
    "segno": "the console's second factors",
}
"""Modules, and what needs them."""

START = """
import json, os, sys
from confrere.cli import servers

def print_modules(*_):
    print(json.dumps(sorted(sys.modules)), flush=True)
    os._exit(0)

servers._print_ready = print_modules
sys.argv = ["confrere", "up", "--json", "--port=0"]
from confrere.__main__ import main
main()
"""


def test_an_idle_server_has_not_imported_what_it_does_not_use(tmp_path: Path) -> None:
    """`confrere up` on SQLite is ready without the modules of features that nobody has used or configured."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CONFRERE_")}
    environment = {**kept, "CONFRERE_DATA_DIR": str(tmp_path)}
    run = subprocess.run([sys.executable, "-c", START], env=environment, capture_output=True, text=True, timeout=60)
    assert run.stdout, run.stderr
    imported = set(json.loads(run.stdout))
    assert "confrere.wiring.services" in imported
    assert {name: ON_FIRST_USE[name] for name in ON_FIRST_USE if name in imported} == {}
