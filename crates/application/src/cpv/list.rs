//! Reading a list of codes: the official XML of the European Union, or CSV or TSV with code and name.

use domain::cpv::CpvEntry;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;

/// A list that can be imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List {
    /// Its codes, each once.
    pub entries: Vec<CpvEntry>,
    /// SHA-256 of its file, in hexadecimal.
    pub sha256: String,
}

/// What is wrong with a list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ListError {
    /// It is not text.
    #[error("the file is not UTF-8")]
    NotText,
    /// It is neither XML nor CSV.
    #[error("the file cannot be read: {0}")]
    Unreadable(String),
    /// Something is wrong at a place.
    #[error("{place}: `{code}`: {problem}")]
    Entry {
        /// The line or the entry.
        place: String,
        /// The code that stands there.
        code: String,
        /// What is wrong.
        problem: String,
    },
    /// There is nothing in it.
    #[error("the file has no codes")]
    Empty,
}

/// What stands at one place of a list.
struct Line {
    place: String,
    code: String,
    name: String,
}

/// Reads a list; the first bad line is named.
///
/// # Errors
/// [`ListError`] when anything in it is wrong: a list is read as a whole or not at all.
pub fn parse(bytes: &[u8]) -> Result<List, ListError> {
    let text = std::str::from_utf8(bytes).map_err(|_| ListError::NotText)?;
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let lines = if text.starts_with('<') { xml(text)? } else { table(text)? };
    let mut seen = BTreeSet::new();
    let mut entries = Vec::with_capacity(lines.len());
    for Line { place, code, name } in lines {
        let wrong = |problem: String| ListError::Entry { place: place.clone(), code: code.clone(), problem };
        let entry = CpvEntry::read(&code, &name).map_err(|error| wrong(error.to_string()))?;
        if !seen.insert(entry.code.clone()) {
            return Err(wrong("comes twice".to_owned()));
        }
        entries.push(entry);
    }
    let sha256 = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    if entries.is_empty() { Err(ListError::Empty) } else { Ok(List { entries, sha256 }) }
}

/// `<CPV CODE="03000000-1"><TEXT LANG="EN">...</TEXT>...</CPV>`, inside of one element.
#[derive(Deserialize)]
struct Document {
    #[serde(rename = "CPV", default)]
    codes: Vec<Code>,
}

#[derive(Deserialize)]
struct Code {
    #[serde(rename = "@CODE")]
    code: String,
    #[serde(rename = "TEXT", default)]
    texts: Vec<Text>,
}

#[derive(Deserialize)]
struct Text {
    #[serde(rename = "@LANG")]
    language: String,
    #[serde(rename = "$text", default)]
    text: String,
}

fn xml(text: &str) -> Result<Vec<Line>, ListError> {
    let document: Document = quick_xml::de::from_str(text).map_err(unreadable)?;
    let line = |(i, code): (usize, Code)| {
        let english = code.texts.into_iter().find(|text| text.language == "EN");
        let name = english.map(|text| text.text).unwrap_or_default();
        Line { place: format!("entry {}", i + 1), code: code.code, name }
    };
    Ok(document.codes.into_iter().enumerate().map(line).collect())
}

/// Separated by tabs, if there is one in the first line, otherwise by commas. A first line without a digit is a heading.
fn table(text: &str) -> Result<Vec<Line>, ListError> {
    let tabs = text.lines().next().is_some_and(|line| line.contains('\t'));
    let delimiter = if tabs { b'\t' } else { b',' };
    let mut reader = csv::ReaderBuilder::new();
    let mut reader =
        reader.delimiter(delimiter).quoting(!tabs).has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut lines = Vec::new();
    for record in reader.records() {
        let record = record.map_err(unreadable)?;
        let number = record.position().map_or(0, csv::Position::line);
        let code = record.get(0).unwrap_or_default().to_owned();
        if number == 1 && !code.contains(|c: char| c.is_ascii_digit()) {
            continue;
        }
        let place = format!("line {number}");
        if record.len() != 2 {
            let problem = format!("{} columns where a code and a name should be", record.len());
            return Err(ListError::Entry { place, code, problem });
        }
        lines.push(Line { place, code, name: record.get(1).unwrap_or_default().to_owned() });
    }
    Ok(lines)
}

fn unreadable(error: impl std::fmt::Display) -> ListError {
    ListError::Unreadable(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<(String, Option<char>, String)>, String> {
        let entries = parse(text.as_bytes()).map_err(|error| error.to_string())?.entries;
        Ok(entries.into_iter().map(|entry| (entry.code.to_string(), entry.check_digit, entry.name)).collect())
    }

    #[test]
    fn the_official_xml_and_both_tables_say_the_same() {
        let xml = r#"<?xml version="1.0" encoding="UTF-8"?><CPV_CODE>
            <CPV CODE="03000000-1"><TEXT LANG="DE">Anderes</TEXT><TEXT LANG="EN">Farming &amp; "more", raw</TEXT></CPV>
            <CPV CODE="03111000-2"><TEXT LANG="EN">Seeds</TEXT></CPV></CPV_CODE>"#;
        let csv = "\u{feff}code,name\r\n03000000-1,\"Farming & \"\"more\"\", raw\"\r\n03111000-2,Seeds\r\n";
        let tsv = "03000000-1\tFarming & \"more\", raw\n03111000-2\tSeeds\n";
        let expected = vec![
            ("03000000".to_owned(), Some('1'), "Farming & \"more\", raw".to_owned()),
            ("03111000".to_owned(), Some('2'), "Seeds".to_owned()),
        ];
        for text in [xml, csv, tsv] {
            assert_eq!(read(text), Ok(expected.clone()), "{text}");
        }
        assert_eq!(read("03111000,Seeds").unwrap()[0].1, None);
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (text, problem) in [
            ("", "the file has no codes"),
            ("code,name\n", "the file has no codes"),
            (
                "03111000,Seeds\n0311,Beans\n",
                "line 2: `0311`: eight digits, with or without a hyphen and the check digit",
            ),
            ("03111000,Seeds\n03112000, \n", "line 2: `03112000`: a code has a name of at most 300 characters"),
            ("03111000,Seeds\n03111000-2,Beans\n", "line 2: `03111000-2`: comes twice"),
            ("03111000,Seeds,beans\n", "line 1: `03111000`: 3 columns where a code and a name should be"),
            ("03111000\n", "line 1: `03111000`: 1 columns where a code and a name should be"),
            (
                "<A><CPV CODE=\"03111000-2\"><TEXT LANG=\"DE\">Samen</TEXT></CPV></A>",
                "entry 1: `03111000-2`: a code has a name of at most 300 characters",
            ),
        ] {
            assert_eq!(read(text), Err(problem.to_owned()), "{text}");
        }
        assert!(read("<A><CPV CODE=").unwrap_err().starts_with("the file cannot be read: "));
        assert_eq!(parse(b"\xff\xfe"), Err(ListError::NotText));
    }
}
