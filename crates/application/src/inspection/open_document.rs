//! OpenDocument (ISO/IEC 26300): odt, ods, odp.

use super::{
    Found,
    archive::Archive,
    xml::{Element, Met, walk},
};
use domain::file::{FindingKind as Kind, Rejection};
use std::{
    collections::BTreeSet,
    io::{Read, Seek},
};

/// Looks into all parts that can hold something.
pub(super) fn inspect<R: Read + Seek>(
    kind: &str,
    archive: &mut Archive<R>,
    found: &mut Found,
) -> Result<(), Rejection> {
    if archive.names().iter().any(|name| name.starts_with("Basic/") || name.starts_with("Scripts/")) {
        return Err(Rejection::Macros);
    }
    if archive.text("mimetype")?.as_deref().map(str::trim) != Some(kind) {
        return Err(Rejection::WrongType);
    }
    archive.read("meta.xml", |part| walk(part, |met| properties(&met, found)))?;
    for name in ["content.xml", "styles.xml"] {
        let mut content = Content::default();
        archive.read(name, |part| walk(part, |met| content.meet(&met, found)))?;
    }
    Ok(())
}

fn properties(met: &Met<'_>, found: &mut Found) {
    found.add_if(matches!(met, Met::Text("creator" | "initial-creator" | "printed-by")), Kind::AuthorData);
}

/// What the styles, which come first, say about the content, which follows.
#[derive(Default)]
struct Content {
    style: String,
    /// The styles of tables and slides that are not shown.
    hidden: BTreeSet<String>,
    in_notes: bool,
}

impl Content {
    fn meet(&mut self, met: &Met<'_>, found: &mut Found) {
        match met {
            Met::Element(element) => self.element(element, found),
            Met::Text(inside) => {
                found.add_if(self.in_notes && ["p", "span"].contains(inside), Kind::SpeakerNotes);
            }
        }
    }

    fn element(&mut self, element: &Element<'_>, found: &mut Found) {
        let hidden = |table: &Self| table.hidden.contains(&element.value("style-name"));
        match element.name() {
            "style" => self.style = element.value("name"),
            "table-properties" if element.value("display") == "false" => drop(self.hidden.insert(self.style.clone())),
            "drawing-page-properties" if element.value("visibility") == "hidden" => {
                self.hidden.insert(self.style.clone());
            }
            "text-properties" if element.value("display") == "none" => found.add(Kind::HiddenText),
            "table" => found.add_if(hidden(self), Kind::HiddenSheets),
            "table-row" => found.add_if(is_hidden(element), Kind::HiddenRows),
            "table-column" => found.add_if(is_hidden(element), Kind::HiddenColumns),
            "page" => {
                self.in_notes = false;
                found.add_if(hidden(self), Kind::HiddenSlides);
            }
            "notes" => self.in_notes = true,
            "annotation" => found.add(Kind::Comments),
            "changed-region" => found.add(Kind::TrackedChanges),
            // In tables they have no region around them.
            "cell-content-change" | "insertion" | "deletion" | "movement" => {
                found.add_if(element.parent == "tracked-changes", Kind::TrackedChanges);
            }
            "section" => found.add_if(element.value("display") == "none", Kind::HiddenText),
            "hidden-text" | "hidden-paragraph" => found.add(Kind::HiddenText),
            _ => {}
        }
    }
}

fn is_hidden(element: &Element<'_>) -> bool {
    ["collapse", "filter"].contains(&&*element.value("visibility"))
}
