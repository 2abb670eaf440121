//! How ids, instants and documents are stored: natively on PostgreSQL, as text on SQLite.

use crate::connection::AnyConnection;
use chrono::{DateTime, SecondsFormat, Utc};
use diesel::{
    deserialize::{self, FromSql, FromSqlRow},
    expression::AsExpression,
    pg::{Pg, PgValue},
    query_builder::QueryId,
    serialize::{self, IsNull, Output, ToSql},
    sql_types::{HasSqlType, Jsonb, SqlType, Text, Timestamptz, Uuid},
    sqlite::{Sqlite, SqliteValue},
};

type MultiBackend = <AnyConnection as diesel::Connection>::Backend;

/// An id, as a type of column.
#[derive(Clone, Copy, SqlType, QueryId)]
#[diesel(postgres_type(oid = 2950, array_oid = 2951), sqlite_type(name = "Text"))]
pub struct Uid;

/// An instant, as a type of column.
#[derive(Clone, Copy, SqlType, QueryId)]
#[diesel(postgres_type(oid = 1184, array_oid = 1185), sqlite_type(name = "Text"))]
pub struct Instant;

/// Instants have a latest.
impl diesel::sql_types::SqlOrd for Instant {}

/// A document, as a type of column.
#[derive(Clone, Copy, SqlType, QueryId)]
#[diesel(postgres_type(oid = 3802, array_oid = 3807), sqlite_type(name = "Text"))]
pub struct Document;

/// Any of the domain's ids, in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = Uid)]
pub struct Key(pub uuid::Uuid);

/// An instant in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, AsExpression, FromSqlRow)]
#[diesel(sql_type = Instant)]
pub struct At(pub DateTime<Utc>);

/// A document in a column.
#[derive(Debug, Clone, PartialEq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Document)]
pub struct Json(pub serde_json::Value);

/// Binds a Rust type on both databases: natively on PostgreSQL, as text on SQLite.
macro_rules! portable {
    ($rust:ident, $sql:ident, pg: $native:ty, text: $to:expr, $from:expr) => {
        impl HasSqlType<$sql> for MultiBackend {
            fn metadata(lookup: &mut Self::MetadataLookup) -> Self::TypeMetadata {
                MultiBackend::lookup_sql_type::<$sql>(lookup)
            }
        }
        impl ToSql<$sql, MultiBackend> for $rust {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, MultiBackend>) -> serialize::Result {
                out.set_value(($sql, self));
                Ok(IsNull::No)
            }
        }
        impl FromSql<$sql, MultiBackend> for $rust {
            fn from_sql(value: <MultiBackend as diesel::backend::Backend>::RawValue<'_>) -> deserialize::Result<Self> {
                value.from_sql::<Self, $sql>()
            }
        }
        impl ToSql<$sql, Pg> for $rust {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
                ToSql::<$native, Pg>::to_sql(&self.0, &mut out.reborrow())
            }
        }
        impl FromSql<$sql, Pg> for $rust {
            fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
                FromSql::<$native, Pg>::from_sql(value).map(Self)
            }
        }
        impl ToSql<$sql, Sqlite> for $rust {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
                out.set_value($to(&self.0));
                Ok(IsNull::No)
            }
        }
        impl FromSql<$sql, Sqlite> for $rust {
            fn from_sql(value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
                let text: String = FromSql::<Text, Sqlite>::from_sql(value)?;
                Ok(Self($from(&text)?))
            }
        }
    };
}

portable!(Key, Uid, pg: Uuid, text: uuid::Uuid::to_string, uuid::Uuid::parse_str);

portable!(Json, Document, pg: Jsonb, text: serde_json::Value::to_string, serde_json::from_str::<serde_json::Value>);

// Fixed width and always in UTC, so that text order is time order.
portable!(At, Instant, pg: Timestamptz,
    text: |at: &DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Micros, true),
    |text: &str| DateTime::parse_from_rfc3339(text).map(|at| at.to_utc()));

impl Key {
    /// The column value of an id.
    pub fn of(id: impl domain::Id) -> Self {
        Self(id.uuid())
    }

    /// The id in a column.
    pub fn id<I: domain::Id>(self) -> I {
        I::from_uuid(self.0)
    }
}

/// An optional instant of the domain, for a column.
pub fn at(instant: Option<DateTime<Utc>>) -> Option<At> {
    instant.map(At)
}

/// An optional instant of a column, for the domain.
pub fn instant(at: Option<At>) -> Option<DateTime<Utc>> {
    at.map(|at| at.0)
}

impl Json {
    /// A document that says `value`.
    pub fn of<T: serde::Serialize>(value: &T) -> Self {
        Self(serde_json::to_value(value).unwrap_or_default())
    }

    /// What the document says.
    pub fn read<T: serde::de::DeserializeOwned>(self) -> crate::Result<T> {
        serde_json::from_value(self.0).map_err(|error| crate::Error::Corrupt(error.to_string()))
    }
}
