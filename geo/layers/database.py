"""Tables and queries of a PostGIS database as layers, and layers written back to it; no password is ever told."""

from __future__ import annotations

import hashlib
import re
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd
import shapely

from geo.errors import LayerError, OutputError
from geo.layers.postgis import answer, ask, told
from geo.passwords import masked

if TYPE_CHECKING:
    from collections.abc import Iterator

    import geopandas as gpd
    import pyproj
    import sqlalchemy as sa

    from geo.figures import Finding

_SCHEME = r"(?i:postgres(?:ql)?|postgis)(?:\+\w+)?://"
_NAME = re.compile(rf"(?P<url>{_SCHEME}.*?)(?:::(?P<what>\(.*\)|[^:/?@\]]+))?", re.DOTALL)
# Of an address alone: it may hold any sign up to the last @, and in a parameter up to the next one.
_PASSWORD = re.compile(r"((?<=://)[^:/?#@]*:).*@|([?&]\w*(?:password|passwd|pwd)=)[^&]*", re.DOTALL | re.IGNORECASE)
_CONNECT_S = 10
_SYSTEM_SCHEMAS = ("information_schema", "pg_catalog", "pg_toast", "tiger", "tiger_data", "topology")


@dataclass(frozen=True)
class Named:
    """What a source names: the database, and in it a table as ``schema.table`` or a query in brackets."""

    url: str
    what: str | None

    @property
    def shown(self) -> str:
        """The name as it may be told: without the password."""
        url = _PASSWORD.sub(lambda found: f"{found[1]}***@" if found[1] else f"{found[2]}***", self.url)
        return url + (f"::{self.what}" if self.what else "")


def is_database(name: str) -> bool:
    """
    Tell whether a source is a database and not a file.

    Examples
    --------
    >>> [is_database(name) for name in ("postgresql://host/db", "postgresql+psycopg2://host/db", "villages.gpkg")]
    [True, True, False]
    """
    return re.match(_SCHEME, name) is not None


def without_password(name: str) -> str:
    """
    Give the name of a source as it may be told.

    Examples
    --------
    >>> without_password("postgresql://an:secret@host/db::public.villages")
    'postgresql://an:***@host/db::public.villages'
    >>> without_password("villages.csv")
    'villages.csv'
    """
    return parse(name).shown if is_database(name) else masked(name)


def parse(name: str) -> Named:
    """
    Take the name of a source apart.

    Examples
    --------
    >>> parse("postgresql://an@host/db::public.villages").what
    'public.villages'
    """
    found = _NAME.fullmatch(name)
    if found is None:
        msg = f"{masked(name)} names no database: write postgresql://USER@HOST/DATABASE::SCHEMA.TABLE."
        raise LayerError(msg)
    return Named(url=found["url"], what=found["what"])


def read_database(name: str) -> tuple[pd.DataFrame, pyproj.CRS | None, str, tuple[Finding, ...]]:
    """
    Read a table, a view or a query; the transaction is read-only.

    Parameters
    ----------
    name : str
        ``postgresql://USER@HOST/DATABASE::SCHEMA.TABLE``, or ``...::(SELECT ...)``. A password belongs in
        ``~/.pgpass`` or ``PGPASSWORD``; one in the name is used, and never told.

    Returns
    -------
    tuple of DataFrame, CRS, str and findings
        The rows, with a ``geometry`` column where there is one, numbered by the table's key where that is one whole
        number, else from 1 in the order of the key; the coordinate system of the geometries, None for SRID 0; the
        SHA-256 of the rows as text; which rows had arcs, now lines, and which nothing flat, now without a geometry.

    Raises
    ------
    LayerError
        Where the database cannot be reached, has no such table (those there are are listed), or gives no layer.
    """
    named = parse(name)
    with _connected(named) as connection:
        sql, key = _query(connection, named)
        asked = ask(connection, sql, named.shown)
        got = answer(connection, asked)
    rows = got.rows
    if key is not None and pd.api.types.is_integer_dtype(rows[key]) and rows[key].is_unique:
        rows.index = pd.Index(rows[key].to_numpy())
    else:
        rows.index = pd.RangeIndex(1, len(rows) + 1)
    return rows, got.crs, _digest(rows), told(asked, got)


def write_database(layer: gpd.GeoDataFrame, name: str, *, overwrite: bool = False) -> None:
    """
    Write a layer as a table, all of it or nothing.

    Raises
    ------
    OutputError
        Where the database cannot be reached, the name is no table, or the table exists and `overwrite` is not given.
    """
    import sqlalchemy as sa  # noqa: PLC0415 - an extra

    named = parse(name)
    if named.what is None or named.what.startswith("("):
        msg = f"{named.shown}: name the table to write: ...::SCHEMA.TABLE."
        raise OutputError(msg)
    schema, table = _schema_and_table(named.what)
    try:
        with _connected(named, read_only=False) as connection:
            if sa.inspect(connection).has_table(table, schema) and not overwrite:
                msg = f"{named.shown} exists. Name another table, or say --overwrite."
                raise OutputError(msg)
            layer.to_postgis(table, connection, schema=schema, if_exists="replace", index=False)
            connection.commit()
    except LayerError as error:
        raise OutputError(str(error)) from error


@contextmanager
def _connected(named: Named, *, read_only: bool = True) -> Iterator[sa.Connection]:
    try:
        import geoalchemy2  # noqa: F401, PLC0415 - an extra; geopandas wants it for writing
        import psycopg  # noqa: PLC0415
        import sqlalchemy as sa  # noqa: PLC0415
    except ImportError as error:
        msg = f"{named.shown} is a database; reading it needs the extra db: pip install 'geo-coverage[db]'."
        raise LayerError(msg) from error
    if named.url.count("@") > 1:
        msg = f"{named.shown} has more than one @: write one that belongs to a password or a name as %40."
        raise LayerError(msg)
    try:
        url = sa.make_url(named.url).set(drivername="postgresql+psycopg")
    except (sa.exc.ArgumentError, ValueError) as error:
        raise LayerError(_told(named, error)) from error
    try:
        given = {} if "connect_timeout" in url.query else {"connect_timeout": _CONNECT_S}
        engine = sa.create_engine(url, poolclass=sa.NullPool, hide_parameters=True, connect_args=given)
        with engine.connect() as connection:
            if read_only:
                connection.execute(sa.text("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY"))
                connection.commit()
            yield connection
    except (sa.exc.SQLAlchemyError, psycopg.Error, pd.errors.DatabaseError) as error:
        raise LayerError(_told(named, error)) from error


def _told(named: Named, error: Exception) -> str:
    """Say in one line what the database says; its own words may repeat the address, never the password."""
    inner = error.__cause__ if isinstance(error, pd.errors.DatabaseError) else error
    own = getattr(inner, "orig", None) or inner
    lines = [line.strip() for line in str(own).splitlines() if line.strip()]
    words = masked(lines[0].rstrip(".")) if lines else type(own).__name__
    return f"{named.shown} cannot be used: {words}."


def _query(connection: sa.Connection, named: Named) -> tuple[str, str | None]:
    """Give the query to run, and the column whose whole numbers name the rows, if there is one."""
    import sqlalchemy as sa  # noqa: PLC0415 - an extra

    there = sa.inspect(connection)
    if named.what is None:
        raise LayerError(_which(there, named, "names no table"))
    if named.what.startswith("("):
        return named.what[1:-1].strip().rstrip(";"), None
    schema, table = _schema_and_table(named.what)
    if not (there.has_table(table, schema) or table in there.get_view_names(schema)):
        raise LayerError(_which(there, named, "does not exist"))
    quote = connection.dialect.identifier_preparer.quote
    key = there.get_pk_constraint(table, schema)["constrained_columns"]
    order = f" ORDER BY {', '.join(quote(column) for column in key)}" if key else ""
    return f"SELECT * FROM {quote(schema)}.{quote(table)}{order}", key[0] if len(key) == 1 else None  # noqa: S608 - quoted


def _schema_and_table(what: str) -> tuple[str, str]:
    schema, dot, table = what.partition(".")
    return (schema, table) if dot else ("public", what)


def _which(there: sa.Inspector, named: Named, why: str) -> str:
    tables = [
        f"{schema}.{table}"
        for schema in there.get_schema_names()
        if schema not in _SYSTEM_SCHEMAS
        for table in sorted([*there.get_table_names(schema), *there.get_view_names(schema)])
        if table not in ("spatial_ref_sys", "geometry_columns", "geography_columns")
    ]
    has = f"There is {', '.join(tables)}" if tables else "It has no table that you may see"
    return f"{named.shown} {why}. {has}; name one: {Named(named.url, None).shown}::SCHEMA.TABLE."


def _digest(rows: pd.DataFrame) -> str:
    texts = rows.copy()
    if "geometry" in texts:
        texts = pd.DataFrame(texts).assign(geometry=shapely.to_wkb(rows["geometry"].to_numpy(), hex=True))
    return hashlib.sha256(texts.to_csv().encode()).hexdigest()
