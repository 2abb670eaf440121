//! Lists of challenges as Atom (RFC 4287).

use super::{Feed, Site, plain};
use application::feeds::Entry;
use atom_syndication as atom;
use chrono::DateTime;
use domain::{Challenge, bid::BidStage};

/// The media type (RFC 4287, 7).
pub(crate) const MEDIA_TYPE: &str = "application/atom+xml; charset=utf-8";

/// The entries of a list, which is asked for by this query.
pub(crate) fn feed(site: Site<'_>, query: &str, entries: &[Entry]) -> Feed {
    let modified = entries.iter().map(|entry| entry.updated_at).max();
    let question = if query.is_empty() { String::new() } else { format!("?{query}") };
    let link = |rel: &str, path: &str, mime: &str| atom::Link {
        href: format!("{}/api/v1/{path}{question}", site.base_url),
        rel: rel.to_owned(),
        mime_type: Some(mime.to_owned()),
        ..atom::Link::default()
    };
    let feed = atom::Feed {
        // The same for the same question, wherever it is asked.
        id: format!("tag:{},2026:challenges{question}", site.host()),
        title: atom::Text::plain("Challenges"),
        updated: modified.unwrap_or(DateTime::UNIX_EPOCH).into(),
        links: vec![
            link("self", "challenges.atom", "application/atom+xml"),
            link("alternate", "challenges", "application/json"),
        ],
        entries: entries.iter().map(|one| entry(site, one)).collect(),
        ..atom::Feed::default()
    };
    Feed { media_type: MEDIA_TYPE, body: feed.to_string(), public: true }
}

fn entry(site: Site<'_>, entry: &Entry) -> atom::Entry {
    let (challenge, content) = (&entry.challenge, &entry.challenge.content);
    let published = challenge.published_at.map(Into::into);
    let category = |term: &str| atom::Category { term: term.to_owned(), ..atom::Category::default() };
    let person = atom::Person { name: plain(&entry.agency_name), ..atom::Person::default() };
    let link = atom::Link { href: site.challenge(challenge.id), rel: "alternate".to_owned(), ..atom::Link::default() };
    atom::Entry {
        id: format!("urn:uuid:{}", challenge.id),
        title: atom::Text::plain(plain(&content.title)),
        updated: entry.updated_at.into(),
        published,
        authors: vec![person],
        categories: std::iter::once(challenge.status.as_str())
            .chain(content.tags.iter().map(String::as_str))
            .map(category)
            .collect(),
        links: vec![link],
        summary: Some(atom::Text::plain(plain(&summary(challenge)))),
        ..atom::Entry::default()
    }
}

fn summary(challenge: &Challenge) -> String {
    let what = if challenge.stage() == BidStage::Solution { "Solutions" } else { "Bids" };
    let until = challenge.next_deadline().ok().map(|at| format!("{what} until {}.", at.format("%-d %B %Y, %H:%M UTC")));
    [Some(challenge.content.summary.clone()).filter(|text| !text.is_empty()), until]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join("\n\n")
}
