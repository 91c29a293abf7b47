"""Seals: each message carries an HMAC-SHA-256 with a key that one site and the coordinator share.

The same seal is there whatever carries the message (files, vantage6, Flower), so a message that was
changed, made up, or made by another site is refused even where the carrier let it through.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import replace
from pathlib import Path
from typing import Literal

from oncohort.consortium.errors import MessageError, SealError
from oncohort.consortium.messages import (
    VERSION,
    Answer,
    AskAnswer,
    AskRequest,
    CheckAnswer,
    CheckRequest,
    Envelope,
    Request,
)
from oncohort.consortium.wire import canonical, decode, encode, loads
from oncohort.problems import Place, problem
from oncohort.regular_files import regular, why

FORMAT: Literal["oncohort-consortium"] = "oncohort-consortium"
KEY = re.compile(r"[0-9a-f]{64}")


def new_key() -> str:
    """32 random bytes, in hexadecimal."""
    return secrets.token_hex(32)


def new_session() -> str:
    """Name of a conversation, at random."""
    return secrets.token_hex(16)


def read_key(path: Path) -> str:
    """The key of a file.

    Raises
    ------
    SealError
        There is none.
    """
    try:
        text = regular(path).read_text("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SealError(
            "", [problem("consortium.key", place=Place(file=str(path)), reason=why(error))]
        ) from None
    if not KEY.fullmatch(text):
        reason = "it is not 64 hexadecimal digits"
        raise SealError("", [problem("consortium.key", place=Place(file=str(path)), reason=reason)])
    return text


def digest(data: bytes | str) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(data.encode() if isinstance(data, str) else data).hexdigest()


def _seal(envelope: Envelope, key: str) -> str:
    plain = encode(envelope)
    del plain["seal"]
    return hmac.new(bytes.fromhex(key), canonical(plain), hashlib.sha256).hexdigest()


def sealed(envelope: Envelope, key: str) -> str:
    """The text of an envelope with its seal: one line of JSON.

    Examples
    --------
    >>> from oncohort.consortium.messages import CheckAnswer
    >>> answer = CheckAnswer((), 0, True)
    >>> blank = Envelope(FORMAT, 1, "trial", "", "", 1, "north", "", answer, "")
    >>> text = sealed(blank, "00" * 32)
    >>> opened(text, "00" * 32).body == answer
    True
    """
    whole = replace(envelope, seal=_seal(envelope, key))
    return canonical(encode(whole)).decode("ascii") + "\n"


def read_envelope(text: str | bytes) -> Envelope:
    """An envelope whose seal is not yet proven.

    Raises
    ------
    MessageError
    """
    data = loads(text)
    if isinstance(data, dict):
        _same_version(data)
    return decode(Envelope, data)


def _same_version(data: dict[str, object]) -> None:
    if data.get("format") != FORMAT:
        raise MessageError.of("it is no message of a consortium", "format")
    version = data.get("version")
    if type(version) is not int or version != VERSION:
        raise MessageError.of(
            f"it has version {str(version)[:20]}; this oncohort reads version {VERSION}", "version"
        )


def opened(text: str | bytes, key: str) -> Envelope:
    """An envelope whose seal is that of `key`.

    Raises
    ------
    MessageError
        It can't be read.
    SealError
        It was sealed with another key, or changed since.
    """
    envelope = read_envelope(text)
    if not hmac.compare_digest(_seal(envelope, key).encode(), envelope.seal.encode()):
        raise SealError("", [problem("consortium.seal", site=envelope.site)])
    return envelope


def request_of(envelope: Envelope) -> Request:
    """The body of a request.

    Raises
    ------
    MessageError
        It is an answer.
    """
    if isinstance(envelope.body, CheckRequest | AskRequest) and not envelope.request:
        return envelope.body
    raise MessageError.of("an answer stands where a request is read", "body")


def answer_of(envelope: Envelope) -> Answer:
    """The body of an answer.

    Raises
    ------
    MessageError
        It is a request.
    """
    if isinstance(envelope.body, CheckAnswer | AskAnswer) and envelope.request:
        return envelope.body
    raise MessageError.of("a request stands where an answer is read", "body")
