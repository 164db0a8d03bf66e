from __future__ import annotations

import email as mails
import socket
import threading
from collections.abc import Callable
from typing import Any

import pytest

import martlet.luigi as luigi
from martlet.luigi import configuration, notifications

Set = Callable[..., None]


class Selection(luigi.Task):
    dataset = luigi.Parameter()
    n = luigi.IntParameter(default=1)
    secret = luigi.Parameter(default="hidden", visibility=luigi.parameter.ParameterVisibility.PRIVATE)


@pytest.fixture
def configured(monkeypatch: pytest.MonkeyPatch) -> Set:
    """`configured("email", receiver="…")`: settings of one section, nothing else being configured."""
    parser = configuration.LuigiConfigParser()
    monkeypatch.setattr(configuration.LuigiConfigParser, "_instance", parser)

    def configure(section: str, **settings: str) -> None:
        for name, value in settings.items():
            parser.set(section, name, value)

    return configure


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    calls: list[tuple[Any, ...]] = []
    monkeypatch.setattr(notifications, "send_email_smtp", lambda *args: calls.append(args))
    return calls


def test_nothing_is_sent_to_nobody_from_a_terminal_or_when_switched_off(
    configured: Set, sent: list[tuple[Any, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: False, raising=False)
    notifications.send_error_email("subject", "message")
    assert sent == []
    configured("email", receiver="a@x, b@x,", prefix="[tth]", sender="me@x")
    notifications.send_error_email("subject", "message", ["c@x"])
    assert sent == [("me@x", "[tth] subject", "message", ["a@x", "b@x", "c@x"], None)]
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    notifications.send_error_email("subject", "message")
    assert len(sent) == 1
    configured("email", force_send="true")
    notifications.send_error_email("subject", "message")
    assert len(sent) == 2
    configured("email", format="none")
    notifications.send_error_email("subject", "message")
    assert len(sent) == 2


def test_older_names_of_settings_count(configured: Set) -> None:
    configured("core", **{"error-email": "old@x", "email-prefix": "old", "smtp_host": "old.x"})
    with pytest.warns(DeprecationWarning, match="is deprecated"):
        assert notifications.email().receiver == "old@x"
    with pytest.warns(DeprecationWarning, match="is deprecated"):
        assert notifications.smtp().host == "old.x"
    configured("email", receiver="new@x", prefix="new")
    assert notifications.email().receiver == "new@x"


def test_what_is_said_of_a_task_that_failed(configured: Set) -> None:
    configured("email", traceback_max_length="40")
    task = Selection(dataset="tt\nH")
    text = notifications.format_task_error("It failed", task, "python reco.py", "Traceback\n" + "x" * 100)
    assert text.startswith("It failed\n\nName: Selection\n\nParameters:\n  dataset: tt\nH\n  n      : 1\n\nCommand")
    assert "x" * 30 + "...Traceback exceeds max length and has been truncated." in text
    assert "hidden" not in text
    configured("email", format="html")
    page = notifications.format_task_error("a < b", task, "run '<x>'", "Traceback <y>")
    assert "<h2>a &lt; b</h2>" in page
    assert "<th>n</th><td>1</td>" in page
    assert "<x>" not in page
    assert "<y>" not in page


def test_a_line_end_in_a_parameter_makes_no_header(configured: Set) -> None:
    mail = notifications.generate_email("me@x", "failed\nBcc: evil@x", "é\n", ["you@x"], None)
    read = mails.message_from_string(mail.as_string())
    assert read["Bcc"] is None
    assert read["Subject"] == "failed Bcc: evil@x"
    (text,) = read.get_payload()
    assert text.get_payload(decode=True).decode() == "é\n"


class MailServer(threading.Thread):
    """Takes one mail on loopback, or hangs up in the middle."""

    def __init__(self, rude: bool = False) -> None:
        super().__init__(daemon=True)
        self.rude = rude
        self.heard: list[str] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(30)
        self.port = str(self.listener.getsockname()[1])
        self.start()

    def run(self) -> None:
        connection, _ = self.listener.accept()
        connection.settimeout(30)
        with connection, self.listener, connection.makefile("rw", newline="\r\n") as stream:
            say = lambda text: (stream.write(f"{text}\n"), stream.flush())  # noqa: E731
            say("220 here")
            in_mail = False
            for line in stream:
                word = line.rstrip()
                self.heard.append(word)
                if in_mail:
                    in_mail = word != "."
                    if not in_mail:
                        say("250 taken")
                elif word.upper() == "DATA":
                    if self.rude:
                        return
                    in_mail = True
                    say("354 go on")
                elif word.upper() == "QUIT":
                    say("221 bye")
                    return
                else:
                    say("250 fine")


def test_a_mail_arrives_at_a_server(configured: Set) -> None:
    server = MailServer()
    configured("smtp", host="127.0.0.1", port=server.port)
    notifications.send_email_smtp("me@x", "subject", "message", ["you@x", "her@x"], None)
    server.join(30)
    assert "rcpt TO:<her@x>" in [line.replace("RCPT", "rcpt") for line in server.heard]
    assert "Subject: subject" in server.heard
    assert server.heard[-1].upper() == "QUIT"


def test_a_server_that_is_not_there_or_hangs_up_is_logged(configured: Set, caplog: pytest.LogCaptureFixture) -> None:
    server = MailServer(rude=True)
    configured("smtp", host="127.0.0.1", port=server.port)
    notifications.send_email_smtp("me@x", "subject", "message", ["you@x"], None)
    server.join(30)
    assert "Not able to connect to smtp server" in caplog.text
    caplog.clear()
    notifications.send_email_smtp("me@x", "subject", "message", ["you@x"], None)
    assert "Not able to connect to smtp server" in caplog.text
