"""Text without the passwords that addresses in it hold."""

from __future__ import annotations

import re

# A Path has one slash left of two. The password is what stands before the last @ that may belong to it: it may hold any
# sign; after a space only where what stands before is no port.
_IN_ADDRESS = re.compile(r"(:/{1,2}[^:/?#@\s]*:)(?:\S*@|(?!\d+(?:[/?:\s]|$))[^@\n]*@)")
# Where the address is mistyped, as `postgresql//an:secret@host/db`, whatever stands between a name and a host.
_BEFORE_HOST = re.compile(r"([^\s:/@]:)(?!/|\d+[/?:\s])\S*@(?=[\w.\-\[\]:]+/)")
_BY_NAME = re.compile(
    r"(\b\w*(?:password|passwd|pwd)\s*=\s*)(?:[*]{3}(?=::|[&\s]|$)|'(?:[^'\\]|\\.)*'|[^&\s]*)", re.IGNORECASE
)


def masked(text: str) -> str:
    """
    Put stars where a text holds the password of an address, of any scheme, or one that is given by name.

    Examples
    --------
    >>> masked("mysql://an:s3/cr@t@host/db does not exist")
    'mysql://an:***@host/db does not exist'
    >>> masked("PG:host=h user=an Password='my secret' dbname=d")
    'PG:host=h user=an Password=*** dbname=d'
    >>> masked("postgresql//an:secret@host/db does not exist")
    'postgresql//an:***@host/db does not exist'
    >>> masked("postgresql://localhost:5432/db cannot be reached")
    'postgresql://localhost:5432/db cannot be reached'
    """
    if "@" not in text and "=" not in text:
        return text
    return _BY_NAME.sub(r"\1***", _BEFORE_HOST.sub(r"\1***@", _IN_ADDRESS.sub(r"\1***@", text)))
