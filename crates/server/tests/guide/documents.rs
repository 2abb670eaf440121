//! What the documents name exists, and what exists is named.

use crate::{read, root};
use server::config;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

#[test]
fn the_table_of_settings_names_every_key_and_no_other() {
    let documented: BTreeSet<String> = table(&read("docs/operations.md"), "| key | default | meaning |").collect();
    assert_eq!(documented, config::names().map(ToOwned::to_owned).collect());
}

#[test]
fn the_table_of_problems_names_every_code_and_no_other() {
    let documented: BTreeSet<String> = table(&read("docs/api.md"), "| code | status | when |").collect();
    let source = read("crates/http/src/error.rs");
    let rows = source.split("(S::").skip(1).filter_map(|row| row.split('"').nth(1));
    assert_eq!(documented, rows.map(ToOwned::to_owned).collect());
}

#[test]
fn the_table_of_scopes_names_every_operation_that_takes_api_keys_and_no_other() {
    let document = serde_json::to_value(http::openapi()).unwrap();
    let items = document["paths"].as_object().unwrap().values().flat_map(|item| item.as_object().unwrap().values());
    let mut operations: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for operation in items {
        let alternatives = operation["security"].as_array().into_iter().flatten();
        for scope in alternatives.filter_map(|one| one["api_key"].as_array()).flatten() {
            let name = operation["operationId"].as_str().unwrap();
            operations.entry(scope.as_str().unwrap()).or_default().insert(name);
        }
    }
    let quoted = |name: &&str| format!("`{name}`");
    let row = |(scope, names): (&&str, &BTreeSet<&str>)| {
        format!("| `{scope}` | {} |", names.iter().map(quoted).collect::<Vec<_>>().join(", "))
    };
    let expected: Vec<_> = operations.iter().map(row).collect();
    let guide = read("docs/guide/integrators.md");
    let rows = guide.lines().skip_while(|line| *line != "| scope | operations |").skip(2);
    let documented: Vec<_> = rows.take_while(|line| line.starts_with('|')).collect();
    assert_eq!(documented, expected, "the table must be:\n{}", expected.join("\n"));
}

/// The first column of the table under this heading.
fn table(document: &str, heading: &str) -> impl Iterator<Item = String> {
    let rows = document.lines().skip_while(move |line| *line != heading).skip(2);
    let first = |row: &str| Some(row.strip_prefix("| `")?.split_once('`')?.0.to_owned());
    rows.map_while(first).collect::<Vec<_>>().into_iter()
}

#[test]
fn every_link_between_documents_leads_somewhere() {
    for document in documents() {
        let text = fs::read_to_string(&document).unwrap();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let path = link.split('#').next().unwrap();
            if path.is_empty() || path.contains("://") {
                continue;
            }
            assert!(document.parent().unwrap().join(path).exists(), "{}: {link}", document.display());
        }
    }
}

#[test]
fn every_source_file_that_a_document_names_exists() {
    let folders = ["crates/", "migrations/", "openapi/", "scripts/", "docs/"];
    for document in documents() {
        let text = fs::read_to_string(&document).unwrap();
        let named = text.split('`').skip(1).step_by(2);
        for path in named.filter(|name| folders.iter().any(|f| name.starts_with(f)) && !name.contains(['*', '<', ' ']))
        {
            assert!(root().join(path).exists(), "{}: {path}", document.display());
        }
    }
}

fn documents() -> Vec<PathBuf> {
    let top = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"];
    let mut documents: Vec<_> = top.into_iter().map(|name| root().join(name)).collect();
    collect_documents(&root().join("docs"), &mut documents);
    documents
}

fn collect_documents(folder: &Path, documents: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() {
            collect_documents(&entry, documents);
        } else if entry.extension().is_some_and(|extension| extension == "md") {
            documents.push(entry);
        }
    }
}
