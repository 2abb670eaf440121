//! The schema of a database as its own catalogue tells it, in words that are the same for both databases.

use std::collections::{BTreeMap, BTreeSet};

use diesel::{
    Connection, PgConnection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query,
    sql_types::{Bool, Nullable, Text},
};

/// The tables by name; Diesel's own list of migrations is left out.
pub type Schema = BTreeMap<String, Table>;

#[derive(Debug, Default, PartialEq, Eq)]
pub struct Table {
    pub columns: Vec<Column>,
    pub primary_key: Vec<String>,
    pub foreign_keys: BTreeSet<ForeignKey>,
    /// Unique constraints: name and columns.
    pub unique: BTreeMap<String, String>,
    /// All other indexes, as the statements that make them.
    pub indexes: BTreeSet<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    pub name: String,
    /// As the database spells it.
    pub kind: String,
    pub nullable: bool,
    pub has_default: bool,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, QueryableByName)]
pub struct ForeignKey {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    columns: String,
    #[diesel(sql_type = Text)]
    target: String,
    #[diesel(sql_type = Text)]
    target_columns: String,
    #[diesel(sql_type = Text)]
    on_delete: String,
}

#[derive(QueryableByName)]
struct ColumnRow {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Bool)]
    nullable: bool,
    #[diesel(sql_type = Bool)]
    has_default: bool,
}

/// A key, a unique constraint, an index or a table, with what there is to say about it.
#[derive(QueryableByName)]
struct NamedRow {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Nullable<Text>)]
    text: Option<String>,
}

/// Reads the schema of the database at this address.
pub fn read(url: &str) -> Schema {
    match url.strip_prefix("sqlite:") {
        Some(file) => read_sqlite(&mut SqliteConnection::establish(file).unwrap()),
        None => read_postgres(&mut PgConnection::establish(url).unwrap()),
    }
}

impl Table {
    /// The names that a second row of the same values can be refused with, primary keys aside.
    pub fn unique_names(&self) -> impl Iterator<Item = &str> {
        let indexes = self.indexes.iter().filter_map(|sql| sql.strip_prefix("CREATE UNIQUE INDEX "));
        self.unique.keys().map(String::as_str).chain(indexes.filter_map(|sql| sql.split(' ').next()))
    }
}

fn add_columns(schema: &mut Schema, rows: Vec<ColumnRow>) {
    for ColumnRow { table_name, name, kind, nullable, has_default } in rows {
        schema.entry(table_name).or_default().columns.push(Column { name, kind, nullable, has_default });
    }
}

fn add_foreign_keys(schema: &mut Schema, rows: Vec<ForeignKey>) {
    for key in rows {
        schema.get_mut(&key.table_name).unwrap().foreign_keys.insert(key);
    }
}

fn read_postgres(pg: &mut PgConnection) -> Schema {
    let mut schema = Schema::new();
    add_columns(&mut schema, sql_query(POSTGRES_COLUMNS).load(pg).unwrap());
    add_foreign_keys(&mut schema, sql_query(postgres_keys("f")).load(pg).unwrap());
    for key in sql_query(postgres_keys("p")).load::<ForeignKey>(pg).unwrap() {
        schema.get_mut(&key.table_name).unwrap().primary_key = split(&key.columns);
    }
    for row in sql_query(POSTGRES_UNIQUE).load::<NamedRow>(pg).unwrap() {
        schema.get_mut(&row.table_name).unwrap().unique.insert(row.name, between(&row.text.unwrap(), "UNIQUE (", ")"));
    }
    for row in sql_query(POSTGRES_INDEXES).load::<NamedRow>(pg).unwrap() {
        schema.get_mut(&row.table_name).unwrap().indexes.insert(as_written(&row.text.unwrap()));
    }
    schema
}

/// PostgreSQL repeats an index in words of its own: back to those of the migration.
fn as_written(index: &str) -> String {
    let plain = index.replace("public.", "").replace(" USING btree", "").replace("::text", "").replace('"', "");
    match plain.split_once(" WHERE (") {
        Some((index, predicate)) => format!("{index} WHERE {}", predicate.strip_suffix(')').unwrap()),
        None => plain,
    }
}

const POSTGRES_COLUMNS: &str = "
    SELECT table_name::text, column_name::text AS name, data_type::text AS kind, is_nullable = 'YES' AS nullable,
           column_default IS NOT NULL AS has_default
    FROM information_schema.columns
    WHERE table_schema = 'public' AND left(table_name, 2) <> '__'
    ORDER BY table_name, ordinal_position";

/// Primary keys (`p`) or foreign keys (`f`).
fn postgres_keys(kind: &str) -> String {
    let columns = |key: &str, table: &str| {
        format!(
            "coalesce((SELECT string_agg(attname, ',' ORDER BY place) FROM unnest({key}) WITH ORDINALITY AS k (number, place)
             JOIN pg_attribute ON attrelid = {table} AND attnum = number), '')"
        )
    };
    format!(
        "SELECT conrelid::regclass::text AS table_name, {} AS columns, confrelid::regclass::text AS target,
                {} AS target_columns,
                CASE confdeltype WHEN 'a' THEN 'NO ACTION' WHEN 'c' THEN 'CASCADE' ELSE confdeltype::text END AS on_delete
         FROM pg_constraint
         WHERE connamespace = 'public'::regnamespace AND contype = '{kind}' AND left(conrelid::regclass::text, 2) <> '__'",
        columns("conkey", "conrelid"),
        columns("confkey", "confrelid"),
    )
}

const POSTGRES_UNIQUE: &str = "
    SELECT conrelid::regclass::text AS table_name, conname::text AS name,
           replace(pg_get_constraintdef(oid), '\"', '') AS text
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype = 'u'";

const POSTGRES_INDEXES: &str = "
    SELECT tablename::text AS table_name, indexname::text AS name, indexdef AS text
    FROM pg_indexes
    WHERE schemaname = 'public' AND left(tablename, 2) <> '__'
      AND indexname NOT IN (SELECT conname FROM pg_constraint WHERE contype IN ('p', 'u'))";

fn read_sqlite(sqlite: &mut SqliteConnection) -> Schema {
    let mut schema = Schema::new();
    add_columns(&mut schema, sql_query(SQLITE_COLUMNS).load(sqlite).unwrap());
    add_foreign_keys(&mut schema, sql_query(SQLITE_FOREIGN_KEYS).load(sqlite).unwrap());
    for row in sql_query(SQLITE_PRIMARY_KEYS).load::<NamedRow>(sqlite).unwrap() {
        schema.get_mut(&row.table_name).unwrap().primary_key.push(row.name);
    }
    for row in sql_query(SQLITE_OBJECTS).load::<NamedRow>(sqlite).unwrap() {
        let (table, sql) = (schema.get_mut(&row.table_name).unwrap(), row.text.unwrap());
        if row.name == row.table_name {
            assert!(sql.ends_with("STRICT"), "SQLite would take a text for a number in {}", row.name);
            table.unique = unique_constraints(&sql);
        } else {
            table.indexes.insert(sql);
        }
    }
    for row in sql_query(SQLITE_UNIQUE).load::<NamedRow>(sqlite).unwrap() {
        let known = schema[&row.table_name].unique.values().any(|columns| Some(columns) == row.text.as_ref());
        assert!(known, "{} has a unique constraint without a name", row.table_name);
    }
    schema
}

/// The names of SQLite's constraints stand only in the statement that made the table.
fn unique_constraints(table: &str) -> BTreeMap<String, String> {
    let named = table.split("CONSTRAINT ").skip(1).filter(|constraint| constraint.contains(" UNIQUE "));
    named.map(|sql| (sql.split(' ').next().unwrap().to_owned(), between(sql, "UNIQUE (", ")"))).collect()
}

const SQLITE_COLUMNS: &str = r#"
    SELECT t.name AS table_name, c.name, c.type AS kind, NOT c."notnull" AS nullable, c.dflt_value IS NOT NULL AS has_default
    FROM sqlite_master t JOIN pragma_table_info(t.name) c
    WHERE t.type = 'table' AND substr(t.name, 1, 2) <> '__' ORDER BY t.name, c.cid"#;

const SQLITE_FOREIGN_KEYS: &str = r#"
    SELECT t.name AS table_name, group_concat(k."from") AS columns, k."table" AS target,
           group_concat(k."to") AS target_columns, k.on_delete
    FROM sqlite_master t JOIN pragma_foreign_key_list(t.name) k
    WHERE t.type = 'table' GROUP BY t.name, k.id"#;

const SQLITE_PRIMARY_KEYS: &str = "
    SELECT t.name AS table_name, c.name, NULL AS text
    FROM sqlite_master t JOIN pragma_table_info(t.name) c
    WHERE t.type = 'table' AND c.pk > 0 AND substr(t.name, 1, 2) <> '__' ORDER BY t.name, c.pk";

const SQLITE_OBJECTS: &str = "
    SELECT tbl_name AS table_name, name, sql AS text FROM sqlite_master
    WHERE type IN ('table', 'index') AND sql IS NOT NULL AND substr(tbl_name, 1, 2) <> '__'";

const SQLITE_UNIQUE: &str = "
    SELECT t.name AS table_name, i.name, group_concat(c.name, ', ') AS text
    FROM sqlite_master t JOIN pragma_index_list(t.name) i JOIN pragma_index_info(i.name) c
    WHERE t.type = 'table' AND i.origin = 'u' AND substr(t.name, 1, 2) <> '__' GROUP BY t.name, i.name";

fn between(text: &str, start: &str, end: &str) -> String {
    text.split_once(start).unwrap().1.split(end).next().unwrap().to_owned()
}

fn split(columns: &str) -> Vec<String> {
    columns.split(',').map(ToOwned::to_owned).collect()
}
