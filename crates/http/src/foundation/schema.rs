//! Validation by the published schema: what the OpenAPI document says is what is checked, and every wrong field is told.

use domain::FieldError;
use jsonschema::{ValidationError, Validator, error::ValidationErrorKind as Kind};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    sync::{Arc, LazyLock, PoisonError, RwLock},
};

/// The validator of a schema of the OpenAPI document, compiled when first needed.
pub(crate) fn of_component(name: &str) -> Option<Arc<Validator>> {
    static VALIDATORS: RwLock<BTreeMap<String, Arc<Validator>>> = RwLock::new(BTreeMap::new());
    let found = VALIDATORS.read().unwrap_or_else(PoisonError::into_inner).get(name).cloned();
    found.or_else(|| {
        let new = Arc::new(compile_component(name)?);
        let mut validators = VALIDATORS.write().unwrap_or_else(PoisonError::into_inner);
        Some(validators.entry(name.to_owned()).or_insert(new).clone())
    })
}

fn compile_component(name: &str) -> Option<Validator> {
    static COMPONENTS: LazyLock<Value> =
        LazyLock::new(|| serde_json::to_value(&crate::app::openapi().components).unwrap_or_default());
    COMPONENTS["schemas"].get(name)?;
    compile(&json!({ "$ref": format!("#/components/schemas/{name}"), "components": *COMPONENTS }))
}

/// The validator of a schema of its own.
pub(crate) fn compile(schema: &Value) -> Option<Validator> {
    let built = jsonschema::options().should_validate_formats(true).should_ignore_unknown_formats(true).build(schema);
    built.inspect_err(|error| tracing::error!(%error, "a schema of the OpenAPI document cannot be compiled")).ok()
}

/// Everything that is wrong with a document.
pub(crate) fn problems(validator: &Validator, document: &Value) -> Vec<FieldError> {
    let mut problems: Vec<_> = validator.iter_errors(document).flat_map(|error| describe(&error)).collect();
    let more = unfit(document, "");
    problems.extend(more.into_iter().filter(|m| !problems.iter().any(|p| p.pointer == m.pointer)).collect::<Vec<_>>());
    problems.sort_by(|a, b| a.pointer.cmp(&b.pointer));
    problems.dedup();
    problems
}

/// What a schema lets through and no field takes: U+0000, which PostgreSQL cannot store, and `1.0`, which JSON Schema
/// counts as an integer (all fractions travel as text).
fn unfit(value: &Value, at: &str) -> Vec<FieldError> {
    match value {
        Value::String(text) if text.contains('\0') => {
            vec![FieldError::new(at, "wrong_format", "must not hold the character U+0000")]
        }
        Value::Number(number) if number.is_f64() => vec![FieldError::new(at, "wrong_type", "must be an integer")],
        Value::Array(items) => {
            items.iter().enumerate().flat_map(|(i, item)| unfit(item, &format!("{at}/{i}"))).collect()
        }
        Value::Object(fields) => fields.iter().flat_map(|(name, field)| unfit(field, &child(at, name))).collect(),
        _ => Vec::new(),
    }
}

fn describe(error: &ValidationError<'_>) -> Vec<FieldError> {
    let at = error.instance_path().to_string();
    let one = |code, detail: String| vec![FieldError::new(at.clone(), code, detail)];
    match error.kind() {
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
            let unknown = |name: &String| FieldError::new(child(&at, name), "unknown_field", "there is no such field");
            unexpected.iter().map(unknown).collect()
        }
        Kind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            vec![FieldError::new(child(&at, name), "required", "is required")]
        }
        Kind::Type { .. } => one("wrong_type", words(error)),
        Kind::MaxLength { limit } => one("too_long", format!("at most {limit} characters")),
        Kind::MinLength { limit } => one("too_short", format!("at least {limit} characters")),
        Kind::MaxItems { limit } => one("too_many", format!("at most {limit}")),
        Kind::MinItems { limit } => one("too_few", format!("at least {limit}")),
        Kind::Maximum { limit } => one("out_of_range", format!("at most {limit}")),
        Kind::Minimum { limit } => one("out_of_range", format!("at least {limit}")),
        Kind::Enum { options } => one("not_allowed", format!("one of {options}")),
        Kind::Pattern { .. } | Kind::Format { .. } => one("wrong_format", "has the wrong format".to_owned()),
        Kind::UniqueItems => one("duplicate", "must not repeat".to_owned()),
        // A nullable field is `oneOf` null and the real schema: tell what is wrong with the real one.
        Kind::OneOfNotValid { context } | Kind::AnyOf { context } => {
            let deepest = context.iter().flatten().filter(|e| !matches!(e.kind(), Kind::Type { .. }));
            let told: Vec<_> = deepest.flat_map(describe).collect();
            if told.is_empty() { one("wrong_type", words(error)) } else { told }
        }
        _ => one("invalid", words(error)),
    }
}

/// The library's words without the value, which may be long or secret.
fn words(error: &ValidationError<'_>) -> String {
    error.masked_with("the value").to_string()
}

/// The pointer to a field.
pub(crate) fn child(pointer: &str, name: &str) -> String {
    format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"))
}
