"""Faults of the line: connections, handshakes, names."""

from checks.run import Reason
from tests.faults.fault import OPEN, WELL, Expected, Fault, Switch, failed, slow

_PORTAL, _WAREHOUSE, _NAMES = "cong-quoc-gia", "kho-du-lieu", "dns"


def _line(id_: str, what: str, fault: str, reason: Reason, **numbers: float) -> tuple[Fault, Fault]:
    """Make the fault twice: met by a request, and met by a citizen's walk."""
    switches = (Switch(_PORTAL, fault, numbers=numbers),)
    return (
        Fault(f"{id_}-http", "network", what, "http", switches, failed(reason)),
        Fault(id_, "network", what, "page", switches, failed(reason, OPEN)),
    )


def _tls(id_: str, what: str, fault: str, expected: Expected) -> Fault:
    return Fault(id_, "tls", what, "https", (Switch(_WAREHOUSE, fault),), expected)


def _walked(id_: str, what: str, fault: str, reason: Reason = Reason.TLS) -> Fault:
    """Make the fault for a walk; no browser trusts the province's own authority, so it cannot be well again."""
    return Fault(f"{id_}-page", "tls", what, "secure", (Switch(_WAREHOUSE, fault),), failed(reason, OPEN), mends=False)


NETWORK = (
    *_line("refused", "Connections are refused.", "refuse", Reason.TCP),
    *_line("black-hole", "Connections are neither taken nor refused.", "deaf", Reason.TIMEOUT),
    *_line("reset", "The connection is reset instead of an answer.", "reset", Reason.TCP),
    *_line("hung-up", "The connection is closed instead of an answer.", "hang_up", Reason.TCP),
    *_line("silent", "The request is taken and never answered.", "hang", Reason.TIMEOUT),
    *_line("cut", "Half of the page, then the connection is reset.", "cut_body", Reason.TCP),
    *_line("short", "Half of the announced page, then the connection is closed.", "short_body", Reason.TCP),
    *_line("stalled", "Half of the page, then nothing any more (as with a wrong MTU).", "stall_body", Reason.TIMEOUT),
    *_line("dribbling", "The page trickles for a minute.", "slow_body", Reason.TIMEOUT, seconds=60),
    Fault(
        "closes-idle",
        "network",
        "The server closes the connection after every answer, which is its right.",
        "page",
        (Switch(_PORTAL, "closes_idle"),),
        WELL,
    ),
)

TLS = (
    _tls("expired", "The certificate ended yesterday.", "cert_expired", failed(Reason.TLS)),
    _tls("not-yet-valid", "The certificate begins tomorrow.", "cert_not_yet_valid", failed(Reason.TLS)),
    _tls("wrong-host", "The certificate names another host.", "cert_wrong_host", failed(Reason.TLS)),
    _tls("self-signed", "The certificate is signed by itself.", "cert_self_signed", failed(Reason.TLS)),
    _tls(
        "unknown-ca", "The certificate is signed by an authority nobody knows.", "cert_unknown_ca", failed(Reason.TLS)
    ),
    _tls("expiring", "The certificate ends in three days, and 21 are asked for.", "cert_expiring", slow()),
    _tls("old-tls", "Only TLS 1.0 is spoken.", "tls_old", failed(Reason.TLS)),
    _tls("handshake-cut", "The connection is reset in the middle of the handshake.", "tls_cut", failed(Reason.TLS)),
    _walked("unknown-ca", "The certificate is signed by an authority nobody knows.", "cert_unknown_ca"),
    _walked("self-signed", "The certificate is signed by itself.", "cert_self_signed"),
    _walked("old-tls", "Only TLS 1.0 is spoken.", "tls_old"),
    Fault(
        "handshake-cut-tls",
        "tls",
        "The connection is reset in the middle of the handshake.",
        "tls",
        (Switch(_WAREHOUSE, "tls_cut"),),
        failed(Reason.TLS),
    ),
    _walked("handshake-cut", "The same, in a browser, which does not tell when it was.", "tls_cut", Reason.TCP),
)

NAMES = (
    Fault("no-name", "names", "The name does not exist.", "dns", (Switch(_NAMES, "nxdomain"),), failed(Reason.DNS)),
    Fault(
        "servfail",
        "names",
        "The name server named in checks.yaml answers SERVFAIL.",
        "dns",
        (Switch(_NAMES, "dns_servfail"),),
        failed(Reason.DNS),
    ),
    Fault(
        "mute-names",
        "names",
        "The name server named in checks.yaml does not answer.",
        "dns",
        (Switch(_NAMES, "dns_timeout"),),
        failed(Reason.DNS),
    ),
)
