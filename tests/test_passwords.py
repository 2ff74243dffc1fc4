"""Passwords in messages: hidden also where the address is mistyped, and nothing else is."""

from __future__ import annotations

import pytest

from geo.passwords import masked


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://u:S3cretPw!@127.0.0.1:54999/postgres::lang",
        "postgresql//u:S3cretPw!@127.0.0.1:54999/postgres::lang",
        "postgresql:/u:S3cretPw!@h/d",
        "//u:S3cretPw!@h/d::t",
        "u:S3cretPw!@127.0.0.1:54999/postgres::lang",
        "postgresql;//u:S3cretPw!@h/d::t",
        "postgresql:u:S3cretPw!@h/d::t",
        "postgresql//u:S3cr/et@Pw!@h/d",
    ],
)
def test_a_password_is_hidden_however_the_address_is_typed(address):
    assert "***@" in masked(f"{address} does not exist.")
    assert "S3cr" not in masked(f"{address} does not exist.")
    assert "Pw" not in masked(f"{address} does not exist.")
    assert masked(masked(address)) == masked(address)


@pytest.mark.parametrize(
    "text",
    [
        "--coverage fibre=@fibre: the villages of v.csv have no such column",
        "postgresql://localhost:5432/db cannot be reached",
        "row: 2 (an@example.org)",
        "/data/a@b/c.csv: rows 2, 3",
    ],
)
def test_what_is_no_password_stays(text):
    assert masked(text) == text
