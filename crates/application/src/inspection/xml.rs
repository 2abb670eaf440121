//! Walking through an XML document without keeping it.

use super::archive::unreadable;
use domain::file::Rejection;
use quick_xml::{
    Reader, XmlVersion,
    events::{BytesStart, Event},
};
use std::io::{BufReader, Read};

/// The deepest that elements may be in each other.
const DEEPEST: usize = 1_000;

/// What one meets on the way. Names are without their prefix.
pub(super) enum Met<'a> {
    /// An element begins.
    Element(&'a Element<'a>),
    /// Text that is not blank, inside the element of this name.
    Text(&'a str),
}

/// An element with its attributes.
pub(super) struct Element<'a> {
    start: &'a BytesStart<'a>,
    /// The name of the element around it.
    pub(super) parent: &'a str,
}

impl Element<'_> {
    /// Its name.
    pub(super) fn name(&self) -> &str {
        self.start.local_name().into_inner()
    }

    /// The value of an attribute; empty if there is none.
    pub(super) fn value(&self, name: &str) -> String {
        let found = self.start.attributes().flatten().find(|attribute| attribute.key.local_name().into_inner() == name);
        found
            .and_then(|attribute| attribute.normalized_value(XmlVersion::default()).ok().map(String::from))
            .unwrap_or_default()
    }

    /// Whether an attribute says yes (XML Schema, boolean; on and off are older).
    pub(super) fn says(&self, name: &str) -> bool {
        matches!(&*self.value(name), "1" | "true" | "on")
    }
}

/// Goes through a document from its beginning to its end.
pub(super) fn walk(document: &mut dyn Read, mut meet: impl FnMut(Met<'_>)) -> Result<(), Rejection> {
    let mut reader = Reader::from_reader(BufReader::new(document));
    let (mut buffer, mut around): (Vec<u8>, Vec<String>) = (Vec::new(), Vec::new());
    loop {
        let parent = around.last().map(String::as_str).unwrap_or_default();
        match reader.read_event_into(&mut buffer).map_err(unreadable)? {
            Event::Start(start) => {
                meet(Met::Element(&Element { start: &start, parent }));
                let name = start.local_name().into_inner().to_owned();
                around.push(name);
                if around.len() > DEEPEST {
                    return Err(Rejection::Unreadable);
                }
            }
            Event::Empty(start) => meet(Met::Element(&Element { start: &start, parent })),
            Event::End(_) => drop(around.pop()),
            Event::Text(text) if !text.trim().is_empty() => meet(Met::Text(parent)),
            // Entities of a document's own can be made to grow without end; office programs write none.
            Event::DocType(_) => return Err(Rejection::Unreadable),
            Event::Eof => return Ok(()),
            _ => {}
        }
        buffer.clear();
    }
}
