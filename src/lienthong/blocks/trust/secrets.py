"""Secrets that are no keys of signers: shared with a provider, or for encryption at rest. Made at first use."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from base64 import urlsafe_b64encode
from functools import cache
from pathlib import Path

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


def shared_secret(name: str) -> bytes:
    """The secret that this instance shares with the provider `name`."""
    return _read(Path(settings.LIENTHONG_KEYS) / f"shared-{name}")


def text_sign(name: str, text: str) -> str:
    """HMAC-SHA-512 hex, as payment and message providers sign their redirects and callbacks."""
    return hmac.new(shared_secret(name), text.encode(), hashlib.sha512).hexdigest()


def text_verify(name: str, text: str, signature: str) -> bool:
    return hmac.compare_digest(text_sign(name, text), signature)


def _box() -> Fernet:
    return Fernet(urlsafe_b64encode(hashlib.sha256(shared_secret("at-rest")).digest()))


def text_encrypt(text: str) -> str:
    return _box().encrypt(text.encode()).decode()


def text_decrypt(text: str) -> str:
    return _box().decrypt(text.encode()).decode()
