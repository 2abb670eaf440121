//! The committed OpenAPI document is the contract: current, complete, and true.

use crate::app::TestApp;
use actix_web::{http::Method, test::TestRequest};
use serde_json::{Map, Value};
use std::collections::{BTreeSet, HashSet};
use testing::Backend;
use uuid::Uuid;

/// An operation of the document.
struct Operation {
    method: String,
    path: String,
    value: Value,
}

fn document() -> Value {
    serde_json::from_str(&http::openapi_json()).unwrap()
}

fn operations() -> Vec<Operation> {
    let paths = document()["paths"].as_object().unwrap().clone();
    let operations = paths.into_iter().flat_map(|(path, item)| {
        let item: Map<_, _> = item.as_object().unwrap().clone();
        item.into_iter().map(move |(method, value)| Operation { method, path: path.clone(), value })
    });
    operations.collect()
}

impl Operation {
    fn name(&self) -> &str {
        self.value["operationId"].as_str().unwrap_or(&self.path)
    }

    fn parameters(&self, place: &str) -> Vec<Value> {
        let all = self.value["parameters"].as_array().cloned().unwrap_or_default();
        all.into_iter().filter(|parameter| parameter["in"] == place).collect()
    }

    fn responses(&self) -> Map<String, Value> {
        self.value["responses"].as_object().unwrap().clone()
    }

    fn body(&self) -> Option<Value> {
        self.value.pointer("/requestBody/content/application~1json/schema").cloned()
    }

    fn answers(&self) -> Vec<Value> {
        let good = self.responses().into_iter().filter(|(status, _)| status.starts_with('2'));
        good.filter_map(|(_, response)| response.pointer("/content/application~1json/schema").cloned()).collect()
    }
}

/// Whether this is a value of its own, and not a list, an object or a reference to one.
fn is_scalar(schema: &Value) -> bool {
    let types = schema["type"].to_string();
    ["string", "integer", "number", "boolean"].iter().any(|scalar| types.contains(scalar))
}

/// Every schema that a schema is made of, with where it stands; each named one once.
fn walk(document: &Value, schema: &Value, at: &str, seen: &mut HashSet<String>, visit: &mut impl FnMut(&str, &Value)) {
    if let Some(name) = schema["$ref"].as_str().and_then(|name| name.strip_prefix("#/components/schemas/")) {
        let target = &document["components"]["schemas"][name];
        assert!(target.is_object(), "{at} refers to {name}, which does not exist");
        if seen.insert(name.to_owned()) {
            walk(document, target, name, seen, visit);
        }
        return;
    }
    visit(at, schema);
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        walk(document, property, &format!("{at}.{name}"), seen, visit);
    }
    for kind in ["oneOf", "anyOf", "allOf"] {
        for part in schema[kind].as_array().into_iter().flatten() {
            walk(document, part, at, seen, visit);
        }
    }
    if schema["items"].is_object() {
        walk(document, &schema["items"], &format!("{at}[]"), seen, visit);
    }
}

/// The complaints that `complain` has about any part of these schemas.
fn complaints<'a>(
    schemas: impl Iterator<Item = Value> + 'a,
    complain: impl Fn(&Value) -> Vec<String>,
) -> BTreeSet<String> {
    let (document, mut seen, mut found) = (document(), HashSet::new(), BTreeSet::new());
    for schema in schemas {
        walk(&document, &schema, "body", &mut seen, &mut |at, part| {
            found.extend(complain(part).into_iter().map(|complaint| format!("{at}: {complaint}")));
        });
    }
    found
}

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

#[test]
fn the_document_says_what_it_is() {
    let document = document();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1."));
    for name in ["title", "version", "description"] {
        assert!(document["info"][name].as_str().is_some_and(|text| !text.is_empty()), "{name}");
    }
    let scheme = &document["components"]["securitySchemes"]["bearer"];
    assert_eq!((&scheme["type"], &scheme["scheme"]), (&"http".into(), &"bearer".into()));
}

#[test]
fn every_operation_has_a_name_of_its_own_a_tag_and_a_summary() {
    let document = document();
    let tags: Vec<_> = document["tags"].as_array().unwrap().iter().map(|tag| tag["name"].as_str().unwrap()).collect();
    let (mut names, mut used) = (HashSet::new(), HashSet::new());
    for operation in operations() {
        let name = operation.value["operationId"].as_str().unwrap();
        assert!(names.insert(name.to_owned()), "{name} is not unique");
        let own: Vec<_> = operation.value["tags"].as_array().unwrap().iter().map(|tag| tag.as_str().unwrap()).collect();
        assert!(own.len() == 1 && tags.contains(&own[0]), "{name} has the tags {own:?}");
        used.insert(own[0].to_owned());
        assert!(operation.value["summary"].as_str().is_some_and(|words| !words.trim().is_empty()), "{name}");
    }
    assert_eq!(used.len(), tags.len(), "each tag is used");
}

#[test]
fn every_parameter_is_documented_and_has_its_limits() {
    for operation in operations() {
        let inside = operation.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
        let expected: Vec<_> = inside.collect();
        let documented = operation.parameters("path");
        let found: Vec<_> = documented.iter().map(|parameter| parameter["name"].as_str().unwrap()).collect();
        assert_eq!(found, expected, "{}", operation.name());
        for parameter in documented {
            let (name, schema) = (&parameter["name"], &parameter["schema"]);
            assert_eq!(parameter["required"], true, "{name}");
            assert!(schema["format"] == "uuid" || lacks_limits(schema).is_empty(), "{name}: {schema}");
        }
        for parameter in operation.parameters("query") {
            let (name, schema) = (&parameter["name"], &parameter["schema"]);
            assert!(lacks_limits(schema).is_empty(), "{name} of {}: {schema}", operation.name());
        }
        let writes = operation.method != "get";
        let dry_run = operation.parameters("query").iter().any(|parameter| parameter["name"] == "dryRun");
        assert_eq!(dry_run, writes, "{}", operation.name());
    }
}

#[test]
fn every_operation_tells_how_it_succeeds_and_how_it_fails() {
    for operation in operations() {
        let (good, bad): (Vec<_>, Vec<_>) =
            operation.responses().into_iter().partition(|(status, _)| status.starts_with('2'));
        assert_eq!(good.len(), 1, "{}", operation.name());
        for (status, response) in good {
            let content = response["content"].as_object().map_or(0, Map::len);
            // What is signed is a file, a page and a sheet of paper.
            let thrice = ["get_receipt", "get_outage_certificate"];
            let expected = if thrice.contains(&operation.name()) { 3 } else { usize::from(status != "204") };
            assert_eq!(content, expected, "{status} of {}", operation.name());
        }
        let mut expected = vec!["400", "401", "403", "404", "500", "503"];
        if operation.body().is_some() {
            expected.extend(["413", "415", "422"]);
        }
        if operation.parameters("header").iter().any(|parameter| parameter["name"] == "If-Match") {
            expected.extend(["412", "428"]);
        }
        for status in expected {
            assert!(bad.iter().any(|(other, _)| other == status), "{} lacks {status}", operation.name());
        }
        for (status, response) in bad {
            let schema = response.pointer("/content/application~1problem+json/schema/$ref");
            let schema = schema.unwrap_or_else(|| panic!("{status} of {} is no problem", operation.name()));
            assert_eq!(schema, "#/components/schemas/Problem");
        }
    }
}

#[test]
fn every_value_that_is_sent_has_its_limits_in_the_schema() {
    let bodies = operations().into_iter().filter_map(|operation| operation.body());
    let complaints = complaints(bodies, |schema| {
        let mut lacking = lacks_limits(schema);
        if schema["type"].to_string().contains("array") && schema["maxItems"].is_null() {
            lacking.push("a list without maxItems".to_owned());
        }
        if schema["properties"].is_object() && schema["additionalProperties"] != false {
            lacking.push("an object that takes anything".to_owned());
        }
        lacking
    });
    assert!(complaints.is_empty(), "{complaints:#?}");
}

/// What a single value lacks to be checked by its schema alone.
fn lacks_limits(schema: &Value) -> Vec<String> {
    let types = schema["type"].to_string();
    let none_of = |names: &[&str]| names.iter().all(|name| schema[*name].is_null());
    let endless = types.contains("string") && none_of(&["maxLength", "pattern", "enum", "format"]);
    let boundless = types.contains("integer") && (none_of(&["minimum"]) || none_of(&["maximum"]));
    let lacking = [
        (endless, "a text without a limit"),
        (boundless, "a number without a range"),
        (types.contains("number"), "a number that may be rounded"),
    ];
    lacking.into_iter().filter(|(lacks, _)| *lacks).map(|(_, complaint)| complaint.to_owned()).collect()
}

#[test]
fn every_value_has_an_example_that_its_schema_accepts() {
    let schemas =
        operations().into_iter().flat_map(|operation| operation.answers().into_iter().chain(operation.body()));
    let problem = serde_json::json!({ "$ref": "#/components/schemas/Problem" });
    let complaints = complaints(schemas.chain([problem]), |schema| {
        let properties = schema["properties"].as_object().into_iter().flatten();
        let lacking = properties.filter(|(_, property)| is_scalar(property) && property["format"] != "date-time");
        let lacking = lacking.filter(|(_, property)| property["example"].is_null() && property["examples"].is_null());
        let mut found: Vec<_> = lacking.map(|(name, _)| format!("{name} has no example")).collect();
        let given = schema.get("example").into_iter().chain(schema["examples"].as_array().into_iter().flatten());
        if is_scalar(schema) && given.into_iter().any(|example| !jsonschema::is_valid(schema, example)) {
            found.push("an example that is not valid".to_owned());
        }
        found
    });
    assert!(complaints.is_empty(), "{complaints:#?}");
}

testing::on_both! {
    async fn what_the_document_says_about_tokens_is_true(backend: Backend) {
        let app = TestApp::new(backend).await;
        for operation in operations() {
            let mut path = operation.path.clone();
            for parameter in operation.parameters("path") {
                path = path.replace(&format!("{{{}}}", parameter["name"].as_str().unwrap()), &Uuid::nil().to_string());
            }
            let method: Method = operation.method.to_uppercase().parse().unwrap();
            let response = app.call(TestRequest::with_uri(&path).method(method)).await;
            assert_ne!(response.status.as_u16(), 405, "{}", operation.name());
            let schemes = operation.value["security"].as_array().cloned().unwrap_or_default();
            let documented = !schemes.is_empty() && !schemes.contains(&serde_json::json!({}));
            assert_eq!(response.body["code"] == "unauthenticated", documented, "{}", operation.name());
            let status = response.status.as_u16().to_string();
            assert!(operation.responses().contains_key(&status), "{status} of {}", operation.name());
        }
    }
}
