import asyncio
import socket
import ssl
from email.message import EmailMessage
from pathlib import Path

import aiosmtplib
import dns.asyncquery
import dns.exception
import dns.message
import dns.rcode
import pytest

from sandbox.province import PortTakenError, Province, Settings
from tests.sandbox.citizen import Citizen
from tests.sandbox.conftest import before_noon


def mail(subject: str) -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = subject
    message["From"] = "dvcwatch@example.org"
    message["To"] = "so-tu-phap@example.org"
    message.set_content("Dịch vụ đang hỏng.")
    message.add_alternative("<h1>Hỏng</h1><script>alert(1)</script>", subtype="html")
    return message


async def send(province: Province, message: EmailMessage) -> None:
    await aiosmtplib.send(message, hostname="127.0.0.1", port=province.port("smtp"), timeout=10)


async def ask(province: Province, name: str, kind: str = "A") -> dns.message.Message:
    query = dns.message.make_query(name, kind)
    return await dns.asyncquery.udp(query, "127.0.0.1", port=province.port("dns"), timeout=0.5)


async def test_a_mail_lands_in_the_readable_inbox(province: Province, citizen: Citizen) -> None:
    await send(province, mail("Đăng ký khai sinh: hỏng"))
    inbox = province.control_url + "/hop-thu"
    assert "Đăng ký khai sinh: hỏng" in (await citizen.get(inbox)).text
    page = await citizen.get(inbox + "/1")
    assert "Dịch vụ đang hỏng." in page.text
    assert "<script>alert" not in page.text
    async with citizen.session.get(inbox + "/1/html") as response:
        assert response.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert "Subject:" in (await citizen.get(inbox + "/1/nguon")).text
    async with citizen.session.get(province.control_url + "/api/hop-thu") as response:
        listed = await response.json()
    assert listed["mails"][0]["to"] == ["so-tu-phap@example.org"]
    assert listed["mails"][0]["text"].strip() == "Dịch vụ đang hỏng."
    async with citizen.session.delete(province.control_url + "/api/hop-thu") as response:
        assert await response.json() == {"deleted": 1}
    assert province.mailbox.mails() == ()


async def test_one_can_wait_for_a_mail(province: Province) -> None:
    async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(province.mailbox.wait_for(1))
        tasks.create_task(send(province, mail("Một")))
    assert [each.subject for each in waiting.result()] == ["Một"]


async def test_a_refused_recipient_and_a_closed_mail_server(province: Province) -> None:
    await province.faults.set("host:smtp", "smtp_reject")
    with pytest.raises(aiosmtplib.SMTPRecipientsRefused):
        await send(province, mail("Một"))
    await province.faults.clear()
    await province.faults.set("host:smtp", "smtp_down")
    with pytest.raises(aiosmtplib.SMTPConnectError):
        await send(province, mail("Hai"))
    await province.faults.clear()
    await send(province, mail("Ba"))
    assert [each.subject for each in province.mailbox.mails()] == ["Ba"]


async def test_the_name_server_knows_the_province_and_nothing_else(province: Province) -> None:
    answer = await ask(province, "mot-cua-xa.anbinh.example")
    assert answer.answer[0][0].to_text() == "127.0.0.1"
    assert (await ask(province, "bat-ky.thu.anbinh.example")).answer[0][0].to_text() == "127.0.0.1"
    assert (await ask(province, "khong-co.anbinh.example")).rcode() == dns.rcode.NXDOMAIN
    assert (await ask(province, "example.org")).rcode() == dns.rcode.REFUSED
    empty = await ask(province, "anbinh.example", "AAAA")
    assert (empty.rcode(), empty.answer) == (dns.rcode.NOERROR, [])


async def test_the_name_server_can_deny_everything_or_stay_silent(province: Province) -> None:
    await province.faults.set("host:dns", "nxdomain")
    assert (await ask(province, "anbinh.example")).rcode() == dns.rcode.NXDOMAIN
    await province.faults.clear()
    await province.faults.set("host:dns", "dns_timeout")
    with pytest.raises(dns.exception.Timeout):
        await ask(province, "anbinh.example")


async def test_the_name_server_can_fail_or_take_its_time(province: Province) -> None:
    await province.faults.set("host:dns", "dns_servfail")
    assert (await ask(province, "anbinh.example")).rcode() == dns.rcode.SERVFAIL
    await province.faults.clear()
    await province.faults.set("host:dns", "dns_slow", seconds=0.2)
    began = asyncio.get_running_loop().time()
    assert (await ask(province, "anbinh.example")).rcode() == dns.rcode.NOERROR
    assert asyncio.get_running_loop().time() - began >= 0.2


async def handshake(province: Province) -> None:
    context = ssl.create_default_context(cafile=str(province.ca_file))
    reader, writer = await asyncio.open_connection("127.0.0.1", province.port("kho-du-lieu"), ssl=context)
    del reader
    writer.close()
    await writer.wait_closed()


async def test_the_certificate_is_good_until_a_fault_says_otherwise(province: Province, citizen: Citizen) -> None:
    await handshake(province)
    context = ssl.create_default_context(cafile=str(province.ca_file))
    async with citizen.session.get(province.url("kho-du-lieu"), ssl=context) as response:
        assert "max-age" in response.headers["Strict-Transport-Security"]
    for fault, words in (
        ("cert_expired", "expired"),
        ("cert_not_yet_valid", "not yet valid"),
        ("cert_wrong_host", "IP address mismatch"),
        ("cert_self_signed", "self-signed"),
        ("cert_unknown_ca", "unable to get local issuer"),
    ):
        await province.faults.set("host:kho-du-lieu", fault)
        with pytest.raises(ssl.SSLCertVerificationError, match=words):
            await handshake(province)
        await province.faults.clear()
    await handshake(province)


async def test_a_handshake_can_be_cut_or_spoken_in_an_old_language(province: Province) -> None:
    for fault, error in (("tls_cut", ConnectionResetError), ("tls_old", ssl.SSLError)):
        await province.faults.set("host:kho-du-lieu", fault)
        with pytest.raises(error):
            await handshake(province)
        await province.faults.clear()
        await handshake(province)


async def test_a_certificate_can_be_about_to_end(province: Province) -> None:
    context = ssl.create_default_context(cafile=str(province.ca_file))
    await province.faults.set("host:kho-du-lieu", "cert_expiring")
    _, writer = await asyncio.open_connection("127.0.0.1", province.port("kho-du-lieu"), ssl=context)
    ends = ssl.cert_time_to_seconds(writer.get_extra_info("peercert")["notAfter"])
    assert 2.9 < (ends - before_noon().timestamp()) / 86400 < 3.1
    writer.close()
    await writer.wait_closed()


async def test_a_taken_port_is_named_and_nothing_stays_open(tmp_path: Path) -> None:
    async with Province(Settings(data=tmp_path, base_port=0)) as first:
        taken = first.port("bang-dieu-khien")
        with pytest.raises(PortTakenError, match=f"127.0.0.1:{taken} for bang-dieu-khien"):
            async with Province(Settings(data=tmp_path, base_port=taken)):
                pass


async def test_a_province_that_ends_leaves_no_task_and_no_port(tmp_path: Path) -> None:
    before = asyncio.all_tasks()
    async with Province(Settings(data=tmp_path, base_port=0)) as province:
        await province.faults.set("host:cdn", "hang")
        port = province.port("cdn")
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /cong.js HTTP/1.1\r\nHost: x\r\n\r\n")
        await asyncio.open_connection("127.0.0.1", province.port("smtp"))
    writer.close()
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == before
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0
