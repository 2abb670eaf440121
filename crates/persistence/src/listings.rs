//! What everybody can find: a row for each public challenge, and the words that lead to it.

mod index;
mod page;
mod row;
mod words;

pub use index::{Place, index_all, index_stored, outdated, purge};
pub(crate) use index::{index, move_agency};
pub use page::{Hit, Listed, Order, Window, facet_rows, hits, page, with_topics};
pub use words::Expression;
