"""Whom we trust when a certificate is checked, and how wide the handshake is offered."""

import asyncio
import os
import ssl
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

_OP_LEGACY_SERVER_CONNECT = 0x4  # named in `ssl` only from Python 3.12


class TrustError(Exception):
    """The CA file that checks.yaml names cannot be read or holds no certificate."""


@dataclass(slots=True)
class Trust:
    """Makes TLS contexts and keeps them until their CA file changes: loading the machine's list takes 10–30 ms.

    `folder` is where checks.yaml lies; `protocols` are offered by ALPN, none when empty. A context kept does not warm
    a later run: sessions are not resumed.
    """

    folder: Path
    protocols: tuple[str, ...] = ()
    _kept: dict[Path | None, tuple[int, ssl.SSLContext]] = field(default_factory=dict)
    _making: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def context(self, ca_file: str | None) -> ssl.SSLContext:
        """Return the context that trusts the machine's own list and `ca_file` (relative to `folder`), if given.

        Raises:
            TrustError: The file cannot be used.
        """
        path = self.folder / ca_file if ca_file is not None else None
        try:
            if not self._still_holds(path):
                async with self._making:  # one of all who ask at once makes it
                    if not self._still_holds(path):
                        self._kept[path] = (_changed(path), await asyncio.to_thread(self._made, path))
        except OSError as error:  # ssl.SSLError is one
            raise TrustError(f"trust.ca_file {path}: {type(error).__name__}") from None
        return self._kept[path][1]

    def _still_holds(self, ca_file: Path | None) -> bool:
        """Whether the context kept is that of the files as they are: asking them costs less than a thread that asks."""
        kept = self._kept.get(ca_file)
        return kept is not None and kept[0] == _changed(ca_file)

    def _made(self, ca_file: Path | None) -> ssl.SSLContext:
        context = ssl.create_default_context()
        if ca_file is not None:
            # Besides the machine's own list: an internal portal may redirect to a sign-on with a public certificate.
            context.load_verify_locations(str(ca_file))
        _as_wide_as_a_browser(context)
        if self.protocols:
            context.set_alpn_protocols(self.protocols)
        return context


def without_verification() -> ssl.SSLContext:
    """Return a context that accepts any certificate: only for reading one that was refused."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    _as_wide_as_a_browser(context)
    return context


def _as_wide_as_a_browser(context: ssl.SSLContext) -> None:
    # Python offers less than browsers do: no RSA key exchange, no CBC suites, no servers without RFC 5746, and from
    # 3.13 strict RFC 5280. A server a citizen reaches without a warning must not be reported as broken.
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("DEFAULT:@SECLEVEL=1")
    context.options |= _OP_LEGACY_SERVER_CONNECT
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT


def _changed(ca_file: Path | None) -> int:
    if ca_file is not None:
        return ca_file.stat().st_mtime_ns
    return max(map(_changed_at, _places()))


@cache
def _places() -> tuple[Path, ...]:
    """Return where OpenSSL looks for the machine's own list, whether it is there or not."""
    paths = ssl.get_default_verify_paths()
    return (
        Path(os.environ.get(paths.openssl_cafile_env, paths.openssl_cafile)),
        Path(os.environ.get(paths.openssl_capath_env, paths.openssl_capath)),
    )


def _changed_at(place: Path) -> int:
    try:
        return place.stat().st_mtime_ns
    except FileNotFoundError:
        return 0
