"""One-time passwords of authenticator apps (RFC 6238, SHA-1)."""

import base64
import binascii
import hashlib
import hmac


def password(secret: str, moment_s: float, *, digits: int, period_s: float) -> str:
    """Return the password valid at `moment_s` (seconds since 1970); `secret` is base32, spaces do not matter.

    Raises:
        ValueError: The secret is not base32. It is never repeated.
    """
    letters = "".join(secret.split()).upper().rstrip("=")
    try:
        key = base64.b32decode(letters + "=" * (-len(letters) % 8))
    except (binascii.Error, ValueError):
        raise ValueError("the secret of the one-time password is not base32") from None
    digest = hmac.digest(key, int(moment_s // period_s).to_bytes(8, "big"), hashlib.sha1)
    start = digest[-1] & 15
    number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**digits:0{digits}d}"
