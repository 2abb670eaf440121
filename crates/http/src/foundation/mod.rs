//! The conventions that every operation follows.

pub(crate) mod blocking;
pub(crate) mod body;
pub(crate) mod client;
pub(crate) mod cursor;
pub(crate) mod download;
pub(crate) mod file;
pub(crate) mod markdown;
pub(crate) mod piece;
pub(crate) mod precondition;
pub(crate) mod problem;
pub(crate) mod query;
pub(crate) mod reply;
pub(crate) mod request_id;
pub(crate) mod schema;
pub(crate) mod sealed_file;
pub(crate) mod wire;

pub(crate) use blocking::blocking;
pub(crate) use body::{Body, MergePatch};
pub(crate) use cursor::{Cursors, PageParams, Paged};
pub(crate) use file::File;
pub(crate) use precondition::Precondition;
pub(crate) use problem::{
    AttemptProblems, EditProblems, Field as FieldProblem, PieceProblems, ReadProblems, WriteProblems,
};
pub(crate) use query::Query;
pub(crate) use reply::Reply;
