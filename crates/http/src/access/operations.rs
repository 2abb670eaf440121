//! Which operation takes an API key, with which scopes: read from the OpenAPI document, so that what is published is what
//! holds.

use actix_web::http::Method;
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

/// The name of keys among the security schemes of the document.
pub(crate) const SCHEME: &str = "api_key";

/// The scopes of each operation that takes keys, by the pattern of its path and its method in lower case.
static OPERATIONS: LazyLock<BTreeMap<(String, String), Vec<String>>> = LazyLock::new(|| {
    let document = serde_json::to_value(&crate::app::openapi().paths).unwrap_or_default();
    let operations = document.as_object().into_iter().flatten().flat_map(|(path, item)| {
        item.as_object()
            .into_iter()
            .flatten()
            .filter_map(move |(method, operation)| Some(((path.clone(), method.clone()), scopes_of(operation)?)))
    });
    operations.collect()
});

/// Every scope that some operation takes.
static SCOPES: LazyLock<BTreeSet<String>> = LazyLock::new(|| OPERATIONS.values().flatten().cloned().collect());

fn scopes_of(operation: &Value) -> Option<Vec<String>> {
    let alternatives = operation["security"].as_array()?;
    let scopes = alternatives.iter().find_map(|requirement| requirement[SCHEME].as_array())?;
    Some(scopes.iter().filter_map(Value::as_str).map(ToOwned::to_owned).collect())
}

/// The scopes that an operation takes; nothing if it takes no keys.
pub(super) fn scopes(method: &Method, pattern: &str) -> Option<&'static [String]> {
    let operation = (pattern.to_owned(), method.as_str().to_lowercase());
    OPERATIONS.get(&operation).map(Vec::as_slice)
}

/// Every scope that some operation takes.
pub(crate) fn all_scopes() -> &'static BTreeSet<String> {
    &SCOPES
}
