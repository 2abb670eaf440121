//! The two databases have the same schema, and the one that queries are compiled against is the same again.

use testing::{Backend, TestDatabase};

use crate::catalogue::{self, Column, Schema, Table};

/// What the queries are compiled against.
const SOURCE: &str = include_str!("../../src/schema.rs");

fn schema_of(backend: Backend) -> Schema {
    catalogue::read(&TestDatabase::new(backend).url)
}

#[test]
fn both_databases_have_the_same_schema() {
    let mut postgres = schema_of(Backend::Postgres);
    spell_as_sqlite(&mut postgres);
    assert_same(&postgres, &schema_of(Backend::Sqlite));
}

#[test]
fn every_unique_constraint_is_named_by_its_table_and_columns() {
    for (name, table) in &schema_of(Backend::Postgres) {
        for (constraint, columns) in &table.unique {
            assert_eq!(constraint, &format!("{name}_{}_key", columns.replace(", ", "_")));
        }
        for index in table.indexes.iter().filter_map(|sql| sql.strip_prefix("CREATE UNIQUE INDEX ")) {
            let (constraint, columns) = index.split_once(&format!(" ON {name} (")).unwrap();
            let columns = columns.split(')').next().unwrap();
            assert_eq!(constraint, format!("{name}_{}_key", columns.replace(", ", "_")));
        }
    }
}

#[test]
fn the_schema_of_the_queries_is_that_of_both_databases() {
    let mut expected = compiled();
    assert_eq!(expected.len(), SOURCE.matches("diesel::table!").count());
    assert_same(&expected, &without_constraints(schema_of(Backend::Postgres)));
    spell_as_sqlite(&mut expected);
    assert_same(&expected, &without_constraints(schema_of(Backend::Sqlite)));
}

/// Keys to other tables, constraints, indexes and defaults (which a column added to rows needs) are the database's
/// affair.
fn without_constraints(schema: Schema) -> Schema {
    let plain = |table: Table| {
        let columns = table.columns.into_iter().map(|column| Column { has_default: false, ..column }).collect();
        Table { columns, primary_key: table.primary_key, ..Table::default() }
    };
    schema.into_iter().map(|(name, table)| (name, plain(table))).collect()
}

fn spell_as_sqlite(schema: &mut Schema) {
    for column in schema.values_mut().flat_map(|table| &mut table.columns) {
        column.kind = on_sqlite(&column.kind).to_owned();
    }
}

fn assert_same(one: &Schema, other: &Schema) {
    assert_eq!(one.keys().collect::<Vec<_>>(), other.keys().collect::<Vec<_>>());
    for (name, table) in one {
        assert_eq!(table, &other[name], "table {name}");
    }
}

/// What SQLite has in the place of a type of PostgreSQL's.
fn on_sqlite(postgres: &str) -> &'static str {
    match postgres {
        "uuid" | "timestamp with time zone" | "jsonb" | "text" => "TEXT",
        "integer" | "bigint" | "boolean" => "INTEGER",
        "bytea" => "BLOB",
        other => panic!("a type that is not in use: {other}"),
    }
}

/// The tables as the crate declares them to Diesel, with PostgreSQL's names of the types.
fn compiled() -> Schema {
    let tables = SOURCE.split("diesel::table! {").skip(1);
    tables.map(|source| source.split("\n}").next().unwrap()).map(compiled_table).collect()
}

fn compiled_table(source: &str) -> (String, Table) {
    let mut lines = source.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("use "));
    let (name, key) = lines.next().unwrap().split_once(" (").unwrap();
    let primary_key = key.split(')').next().unwrap().split(", ").map(ToOwned::to_owned).collect();
    let columns = lines.filter_map(|line| line.strip_suffix(',')?.split_once(" -> ")).map(compiled_column).collect();
    (name.to_owned(), Table { columns, primary_key, ..Table::default() })
}

fn compiled_column((name, kind): (&str, &str)) -> Column {
    let inner = kind.strip_prefix("Nullable<").and_then(|kind| kind.strip_suffix('>'));
    let kind = match inner.unwrap_or(kind) {
        "Uid" => "uuid",
        "Instant" => "timestamp with time zone",
        "Document" => "jsonb",
        "Text" => "text",
        "Integer" => "integer",
        "BigInt" => "bigint",
        "Bool" => "boolean",
        "Binary" => "bytea",
        other => panic!("a type that is not in use: {other}"),
    };
    Column { name: name.to_owned(), kind: kind.to_owned(), nullable: inner.is_some(), has_default: false }
}
