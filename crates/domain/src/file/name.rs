//! Names of files that mean the same on every machine, and what they seem to mean to the eye.

use crate::Checks;

/// The most characters of a name; with four bytes each it would still fit where names may have 1,000 bytes, and what people
/// write fits where they may have 255.
const LONGEST: usize = 120;

/// Characters that some system gives a meaning in paths (POSIX, Windows).
const IN_PATHS: [char; 9] = ['/', '\\', ':', '*', '?', '"', '<', '>', '|'];

/// Characters that cannot be seen or that turn the order of others around (Unicode TR 36, 2.5): `invoice\u{202e}fdp.exe`
/// looks like `invoiceexe.pdf`.
fn is_deceptive(letter: char) -> bool {
    matches!(letter,
        '\u{ad}' | '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Notes what is wrong with the name of a file.
pub fn check_name(checks: &mut Checks, name: &str, pointer: &str) {
    checks.text(name, LONGEST, pointer);
    let letters = !name.contains(IN_PATHS) && !name.chars().any(|letter| letter.is_control() || is_deceptive(letter));
    checks.require(letters, pointer, "wrong_format", "a plain name: no path, no invisible or turning characters");
    let ends = name.trim() == name && !name.starts_with('.') && !name.ends_with('.');
    checks.require(ends, pointer, "wrong_format", "must not begin or end with a space, nor with a dot");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sound(name: &str) -> bool {
        let mut checks = Checks::new();
        check_name(&mut checks, name, "/name");
        checks.done().is_ok()
    }

    #[test]
    fn names_in_any_script_are_sound() {
        for name in ["plan.pdf", "Načrt št. 3 (končni).docx", "план.xlsx", "計画書.pdf", "خطة.pdf", "a+b=c, 50%.csv"]
        {
            assert!(sound(name), "{name}");
        }
        assert!(sound(&format!("{}.pdf", "x".repeat(LONGEST - 4))));
    }

    #[test]
    fn paths_tricks_and_lengths_are_refused() {
        let long = format!("{}.pdf", "x".repeat(LONGEST - 3));
        for name in [
            "",
            " ",
            ".",
            "..",
            "../plan.pdf",
            "a/b.pdf",
            "a\\b.pdf",
            "C:plan.pdf",
            "a\0.pdf",
            "a\n.pdf",
            "a\u{7f}.pdf",
            "invoice\u{202e}fdp.exe",
            "a\u{200b}.pdf",
            "\u{feff}a.pdf",
            ".htaccess",
            "a.pdf.",
            "a.pdf ",
            " a.pdf",
            "a?.pdf",
            "a\u{2066}b.pdf",
            &long,
        ] {
            assert!(!sound(name), "{name:?}");
        }
    }
}
