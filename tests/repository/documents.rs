//! Links in documents lead somewhere.

use std::path::Path;

use crate::{assert_none, files, read, root};

/// The lines of a document that are text, not a sample of code.
fn prose(text: &str) -> impl Iterator<Item = &str> {
    let mut sample = false;
    text.lines().filter(move |line| {
        let fence = line.trim_start().starts_with("```");
        sample ^= fence;
        !sample && !fence
    })
}

/// The targets of links: `[text](target)` and, for references, `[name]: target`.
fn targets(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in prose(text) {
        let inline = line.split("](").skip(1).filter_map(|rest| rest.split([')', ' ']).next());
        found.extend(inline.map(ToOwned::to_owned));
        let reference = line.strip_prefix('[').and_then(|rest| rest.split_once("]: "));
        found.extend(reference.map(|(_, target)| target.trim().to_owned()));
    }
    found
}

/// The names by which a document's headings are linked to, as code hosts make them.
fn anchors(text: &str) -> Vec<String> {
    let headings = prose(text).filter(|line| line.starts_with('#')).map(|line| line.trim_start_matches('#').trim());
    let letter = |letter: char| match letter {
        ' ' => Some('-'),
        letter if letter.is_alphanumeric() || "-_".contains(letter) => Some(letter),
        _ => None,
    };
    headings.map(|heading| heading.to_lowercase().chars().filter_map(letter).collect()).collect()
}

/// Whether the target of a link in a document is there.
fn leads_somewhere(document: &str, target: &str) -> bool {
    let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
    let here = Path::new(document);
    let file = if path.is_empty() { here.to_owned() } else { here.parent().unwrap().join(path) };
    let exists = root().join(&file).exists();
    exists && (anchor.is_empty() || anchors(&read(&file)).iter().any(|it| it == anchor))
}

#[test]
fn links_between_documents_lead_somewhere() {
    let documents = files("", ".md");
    let (mut checked, mut dead) = (0, Vec::new());
    for document in &documents {
        for target in targets(&read(document)) {
            if target.contains("://") || target.starts_with("mailto:") {
                continue;
            }
            checked += 1;
            if !leads_somewhere(document, &target) {
                dead.push(format!("{document}: {target}"));
            }
        }
    }
    assert_none(&dead);
    assert!(documents.len() > 3 && checked > 3, "{checked} links in {documents:?}");
}

#[test]
fn the_check_of_links_finds_dead_ones() {
    let text = "See [a](b.md), [c](d.md#e \"title\").\n```\n[no](link)\n```\n[f]: g.md\n# One & two: *Three*";
    assert_eq!(targets(text), ["b.md", "d.md#e", "g.md"]);
    assert_eq!(anchors(text), ["one--two-three"]);
    assert!(leads_somewhere("README.md", "Cargo.toml"));
    assert!(!leads_somewhere("README.md", "nowhere.md") && !leads_somewhere("README.md", "README.md#nowhere"));
}

#[test]
fn the_readme_says_how_to_begin() {
    let readme = read("README.md");
    for command in ["./run", "./test"] {
        assert!(readme.contains(command), "{command}");
    }
}
