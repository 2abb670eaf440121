//! Making text from strangers fit to stand in a subject, a sentence or a header.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

/// Longest title or name shown, in characters; the page behind the link shows all of it.
const LONGEST_TITLE: usize = 120;

/// Characters that move or hide the text around them: controls, Unicode line and paragraph separators, and the marks
/// of writing direction with which a title could make a sentence read differently (Unicode TR 36, 2.5).
fn is_treacherous(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// The text on one line: treacherous characters become spaces, runs of spaces become one.
pub fn single_line(text: &str) -> String {
    let spaced = text.replace(is_treacherous, " ");
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A title or name on one line, cut after [`LONGEST_TITLE`] characters so that it cannot carry a mail of its own.
pub fn title(text: &str) -> String {
    let line = single_line(text);
    match line.char_indices().nth(LONGEST_TITLE) {
        Some((end, _)) => format!("{}…", line[..end].trim_end()),
        None => line,
    }
}

/// The lines of a longer text, each clean, without blank lines before and after it.
pub fn lines(text: &str) -> Vec<String> {
    text.trim().lines().map(single_line).collect()
}

/// A time as its reader's clock shows it, to the minute: `23 November 2026, 15:05 CET`.
pub fn time(at: DateTime<Utc>, zone: Tz) -> String {
    at.with_timezone(&zone).format("%-d %B %Y, %H:%M %Z").to_string()
}
