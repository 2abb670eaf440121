//! The committed OpenAPI document is the contract.

/// `UPDATE=1 cargo test -p provoco-http openapi` accepts a change.
#[test]
fn the_committed_document_is_current() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../openapi/openapi.json");
    let actual = http::openapi_json();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, &actual).unwrap();
    }
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(actual == committed, "openapi/openapi.json is out of date: UPDATE=1 cargo test -p provoco-http openapi");
}
