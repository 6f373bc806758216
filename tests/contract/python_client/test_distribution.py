"""The package that is built from clients/python."""

import ast
import subprocess
import sys
import zipfile
from pathlib import Path

import confrere_client

HOME = Path(__file__).parents[3] / "clients" / "python"
PACKAGE = HOME / "src" / "confrere_client"


def _imported(path: Path) -> set[str]:
    nodes = list(ast.walk(ast.parse(path.read_text())))
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return names | {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}


def test_it_stands_alone() -> None:
    """The package imports the standard library, its one dependency and itself, and its core not even that."""
    users = set()
    for path in PACKAGE.glob("*.py"):
        for name in (name.partition(".")[0] for name in _imported(path)):
            assert name in {*sys.stdlib_module_names, "httpx2", "confrere_client"}
            if name == "httpx2":
                users.add(path.stem)
    assert users == {"transport", "client", "async_client"}


def test_its_public_names_are_sorted_and_there() -> None:
    """All names of `__all__` exist and are sorted."""
    assert sorted(confrere_client.__all__) == confrere_client.__all__
    assert all(hasattr(confrere_client, name) for name in confrere_client.__all__)


def test_the_wheel(tmp_path: Path) -> None:
    """The wheel builds without a network and holds the package, its type marker, licence and one requirement."""
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=HOME, check=True, capture_output=True)
    [wheel] = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        [metadata] = [name for name in names if name.endswith("METADATA")]
        text = archive.read(metadata).decode()
    assert "confrere_client/py.typed" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert {path.name for path in PACKAGE.glob("*.py")} == {
        Path(name).name for name in names if name.endswith(".py") and name.startswith("confrere_client/")
    }
    assert [line for line in text.splitlines() if line.startswith("Requires-Dist")] == ["Requires-Dist: httpx2<3,>=2.0"]
    assert f"Version: {confrere_client.__version__}" in text.splitlines()


def test_its_licence_is_the_projects() -> None:
    """The package's licence equals the project's, word for word."""
    assert (HOME / "LICENSE").read_text() == (HOME.parents[1] / "LICENSE").read_text()
