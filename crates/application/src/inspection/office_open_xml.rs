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
    let macros = |name: &String| {
        let name = name.to_ascii_lowercase();
        name.ends_with("vbaproject.bin") || name.starts_with("xl/macrosheets/")
    };
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
    for name in &names {
        // Names of parts are the same in capitals (ECMA-376, part 2).
        let Some(look) = look(&name.to_ascii_lowercase()) else { continue };
        archive.read(name, |part| walk(part, |met| look(&met, found)))?;
    }
    Ok(())
}

type Look = fn(&Met<'_>, &mut Found);

/// What to look for in a part, whose name is in small letters.
fn look(name: &str) -> Option<Look> {
    let (folder, file) = name.rsplit_once('/').unwrap_or(("", name));
    if !file.ends_with(".xml") {
        return None;
    }
    match folder {
        "docprops" if file == "core.xml" || file == "app.xml" => Some(properties),
        "word" => Some(text),
        "xl" if file == "workbook.xml" => Some(workbook),
        "xl/worksheets" => Some(sheet),
        "xl/revisions" if file.starts_with("revisionlog") => Some(revisions),
        "xl/persons" => Some(persons),
        "ppt/slides" => Some(slide),
        "ppt/notesslides" => Some(notes),
        "ppt/comments" | "xl/threadedcomments" => Some(comments),
        "xl" if file.starts_with("comments") => Some(comments),
        _ => None,
    }
}

fn properties(met: &Met<'_>, found: &mut Found) {
    found.add_if(matches!(met, Met::Text("creator" | "lastModifiedBy" | "Manager" | "Company")), Kind::AuthorData);
}

/// The document, its headers, footers, notes and comments.
fn text(met: &Met<'_>, found: &mut Found) {
    let Met::Element(element) = met else { return };
    match element.name() {
        "comment" => found.add(Kind::Comments),
        "ins" | "del" | "moveFrom" | "moveTo" | "cellIns" | "cellDel" | "cellMerge" => found.add(Kind::TrackedChanges),
        // Changes of the form: of a run, a paragraph, a section, a table and its parts.
        name if name.ends_with("PrChange") || name == "tblGridChange" => found.add(Kind::TrackedChanges),
        "person" => found.add(Kind::AuthorData),
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
        // All rows of which nothing else is said.
        "sheetFormatPr" => found.add_if(element.says("zeroHeight"), Kind::HiddenRows),
        "col" => found.add_if(element.says("hidden"), Kind::HiddenColumns),
        _ => {}
    }
}

/// The history of a table that several people work on.
fn revisions(met: &Met<'_>, found: &mut Found) {
    let Met::Element(element) = met else { return };
    let change = ["rcc", "rrc", "rm", "rsnm", "ris", "rfmt", "raf", "rdn", "rcmt"].contains(&element.name());
    found.add_if(change && element.parent == "revisions", Kind::TrackedChanges);
}

/// Who wrote comments.
fn persons(met: &Met<'_>, found: &mut Found) {
    let Met::Element(element) = met else { return };
    found.add_if(element.name() == "person", Kind::AuthorData);
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
