//! Query parameters, checked like bodies: unknown and repeated ones are errors, and all problems are told at once.

use super::schema;
use crate::Error;
use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload};
use domain::FieldError;
use jsonschema::Validator;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use std::{
    any::TypeId,
    collections::{BTreeMap, HashMap},
    future::{Ready, ready},
    sync::{Arc, PoisonError, RwLock},
};
use utoipa::{
    IntoParams,
    openapi::{
        Required,
        path::{Parameter, ParameterIn},
    },
};

/// The query parameters of a request.
pub(crate) struct Query<T>(pub(crate) T);

/// Marks a request whose query was checked.
struct Checked;

impl<T: DeserializeOwned + IntoParams + 'static> FromRequest for Query<T> {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        request.extensions_mut().insert(Checked);
        ready(parse(request.query_string()).map(Self))
    }
}

/// The parameters that every write knows.
#[derive(Default, serde::Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub(crate) struct WriteParams {
    /// `true` checks everything and stores nothing.
    #[serde(default)]
    pub(crate) dry_run: bool,
}

/// The query of a write; and refuses any parameter of a read that takes none.
pub(crate) fn of_write(request: &HttpRequest) -> Result<WriteParams, Error> {
    parse(request.query_string())
}

/// Refuses parameters that nobody looked at.
pub(crate) fn require_checked(request: &HttpRequest) -> Result<(), Error> {
    #[derive(serde::Deserialize, IntoParams)]
    struct Nothing {}
    if request.extensions().contains::<Checked>() {
        return Ok(());
    }
    parse::<Nothing>(request.query_string()).map(drop)
}

/// Reads a query as it stands behind a question mark.
pub(crate) fn parse<T: DeserializeOwned + IntoParams + 'static>(query: &str) -> Result<T, Error> {
    let known = Known::of::<T>();
    let mut document = Map::new();
    let mut problems = Vec::new();
    for (name, text) in actix_web::web::Query::<Vec<(String, String)>>::from_query(query)
        .map_err(|error| Error::InvalidQuery(vec![FieldError::new("", "wrong_format", error.to_string())]))?
        .into_inner()
    {
        let value = known.typed(&name, &text);
        if document.insert(name.clone(), value).is_some() {
            problems.push(FieldError::new(schema::child("", &name), "duplicate", "is given twice"));
        }
    }
    let document = Value::Object(document);
    let validator = known.validator.as_ref().ok_or_else(|| Error::Internal("query schema".to_owned()))?;
    problems.extend(schema::problems(validator, &document).into_iter().map(|problem| known.of_parameter(problem)));
    if problems.is_empty() {
        serde_json::from_value(document).map_err(|error| Error::Internal(error.to_string()))
    } else {
        Err(Error::InvalidQuery(problems))
    }
}

/// The parameters of one kind of query: their types and the validator, compiled once.
struct Known {
    types: HashMap<String, String>,
    validator: Option<Validator>,
}

impl Known {
    fn of<T: IntoParams + 'static>() -> Arc<Self> {
        static KNOWN: RwLock<BTreeMap<TypeId, Arc<Known>>> = RwLock::new(BTreeMap::new());
        let found = KNOWN.read().unwrap_or_else(PoisonError::into_inner).get(&TypeId::of::<T>()).cloned();
        found.unwrap_or_else(|| {
            let new = Arc::new(Self::compile(&T::into_params(|| Some(ParameterIn::Query))));
            KNOWN.write().unwrap_or_else(PoisonError::into_inner).entry(TypeId::of::<T>()).or_insert(new).clone()
        })
    }

    fn compile(parameters: &[Parameter]) -> Self {
        let schema = |p: &Parameter| Some((p.name.clone(), serde_json::to_value(p.schema.as_ref()?).ok()?));
        let properties: Map<_, _> = parameters.iter().filter_map(schema).collect();
        let types = properties.iter().map(|(name, schema)| (name.clone(), schema["type"].to_string())).collect();
        let required = parameters.iter().filter(|p| matches!(p.required, Required::True));
        let required: Vec<_> = required.map(|p| &p.name).collect();
        let schema = json!({
            "type": "object", "properties": properties, "required": required, "additionalProperties": false,
        });
        Self { types, validator: schema::compile(&schema) }
    }

    /// What is wrong with one value of a list is wrong with the parameter.
    fn of_parameter(&self, problem: FieldError) -> FieldError {
        let name = problem.pointer.split('/').nth(1).unwrap_or_default();
        let is_list = self.types.get(name).is_some_and(|types| types.contains("array"));
        if is_list { FieldError { pointer: format!("/{name}"), ..problem } } else { problem }
    }

    /// Numbers, booleans and lists arrive as text.
    fn typed(&self, name: &str, text: &str) -> Value {
        let number = || text.parse::<i64>().ok().filter(|number| number.to_string() == text).map(Value::from);
        let truth = || text.parse::<bool>().ok().map(Value::from);
        let typed = match self.types.get(name) {
            Some(types) if types.contains("integer") => number(),
            Some(types) if types.contains("boolean") => truth(),
            Some(types) if types.contains("array") => Some(text.split(',').map(Value::from).collect()),
            _ => None,
        };
        typed.unwrap_or_else(|| Value::from(text))
    }
}
