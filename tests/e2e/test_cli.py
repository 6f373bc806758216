"""The commands as processes, on a real store and the sandbox."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.e2e.command_line import Ran, confrere, environment_of
from tests.sandbox_process import SandboxProcess
from tests.server_process import Site, running_server


def send(site: Site, sandbox: SandboxProcess, *options: str, text: str = "Hello fellow group member!") -> Ran:
    """Send the reference page's message from the shell."""
    to = ["--to", sandbox.recipient, "--group", sandbox.group_id]
    return confrere(site.environment, "send", *to, "--message", text, *options)


def test_a_new_user_connects_an_account_and_sends(tmp_path: Path, sandbox: SandboxProcess) -> None:
    """A new user migrates, connects with a pasted cURL and sends; no command prints the cookie or the text."""
    settings = {"CONFRERE_DATA_DIR": str(tmp_path / "data"), "CONFRERE_LINKEDIN_URL": sandbox.url}
    known = sandbox.accounts[0]
    pasted = f"curl '{sandbox.url}/voyager/api/me' -H 'user-agent: {known.user_agent}' -b '{known.cookie}'"
    printed: list[Ran] = []

    def run(*arguments: str, given: str = "") -> Ran:
        printed.append(confrere(settings, *arguments, given=given))
        return printed[-1]

    assert run("migrate").code == 0
    connected = run("accounts", "connect", given=pasted)
    assert (connected.code, known.first_name in connected.out) == (0, True), connected
    assert run("accounts", "check").code == 0
    to = ["--to", sandbox.recipient, "--group", sandbox.group_id]
    sent = run("send", *to, "--json", given="secret words ✓\n")
    assert sent.code == 0, sent
    assert [message["text"] for message in sandbox.messages()] == ["secret words ✓\n"]
    send_id = sent.json["sendId"]
    assert run("sends", "list", "--json").json["sends"][0]["id"] == send_id
    assert run("sends", "show", send_id).code == 0
    assert run("quota", "--json").json["quotas"][0]["used"] == 1
    doctor = run("doctor", "--json")
    assert (doctor.code, doctor.json["ok"]) == (1, False)
    assert [one["subject"] for one in doctor.json["findings"] if not one["ok"]] == ["worker"]
    everything = "".join(ran.out + ran.err for ran in printed)
    assert known.csrf_token not in everything
    assert "secret words" not in everything
    assert "secret words" in run("sends", "show", send_id, "--with-text").out


def test_quota_exactly_the_limit_gets_through_many_processes(site: Site, sandbox: SandboxProcess) -> None:
    """Of six commands at once on a limit of two, two messages are seen, and the others exit with 3."""
    assert confrere(site.environment, "accounts", "set-limit", site.account_ids[0], "2").code == 0
    with ThreadPoolExecutor(3) as shells:
        codes = list(shells.map(lambda number: send(site, sandbox, text=f"{number}").code, range(6)))
    assert sorted(codes) == [0, 0, 3, 3, 3, 3]
    assert sandbox.count_messages() == 2


def test_once_an_unknown_send_is_found_by_its_repeat(site: Site, sandbox: SandboxProcess) -> None:
    """A send whose answer breaks exits with 4; the same command then finds the message and sends nothing."""
    sandbox.faults([{"match": {"path": "createMessage"}, "effect": "reset_after_accept"}])
    first = send(site, sandbox)
    assert first.code == 4
    assert "LinkedIn may have the message" in first.err
    assert send(site, sandbox).code == 0
    assert sandbox.count_messages() == 1
    assert [row.outcome for row in site.sends()] == ["accepted"]


def test_once_an_interrupted_send_is_joined_by_its_repeat(site: Site, sandbox: SandboxProcess) -> None:
    """Ctrl-C lets the send finish and exits with 130; the same command then sends nothing new."""
    sandbox.faults([{"match": {"path": "createMessage"}, "effect": "delay_seconds", "seconds": 2}])
    command = [sys.executable, "-m", "confrere", "send", "--to", sandbox.recipient, "--group", sandbox.group_id]
    with subprocess.Popen(
        [*command, "--message", "Hello fellow group member!"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment_of(site.environment),
    ) as process:
        while not site.sends():
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (130, "")
    assert "does not send it twice" in err
    assert "Traceback" not in err
    assert send(site, sandbox).code == 0
    assert sandbox.count_messages() == 1


def test_a_refusal_and_a_throttling_have_their_codes(site: Site, sandbox: SandboxProcess) -> None:
    """A refused send exits with 1; a throttled one with 3, and the account is held until it is released."""
    sandbox.act({"action": "block", "member": sandbox.recipient, "account": sandbox.accounts[0].profile_urn})
    refused = send(site, sandbox, "--json")
    assert (refused.code, refused.json["outcome"]) == (1, "refused")
    sandbox.reset()
    sandbox.faults([{"match": {"path": "createMessage"}, "effect": "status", "status": 429}])
    assert send(site, sandbox).code == 3
    assert send(site, sandbox, text="other").code == 3
    account_id = site.account_ids[0]
    assert confrere(site.environment, "accounts", "release-hold", account_id, "--yes").code == 0
    assert send(site, sandbox).code == 0
    assert sandbox.count_messages() == 1


def test_secrets_are_rotated_under_everything(site: Site, sandbox: SandboxProcess) -> None:
    """After a rotation the session still works and old texts can be read."""
    send_id = send(site, sandbox, "--json").json["sendId"]
    rotated = confrere(site.environment, "secrets", "rotate", "--json")
    assert rotated.json["written"] >= 2
    assert send(site, sandbox, text="again").code == 0
    assert "Hello fellow" in confrere(site.environment, "sends", "show", send_id, "--with-text").out


def test_a_key_from_the_shell_opens_the_api(site: Site) -> None:
    """A running server accepts a new key at once, and rejects a revoked one at once."""
    made = confrere(site.environment, "keys", "create", "--name", "crm", "--scope", "read", "--json").json
    header = {"Authorization": f"Bearer {made['key']}"}
    with running_server(site) as server:
        assert server.call("GET", "/linkedin/accounts", headers=header).status == 200
        assert confrere(site.environment, "keys", "revoke", made["id"]).code == 0
        assert server.call("GET", "/linkedin/accounts", headers=header).status == 401


def test_the_list_of_the_shell_binds_the_api(site: Site, sandbox: SandboxProcess, tmp_path: Path) -> None:
    """The API sends nothing to anybody of an imported do-not-contact file."""
    file = tmp_path / "people.csv"
    file.write_text(f"recipientProfileUrn,reason\n{sandbox.recipient},asked\n")
    assert confrere(site.environment, "do-not-contact", "import", str(file)).code == 0
    with running_server(site) as server:
        assert server.send(sandbox).body["errorDetails"]["data"]["code"] == "RECIPIENT_OPTED_OUT"
    assert sandbox.count_messages() == 0


@pytest.mark.parametrize("variables", [{"CONFRERE_PORT": "eighty"}, {"CONFRERE_PROT": "80"}])
def test_a_wrong_setting_is_one_line(tmp_path: Path, variables: dict[str, str]) -> None:
    """A wrong setting is reported in one line without a traceback, with exit code 2."""
    ran = confrere({"CONFRERE_DATA_DIR": str(tmp_path), **variables}, "keys", "list")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("Error: CONFRERE_P")
    assert ran.err.count("\n") == 1


@pytest.mark.parametrize(
    "arguments", [["accounts", "list"], ["quota"], ["keys", "create", "--name", "x"], ["secrets", "rotate"], ["worker"]]
)
def test_only_setup_commands_create_a_store(tmp_path: Path, arguments: list[str]) -> None:
    """Without a store, other commands report its place and setting, and create nothing."""
    ran = confrere({"CONFRERE_DATA_DIR": str(tmp_path / "elsewhere")}, *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert str(tmp_path / "elsewhere" / "confrere.db") in ran.err
    assert "CONFRERE_DATA_DIR" in ran.err
    assert list(tmp_path.iterdir()) == []


def test_no_command_makes_a_key_beside_a_store_that_has_lost_its_own(site: Site) -> None:
    """Without its key file a store gets no new key from doctor or rotation; once restored, it works."""
    file = site.settings.key_file
    aside = file.rename(file.with_name("aside"))
    for arguments in (["accounts", "list"], ["doctor"], ["secrets", "rotate"], ["migrate"]):
        ran = confrere(site.environment, *arguments)
        assert ran.code == 0 if arguments == ["migrate"] else str(file) in ran.out.replace("\n", "") + ran.err, ran
        assert not file.exists()
    aside.rename(file)
    assert confrere(site.environment, "accounts", "list").code == 0


def test_the_doctor_finds_open_files_and_damage(site: Site) -> None:
    """The doctor reports a key file that others may read and a damaged page, each with its remedy."""
    site.settings.key_file.chmod(0o644)
    database = site.settings.data_dir / "confrere.db"
    with database.open("r+b") as file:
        file.seek(-4_096, os.SEEK_END)
        file.write(b"\xff" * 4_096)
    ran = confrere(site.environment, "doctor", "--json")
    wrong = {one["subject"]: one for one in ran.json["findings"] if not one["ok"]}
    assert ran.code == 1
    assert wrong["secret key"]["remedy"] == f"Run `chmod 600 {site.settings.key_file}`"
    assert "backup" in wrong["store"]["remedy"]


def test_an_unreachable_server_is_named_with_its_address() -> None:
    """An unreachable server is reported without user and password, with its setting and exit code 5."""
    ran = confrere({"CONFRERE_DATABASE_URL": "postgresql://me:hunter2@127.0.0.1:9/x"}, "accounts", "list")
    assert (ran.code, ran.out) == (5, "")
    assert "PostgreSQL does not answer at 127.0.0.1:9: ConnectionRefusedError." in ran.err
    assert "CONFRERE_DATABASE_URL" in ran.err
    assert "hunter2" not in ran.err


def test_help_needs_no_settings() -> None:
    """Help and version work whatever the settings are."""
    for arguments in (["--help"], ["send", "--help"], ["--version"]):
        assert confrere({"CONFRERE_PORT": "eighty"}, *arguments).code == 0


def test_a_closed_pipe_causes_no_traceback(site: Site) -> None:
    """`confrere ... | head` ends without a traceback."""
    command = f"{sys.executable} -m confrere settings --json | true"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, env=environment_of(site.environment))
    assert "Traceback" not in done.stderr
