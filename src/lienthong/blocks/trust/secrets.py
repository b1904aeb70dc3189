"""Secrets that are no keys of signers: shared with a provider, or for encryption at rest. Made at first use.

`secret_read`, `hmac_sign`, `hmac_holds` and `params_text` need no settings: the sandbox's bank and message
provider, programs without Django, sign with them too.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from urllib.parse import urlencode

from cryptography.fernet import Fernet
from django.conf import settings


@cache
def _read(path: Path) -> bytes:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        made = path.with_name(f"{path.name}.{os.getpid()}")
        made.touch(mode=0o600)
        made.write_text(secrets.token_hex(32))
        try:
            os.link(made, path)  # the first process wins, the others read what it wrote
        except FileExistsError:
            pass
        finally:
            made.unlink()
    return path.read_text().strip().encode()


def secret_read(folder: Path, name: str) -> bytes:
    """The secret shared with the provider `name`, in the folder of keys; made when there is none."""
    return _read(folder / f"shared-{name}")


def hmac_sign(secret: bytes, text: str) -> str:
    """HMAC-SHA-512 hex, as payment and message providers sign their redirects and callbacks."""
    return hmac.new(secret, text.encode(), hashlib.sha512).hexdigest()


def hmac_holds(secret: bytes, text: str, signature: str) -> bool:
    return hmac.compare_digest(hmac_sign(secret, text).encode(), signature.encode())


def params_text(params: Mapping[str, str]) -> str:
    """Parameters of an address as they are signed: all but the signature, by name, encoded."""
    return urlencode(sorted((key, value) for key, value in params.items() if key != "signature"))


def shared_secret(name: str) -> bytes:
    """The secret that this instance shares with the provider `name`."""
    return secret_read(Path(settings.LIENTHONG_KEYS), name)


def text_sign(name: str, text: str) -> str:
    """`text` signed with the secret shared with the provider `name`."""
    return hmac_sign(shared_secret(name), text)


def text_verify(name: str, text: str, signature: str) -> bool:
    return hmac_holds(shared_secret(name), text, signature)


def _box() -> Fernet:
    return Fernet(urlsafe_b64encode(hashlib.sha256(shared_secret("at-rest")).digest()))


def text_encrypt(text: str) -> str:
    return _box().encrypt(text.encode()).decode()


def text_decrypt(text: str) -> str:
    return _box().decrypt(text.encode()).decode()
