"""luigi.notifications: e-mails that tell of tasks that failed.

`[email] receiver` says who gets them, and `owner_email` of a task. Nothing is sent from a terminal unless `[email]
force_send` is set.
"""

# The names are luigi's. `email` here is its section of the configuration, not Python's package.

from __future__ import annotations

import html
import logging
import os
import sys
from collections.abc import Iterable
from typing import Any

from ..parameters import (
    BoolParameter,
    ChoiceParameter,
    FloatParameter,
    IntParameter,
    OptionalParameter,
    Parameter,
    ParameterVisibility,
)
from .task import Config, Task

_logger = logging.getLogger("luigi-interface")
DEFAULT_CLIENT_EMAIL = f"luigi-client@{os.uname().nodename}"
_LONGEST_SUBJECT = 100
"""Characters that SNS takes."""


def _once_in(section: str, name: str) -> dict[str, str]:
    """Where older configurations have a setting."""
    return {"section": section, "name": name}


class TestNotificationsTask(Task):
    """Fails, so that one can see whether e-mails arrive: `TestNotificationsTask --email-force-send`."""

    __test__ = False  # whatever pytest makes of the name

    raise_in_complete = BoolParameter(description="fail in complete() instead of in run()")

    def run(self) -> None:
        raise ValueError("This error shows that notifications work")

    def complete(self) -> bool:
        if self.raise_in_complete:
            raise ValueError("This error shows that notifications work")
        return False


class email(Config):
    """Section [email]: to whom what is sent, and how."""

    force_send = BoolParameter(default=False, description="send from a terminal too")
    format = ChoiceParameter(
        default="plain",
        config_path=_once_in("core", "email-type"),
        choices=("plain", "html", "none"),
        description="form of the e-mails; none: no e-mails",
    )
    method = ChoiceParameter(
        default="smtp",
        config_path=_once_in("email", "type"),
        choices=("smtp", "sendgrid", "ses", "sns"),
        description="what they are sent with",
    )
    prefix = Parameter(
        default="", config_path=_once_in("core", "email-prefix"), description="beginning of every subject"
    )
    receiver = Parameter(
        default="", config_path=_once_in("core", "error-email"), description="who is told of errors; commas between"
    )
    traceback_max_length = IntParameter(default=5000, description="characters of a traceback that are sent")
    sender = Parameter(
        default=DEFAULT_CLIENT_EMAIL, config_path=_once_in("core", "email-sender"), description="who sends them"
    )


class smtp(Config):
    """Section [smtp]: the mail server."""

    host = Parameter(default="localhost", config_path=_once_in("core", "smtp_host"), description="its name")
    local_hostname = OptionalParameter(
        default=None,
        config_path=_once_in("core", "smtp_local_hostname"),
        description="name of this machine, as it is told to the server",
    )
    no_tls = BoolParameter(
        default=False, config_path=_once_in("core", "smtp_without_tls"), description="never turn encryption on"
    )
    password = OptionalParameter(
        default=None,
        config_path=_once_in("core", "smtp_password"),
        description="password of username",
        visibility=ParameterVisibility.PRIVATE,
    )
    port = IntParameter(default=0, config_path=_once_in("core", "smtp_port"), description="its port; 0: the usual one")
    ssl = BoolParameter(default=False, config_path=_once_in("core", "smtp_ssl"), description="encrypt from the start")
    timeout = FloatParameter(
        default=10.0, config_path=_once_in("core", "smtp_timeout"), description="seconds to wait for it"
    )
    username = OptionalParameter(
        default=None, config_path=_once_in("core", "smtp_login"), description="who logs in; none: nobody"
    )


class sendgrid(Config):
    """Section [sendgrid]."""

    apikey = Parameter(
        config_path=_once_in("email", "SENGRID_API_KEY"),
        description="key of the account at SendGrid",
        visibility=ParameterVisibility.PRIVATE,
    )


def generate_email(
    sender: str, subject: str, message: str, recipients: Iterable[str], image_png: str | None
) -> Any:
    """The e-mail; `image_png` is the path of a picture to send along."""
    from email.mime.image import MIMEImage
    from email.mime.multipart import MIMEMultipart
    from email.mime.text import MIMEText

    mail = MIMEMultipart("related")
    mail.attach(MIMEText(message, email().format, "utf-8"))
    if image_png:
        with open(image_png, "rb") as file:
            mail.attach(MIMEImage(file.read(), "png"))
    mail["Subject"] = " ".join(subject.splitlines())  # a parameter may have line ends in it
    mail["From"] = sender
    mail["To"] = ",".join(recipients)
    return mail


def send_email_smtp(sender: str, subject: str, message: str, recipients: list[str], image_png: str | None) -> None:
    """Sends through a mail server; that it cannot be reached is logged."""
    import smtplib

    server = smtp()
    arguments: dict[str, Any] = {"host": server.host, "port": server.port, "local_hostname": server.local_hostname}
    if server.timeout:
        arguments["timeout"] = server.timeout
    try:
        connection = smtplib.SMTP_SSL(**arguments) if server.ssl else smtplib.SMTP(**arguments)
        try:
            connection.ehlo_or_helo_if_needed()
            if connection.has_extn("starttls") and not server.no_tls:
                connection.starttls()
            if server.username and server.password:
                connection.login(server.username, server.password)
            mail = generate_email(sender, subject, message, recipients, image_png)
            connection.sendmail(sender, recipients, mail.as_string())
        finally:
            connection.quit()
    except OSError as error:
        _logger.error("Not able to connect to smtp server: %s", error)


def send_email_ses(sender: str, subject: str, message: str, recipients: list[str], image_png: str | None) -> None:
    """Sends with Amazon's SES; boto3 finds the credentials."""
    import boto3

    mail = generate_email(sender, subject, message, recipients, image_png)
    client = boto3.client("ses")
    answer = client.send_raw_email(Source=sender, Destinations=recipients, RawMessage={"Data": mail.as_string()})
    _log_sent("SES", answer)


def send_email_sns(sender: str, subject: str, message: str, topic_ARN: list[str], image_png: str | None) -> None:
    """Publishes in a topic of Amazon's SNS, whose name is the first recipient; boto3 finds the credentials."""
    import boto3

    if len(subject) > _LONGEST_SUBJECT:
        subject = f"{subject[:48]}...{subject[-49:]}"
    topic = boto3.resource("sns").Topic(topic_ARN[0])
    _log_sent("SNS", topic.publish(Subject=subject, Message=message))


def _log_sent(service: str, answer: Any) -> None:
    about = answer["ResponseMetadata"]
    _logger.debug(
        "Message sent to %s.\nMessageId: %s,\nRequestId: %s,\nHTTPSStatusCode: %s",
        service, answer["MessageId"], about["RequestId"], about["HTTPStatusCode"],
    )  # fmt: skip


def send_email_sendgrid(sender: str, subject: str, message: str, recipients: list[str], image_png: str | None) -> None:
    """Sends with SendGrid's library."""
    import sendgrid as library

    mail = library.Mail(from_email=sender, to_emails=recipients, subject=subject)
    mail.add_content(message, "text/html" if email().format == "html" else "text/plain")
    if image_png:
        mail.add_attachment(image_png)
    library.SendGridAPIClient(sendgrid().apikey).send(mail)


def _email_disabled_reason() -> str | None:
    if email().format == "none":
        return "email format is 'none'"
    if not email().force_send and sys.stdout.isatty():
        return "running from a tty"
    return None


def send_email(
    subject: str, message: str, sender: str, recipients: Iterable[str | None], image_png: str | None = None
) -> None:
    """Sends an e-mail as `[email] method` says, if there are recipients and nothing speaks against it."""
    addresses = [address.strip() for entry in recipients or () if entry for address in entry.split(",")]
    addresses = [address for address in addresses if address]
    if not addresses:
        return
    reason = _email_disabled_reason()
    if reason:
        _logger.info("Not sending email to %r because %s", addresses, reason)
        return
    _logger.info("Sending email to %r", addresses)
    send = {
        "smtp": send_email_smtp, "sendgrid": send_email_sendgrid, "ses": send_email_ses, "sns": send_email_sns,
    }[email().method]  # fmt: skip
    send(sender, _prefix(subject), message, addresses, image_png)


def _email_recipients(additional_recipients: str | Iterable[str] | None = None) -> list[str]:
    receiver = email().receiver
    recipients = [receiver] if receiver else []
    if isinstance(additional_recipients, str):
        additional_recipients = [additional_recipients]
    return recipients + list(additional_recipients or ())


def send_error_email(subject: str, message: str, additional_recipients: str | Iterable[str] | None = None) -> None:
    """Sends an e-mail to `[email] receiver` and to who else is named."""
    send_email(subject, message, email().sender, _email_recipients(additional_recipients))


def _prefix(subject: str) -> str:
    prefix = email().prefix
    return f"{prefix} {subject}" if prefix else subject


def wrap_traceback(traceback: str) -> str:
    """A traceback as the format of e-mails wants it: with colours in HTML if pygments is there."""
    if email().format != "html":
        return traceback
    try:
        from pygments import highlight
        from pygments.formatters import HtmlFormatter
        from pygments.lexers import PythonTracebackLexer
    except ImportError:
        return f"<pre>{html.escape(traceback)}</pre>"
    return str(highlight(traceback, PythonTracebackLexer(), HtmlFormatter(noclasses=True)))


def format_task_error(headline: str, task: Any, command: str, formatted_exception: str | None = None) -> str:
    """What an e-mail says of a task that failed.

    :param headline: what happened, in a line.
    :param command: the command line of the run.
    :param formatted_exception: the traceback.
    """
    trace = formatted_exception or ""
    limit = email().traceback_max_length
    if len(trace) > limit:
        trace = f"{trace[:limit]}...Traceback exceeds max length and has been truncated."
    if trace:
        trace = wrap_traceback(trace)
    if email().format == "html":
        return _html_message(headline, task, command, trace)
    texts = task.to_str_params()
    width = max(map(len, texts), default=0)
    parameters = "\n".join(f"  {name:{width}}: {value}" for name, value in texts.items())
    parts = [headline, f"Name: {task.task_family}", f"Parameters:\n{parameters}", f"Command line:\n  {command}", trace]
    return "\n\n".join(parts) + "\n"


def _html_message(headline: str, task: Any, command: str, trace: str) -> str:
    rows = {"name": task.task_family, **task.to_str_params()}
    lines = [f"<tr><th>{html.escape(name)}</th><td>{html.escape(value)}</td></tr>" for name, value in rows.items()]
    return "\n".join([
        "<html>", "<body>", f"<h2>{html.escape(headline)}</h2>",
        "<table>", *lines, "</table>",
        "<h2>Command line</h2>", f"<pre>{html.escape(command)}</pre>",
        "<h2>Traceback</h2>", trace,
        "</body>", "</html>",
    ])  # fmt: skip


__all__ = [
    "DEFAULT_CLIENT_EMAIL",
    "TestNotificationsTask",
    "email",
    "format_task_error",
    "generate_email",
    "send_email",
    "send_email_sendgrid",
    "send_email_ses",
    "send_email_smtp",
    "send_email_sns",
    "send_error_email",
    "sendgrid",
    "smtp",
    "wrap_traceback",
]
