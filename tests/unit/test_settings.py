import subprocess
import sys
from pathlib import Path

import pytest

from confrere.settings import SettingError, Settings, read_settings

ROOT = Path(__file__).parent.parent.parent


def test_the_readme_has_every_setting() -> None:
    """The table in the README is the one in the code."""
    subprocess.run([sys.executable, ROOT / "script" / "write-docs", "--check"], check=True)


def test_settings_are_read_from_the_environment() -> None:
    """Values come in their types; blank ones count as absent, and other variables are ignored."""
    settings = read_settings(
        {
            "CONFRERE_PORT": "9000",
            "CONFRERE_DATA_DIR": "/srv/x",
            "CONFRERE_HOST": " ",
            "PATH": "/bin",
            "CONFRERE_API_KEY": "x",
        }
    )
    assert settings == Settings(port=9000, data_dir=Path("/srv/x"))
    assert settings.store_url == "sqlite:///srv/x/confrere.db"


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("CONFRERE_PORT", "99999", "CONFRERE_PORT must be a whole number from 0 to 65535"),
        ("CONFRERE_PORT", "web", "CONFRERE_PORT must be a whole number from 0 to 65535"),
        ("CONFRERE_LOG_FORMAT", "xml", "CONFRERE_LOG_FORMAT must be one of auto, json, text"),
        ("CONFRERE_RECONCILE_EVERY_SECONDS", "0", "CONFRERE_RECONCILE_EVERY_SECONDS must be a number above 0"),
        ("CONFRERE_RECONCILE_GAP_SECONDS", "soon", "CONFRERE_RECONCILE_GAP_SECONDS must be a number from 0 upwards"),
        (
            "CONFRERE_LINKEDIN_CONNECTIONS",
            "1.5",
            "CONFRERE_LINKEDIN_CONNECTIONS must be a whole number from 1 to 10000",
        ),
        ("CONFRERE_PROT", "1", "CONFRERE_PROT is not a setting; did you mean CONFRERE_PORT?"),
    ],
)
def test_wrong_settings_are_named(name: str, value: str, text: str) -> None:
    """A typo in a name or a value stops the start with the setting's name and what it must be."""
    with pytest.raises(SettingError) as error:
        read_settings({name: value})
    assert str(error.value) == text
