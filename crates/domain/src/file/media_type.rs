//! What kinds of files are taken, and how to tell them.

/// A kind of file that is taken (IANA media types). Kinds that can hold programs, and old office files that cannot be looked
/// into, are not among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MediaType {
    name: &'static str,
    /// How names of such files end, without the dot.
    endings: &'static [&'static str],
    content: Content,
}

/// How the content shows the kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Content {
    /// By its first bytes.
    Magic,
    /// By what is in it: an archive.
    Archive,
    /// Not at all: text is what is nothing else.
    Text,
}

const fn of(name: &'static str, endings: &'static [&'static str], content: Content) -> MediaType {
    MediaType { name, endings, content }
}

const ALL: [MediaType; 15] = [
    of("application/pdf", &["pdf"], Content::Magic),
    of("image/png", &["png"], Content::Magic),
    of("image/jpeg", &["jpg", "jpeg"], Content::Magic),
    of("image/webp", &["webp"], Content::Magic),
    of("video/mp4", &["mp4"], Content::Magic),
    of("application/vnd.openxmlformats-officedocument.wordprocessingml.document", &["docx"], Content::Archive),
    of("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", &["xlsx"], Content::Archive),
    of("application/vnd.openxmlformats-officedocument.presentationml.presentation", &["pptx"], Content::Archive),
    of("application/vnd.oasis.opendocument.text", &["odt"], Content::Archive),
    of("application/vnd.oasis.opendocument.spreadsheet", &["ods"], Content::Archive),
    of("application/vnd.oasis.opendocument.presentation", &["odp"], Content::Archive),
    of("application/zip", &["zip"], Content::Archive),
    of("text/plain", &["txt"], Content::Text),
    of("text/csv", &["csv"], Content::Text),
    of("application/json", &["json", "geojson"], Content::Text),
];

impl MediaType {
    /// Every kind.
    pub fn all() -> impl Iterator<Item = Self> {
        ALL.into_iter()
    }

    /// The kind of that name.
    pub fn parse(name: &str) -> Option<Self> {
        ALL.into_iter().find(|kind| kind.name.eq_ignore_ascii_case(name))
    }

    /// The name of the kind.
    pub fn as_str(self) -> &'static str {
        self.name
    }

    /// Whether the file is an archive of others: a ZIP file or an office file.
    pub fn is_archive(self) -> bool {
        self.content == Content::Archive
    }

    /// The kind that a name of a file says by its ending.
    pub fn of_name(name: &str) -> Option<Self> {
        ALL.into_iter().find(|kind| kind.suits(name))
    }

    /// Whether a file of this name can be of this kind.
    pub fn suits(self, name: &str) -> bool {
        let ending = name.rsplit_once('.').map(|(_, ending)| ending);
        ending.is_some_and(|ending| self.endings.iter().any(|own| own.eq_ignore_ascii_case(ending)))
    }

    /// Whether a file that begins with `head` (its first 8 KiB, or all of it) can be of this kind. Which kind of archive it is
    /// must be found out from what is in it.
    pub fn begins_as(self, head: &[u8]) -> bool {
        let found = infer::get(head).map(|kind| kind.mime_type());
        match self.content {
            Content::Magic => found == Some(self.name),
            Content::Archive => head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06"),
            Content::Text => found.is_none_or(|found| found.starts_with("text/x-")) && !head.contains(&0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PDF: &[u8] = b"%PDF-1.7\n";

    fn kind(name: &str) -> MediaType {
        MediaType::parse(name).unwrap()
    }

    #[test]
    fn a_name_ends_as_its_kind_does() {
        assert!(kind("application/pdf").suits("a.pdf") && kind("image/jpeg").suits("a.b.JPEG"));
        assert!(!kind("application/pdf").suits("pdf") && !kind("application/pdf").suits("a.pdf.exe"));
        assert_eq!(MediaType::parse("application/x-msdownload"), None);
        assert_eq!(MediaType::parse("application/vnd.ms-word.document.macroEnabled.12"), None);
    }

    #[test]
    fn the_content_decides_what_a_file_is() {
        let program = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0\x3e\0\x01\0\0\0\0\0\0\0\0\0\0\0\x40\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x40\0\x38\0";
        let page: &[u8] = b"<!DOCTYPE html><script>alert(1)</script>";
        for (name, content, expected) in [
            ("application/pdf", PDF, true),
            ("image/png", PDF, false),
            ("text/plain", PDF, false),
            ("text/plain", b"Plain words.", true),
            ("text/plain", b"Pr\xeeklad", true),
            ("text/csv", b"a;b\n1;2\n", true),
            ("text/csv", page, false),
            ("text/plain", b"null \0 byte", false),
            ("text/plain", program, false),
            ("application/json", b"{}", true),
            ("application/zip", b"PK\x03\x04", true),
            ("application/zip", b"PK", false),
            ("application/pdf", b"", false),
        ] {
            assert_eq!(kind(name).begins_as(content), expected, "{name}: {content:?}");
        }
    }
}
