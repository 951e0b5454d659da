"""Mail over a real SMTP server."""

import asyncio
import socket
import ssl
from email import message_from_bytes
from email.header import decode_header, make_header
from email.policy import compat32, default
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest
import trustme

from alerting.notifiers.mail import MailNotifier
from alerting.notifiers.message import compose
from alerting.notifiers.notifier import ChannelTrouble, MessageDelayed, MessageRefused
from checks.model import Mail
from checks.secrets import MASK, Secrets
from tests.alerting.letter_cases import mails
from tests.alerting.post_office import LOGIN, PostOffice, opened
from tests.alerting.province import SENDER

HOST = "127.0.0.1"
USER, PASSWORD = (part.decode() for part in LOGIN)


def notifier(owned: socket.socket, **fields: Any) -> MailNotifier:
    said = {"host": HOST, "port": owned.getsockname()[1], "security": "none", "sender": SENDER}
    how = {name: fields.pop(name) for name in ("tls", "timeout_s") if name in fields}
    environment = {"SMTP_PASSWORD": fields.pop("password_is", PASSWORD)}
    settings = Mail.model_validate(said | fields)
    return MailNotifier(settings, Secrets(environment, Path()), "Giám sát dịch vụ công tỉnh An Bình", **how)


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def server_tls(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(HOST).configure_cert(context)
    return context


@pytest.fixture
def client_tls(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


async def test_a_mail_arrives_with_both_parts_and_honest_headers(office: PostOffice, owned: socket.socket) -> None:
    sent = mails()["failed"]
    async with opened(office, owned):
        await notifier(owned).send(sent)
    (mail,) = office.mails
    assert office.receivers == [list(sent.to)]
    assert mail["Subject"] == sent.subject
    assert mail["From"] == f"Giám sát dịch vụ công tỉnh An Bình <{SENDER}>"
    assert mail["To"] == sent.to[0]
    assert mail["Auto-Submitted"] == "auto-generated"
    assert parsedate_to_datetime(mail["Date"]) == sent.created_at.replace(microsecond=0)
    assert mail["Message-ID"].endswith("@anbinh.example>")
    assert mail.get_content_type() == "multipart/alternative"
    text, html = mail.iter_parts()
    assert (text.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert text.get_content().replace("\r\n", "\n") == sent.text
    assert html.get_content().replace("\r\n", "\n") == sent.html


async def test_what_goes_over_the_wire_is_ascii_in_short_lines(office: PostOffice, owned: socket.socket) -> None:
    async with opened(office, owned):
        for mail in mails().values():
            await notifier(owned).send(mail)
    for source in office.sources:
        assert source.isascii()
        assert all(len(line) <= 998 for line in source.split(b"\r\n"))


async def test_the_all_clear_is_in_the_thread_of_its_alert(office: PostOffice, owned: socket.socket) -> None:
    found = mails()
    async with opened(office, owned):
        await notifier(owned).send(found["failed"])
        await notifier(owned).send(found["over"])
    down, up = office.mails
    assert up["In-Reply-To"] == up["References"] == down["Message-ID"]
    assert up["Message-ID"] != down["Message-ID"]


async def test_the_same_mail_twice_is_the_same_bytes(office: PostOffice, owned: socket.socket) -> None:
    async with opened(office, owned):
        await notifier(owned).send(mails()["failed"])
        await notifier(owned).send(mails()["failed"])
    first, again = office.sources
    assert first == again


async def test_nothing_can_add_a_header(office: PostOffice, owned: socket.socket) -> None:
    hostile = "Sở\r\nBcc: a@b.example\r\n\r\n<b>x</b>"
    mail = mails()["failed"].evolve(subject=hostile)
    async with opened(office, owned):
        sender = notifier(owned)
        await MailNotifier(sender.settings, sender.secrets, hostile).send(mail)
    (arrived,) = office.mails
    assert "Bcc" not in arrived
    assert arrived["Subject"] == "Sở Bcc: a@b.example <b>x</b>"
    assert arrived["From"].addresses[0].addr_spec == SENDER


@pytest.mark.parametrize("address", ["a@b.example\r\nBcc: c@d.example", "a,b@c.example", "a@b.example>"])
async def test_an_address_that_is_none_is_refused_before_anything_is_sent(
    address: str, office: PostOffice, owned: socket.socket
) -> None:
    async with opened(office, owned):
        with pytest.raises(MessageRefused, match="cannot be written as a mail"):
            await notifier(owned).send(mails()["failed"].evolve(to=(address,)))
    assert office.asked == 0


@pytest.mark.parametrize("command", ["RCPT", "DATA"])
@pytest.mark.parametrize(
    ("answer", "kind"), [("451 try again later", MessageDelayed), ("550 no such mailbox", MessageRefused)]
)
async def test_the_answer_decides_whether_to_try_again(
    command: str, answer: str, kind: type[Exception], office: PostOffice, owned: socket.socket
) -> None:
    office.answers[command] = [answer]
    async with opened(office, owned):
        with pytest.raises(kind, match=answer):
            await notifier(owned).send(mails()["failed"])
        await notifier(owned).send(mails()["failed"])
    assert len(office.sources) == 1


async def test_a_server_that_is_not_there_is_trouble_of_the_channel(owned: socket.socket) -> None:
    with pytest.raises(ChannelTrouble, match="SMTPConnectError"):
        await notifier(owned).send(mails()["failed"])


async def test_a_server_that_never_speaks_is_trouble_of_the_channel(owned: socket.socket) -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with await asyncio.start_server(silent, sock=owned):
        with pytest.raises(ChannelTrouble, match="Timeout"):
            await notifier(owned, timeout_s=0.05).send(mails()["failed"])


async def test_a_log_in_over_starttls(
    office: PostOffice, owned: socket.socket, server_tls: ssl.SSLContext, client_tls: ssl.SSLContext
) -> None:
    login = {"username": USER, "password": "${env:SMTP_PASSWORD}"}
    async with opened(office, owned, tls=server_tls, auth=True):
        await notifier(owned, security="starttls", tls=client_tls, **login).send(mails()["failed"])
    assert (office.encrypted, office.users) == ([True], [USER])


async def test_tls_from_the_start(
    office: PostOffice, owned: socket.socket, server_tls: ssl.SSLContext, client_tls: ssl.SSLContext
) -> None:
    async with opened(office, owned, tls=server_tls, implicit=True):
        await notifier(owned, security="tls", tls=client_tls).send(mails()["failed"])
    assert len(office.sources) == 1


async def test_a_wrong_password_can_be_mended_so_the_mail_is_kept(
    office: PostOffice, owned: socket.socket, server_tls: ssl.SSLContext, client_tls: ssl.SSLContext
) -> None:
    login = {"username": USER, "password": "${env:SMTP_PASSWORD}", "password_is": "mat-khau-cu"}
    sender = notifier(owned, security="starttls", tls=client_tls, **login)
    async with opened(office, owned, tls=server_tls, auth=True):
        with pytest.raises(ChannelTrouble, match="535") as caught:
            await sender.send(mails()["failed"])
    assert "mat-khau-cu" not in sender.secrets.redact(str(caught.value))
    assert MASK in sender.secrets.redact(str(caught.value))


async def test_a_missing_secret_can_be_mended_so_the_mail_is_kept(owned: socket.socket) -> None:
    with pytest.raises(ChannelTrouble, match="SMTP_MISSING is not set"):
        await notifier(owned, username=USER, password="${env:SMTP_MISSING}").send(mails()["failed"])


async def test_a_stranger_s_certificate_gets_no_mail(
    office: PostOffice, owned: socket.socket, server_tls: ssl.SSLContext
) -> None:
    async with opened(office, owned, tls=server_tls):
        with pytest.raises(ChannelTrouble, match=r"(?i)certificate"):
            await notifier(owned, security="starttls").send(mails()["failed"])
    assert office.asked == 0


async def test_without_the_starttls_that_was_asked_for_nothing_is_sent(
    office: PostOffice, owned: socket.socket
) -> None:
    async with opened(office, owned):
        with pytest.raises(ChannelTrouble, match="STARTTLS"):
            await notifier(owned, security="starttls").send(mails()["failed"])
    assert office.asked == 0


def test_no_space_of_a_long_vietnamese_subject_or_name_is_lost_in_folding() -> None:
    subject = "[dvcwatch] HỎNG: Tra cứu hồ sơ cấp xã và Đăng ký biến động quyền sử dụng đất – Sở Nông nghiệp (từ 10:05)"
    mail = mails()["failed"].evolve(subject=subject)
    name = "Giám sát dịch vụ công tỉnh An Bình (mô phỏng) của Sở Khoa học và Công nghệ"
    raw = compose(mail, "dvcwatch@anbinh.example", name).as_bytes()
    arrived = message_from_bytes(raw, policy=default)
    assert arrived["Subject"] == subject
    # Python's newer parser mends nothing between encoded words of a name; its older one reads as mail programs do.
    author = message_from_bytes(raw, policy=compat32)["From"]
    assert str(make_header(decode_header(author))) == f"{name} <dvcwatch@anbinh.example>"
    assert all(len(line) <= 78 for line in raw.split(b"\r\n\r\n")[0].splitlines())
