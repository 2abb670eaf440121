//! Office Open XML (ECMA-376): docx, xlsx, pptx.

use super::{
    Found,
    archive::Archive,
    xml::{Element, Met, walk},
};
use domain::file::{FindingKind as Kind, Rejection};
use std::io::{Read, Seek};

/// Kinds of files, and the content type of the main part of each.
const MAIN: [(&str, &str); 3] = [
    ("document", "wordprocessingml.document.main+xml"),
    ("sheet", "spreadsheetml.sheet.main+xml"),
    ("presentation", "presentationml.presentation.main+xml"),
];

/// Looks into all parts that can hold something.
pub(super) fn inspect<R: Read + Seek>(
    kind: &str,
    archive: &mut Archive<R>,
    found: &mut Found,
) -> Result<(), Rejection> {
    let names = archive.names().to_vec();
    let macros = |name: &String| name.ends_with("vbaProject.bin") || name.starts_with("xl/macrosheets/");
    if names.iter().any(macros) {
        return Err(Rejection::Macros);
    }
    let types = archive.text("[Content_Types].xml")?.unwrap_or_default();
    if types.contains("macroEnabled") {
        return Err(Rejection::Macros);
    }
    let main = MAIN.iter().find(|(ending, _)| kind.ends_with(ending)).map(|(_, main)| *main);
    if !main.is_some_and(|main| types.contains(main)) {
        return Err(Rejection::WrongType);
    }
    for name in names.iter().filter(|name| name.ends_with(".xml")) {
        let Some(look) = look(name) else { continue };
        archive.read(name, |part| walk(part, |met| look(&met, found)))?;
    }
    Ok(())
}

type Look = fn(&Met<'_>, &mut Found);

/// What to look for in a part.
fn look(name: &str) -> Option<Look> {
    let (folder, file) = name.rsplit_once('/').unwrap_or(("", name));
    match folder {
        "docProps" if file == "core.xml" => Some(properties),
        "word" => Some(text),
        "xl" if file == "workbook.xml" => Some(workbook),
        "xl/worksheets" => Some(sheet),
        "ppt/slides" => Some(slide),
        "ppt/notesSlides" => Some(notes),
        "ppt/comments" | "xl/threadedComments" => Some(comments),
        "xl" if file.starts_with("comments") => Some(comments),
        _ => None,
    }
}

fn properties(met: &Met<'_>, found: &mut Found) {
    found.add_if(matches!(met, Met::Text("creator" | "lastModifiedBy")), Kind::AuthorData);
}

/// The document, its headers, footers, notes and comments.
fn text(met: &Met<'_>, found: &mut Found) {
    let Met::Element(element) = met else { return };
    match element.name() {
        "comment" => found.add(Kind::Comments),
        "ins" | "del" | "moveFrom" | "moveTo" => found.add(Kind::TrackedChanges),
        // Styles describe hidden text without there being any.
        "vanish" if element.parent == "rPr" && !is_off(element) => found.add(Kind::HiddenText),
        _ => {}
    }
}

fn is_off(element: &Element<'_>) -> bool {
    matches!(&*element.value("val"), "0" | "false" | "off")
}

fn workbook(met: &Met<'_>, found: &mut Found) {
    let Met::Element(element) = met else { return };
    let hidden = element.name() == "sheet" && ["hidden", "veryHidden"].contains(&&*element.value("state"));
    found.add_if(hidden, Kind::HiddenSheets);
}

fn sheet(met: &Met<'_>, found: &mut Found) {
    let Met::Element(element) = met else { return };
    match element.name() {
        "row" => found.add_if(element.says("hidden"), Kind::HiddenRows),
        "col" => found.add_if(element.says("hidden"), Kind::HiddenColumns),
        _ => {}
    }
}

fn slide(met: &Met<'_>, found: &mut Found) {
    let Met::Element(element) = met else { return };
    found.add_if(element.name() == "sld" && ["0", "false"].contains(&&*element.value("show")), Kind::HiddenSlides);
}

fn notes(met: &Met<'_>, found: &mut Found) {
    found.add_if(matches!(met, Met::Text("t")), Kind::SpeakerNotes);
}

fn comments(met: &Met<'_>, found: &mut Found) {
    let Met::Element(element) = met else { return };
    found.add_if(["comment", "threadedComment", "cm"].contains(&element.name()), Kind::Comments);
}
