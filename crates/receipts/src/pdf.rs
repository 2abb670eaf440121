//! A receipt, or a certificate, on paper: one page of A4, or more if names are long.

use crate::{Certificate, Invalid, Receipt};
use krilla::{
    Data, Document,
    geom::Point,
    metadata::Metadata,
    page::PageSettings,
    text::{Font, TextDirection},
};

/// Millimetres would need floating point arithmetic: all measures are whole points (1/72 inch).
const A4: (u16, u16) = (595, 842);
const MARGIN: u16 = 57;
const VALUES: u16 = 190;
const BOTTOM: u16 = 785;
/// How many letters of a value, and of what is signed, fit into a line.
const VALUE_LETTERS: usize = 56;
const SIGNED_LETTERS: usize = 96;

const HOW_TO_CHECK_A_CERTIFICATE: [&str; 2] = [
    "Anybody can check the certificate with its file (JSON) and the public keys of the installation (GET",
    "/api/v1/receipt-keys), without an account: with the command provoco verify certificate.",
];
const HOW_TO_CHECK: [&str; 2] = [
    "Anybody can check the receipt with its file (JSON), without an account: with the command",
    "provoco verify receipt, or by sending it to POST /api/v1/receipts/verify. This page is for reading.",
];

/// Why there is no page.
#[derive(Debug, thiserror::Error)]
pub enum PdfError {
    /// It is no receipt.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// The page could not be made.
    #[error("the PDF cannot be made: {0}")]
    Failed(String),
}

/// A line of text: where it begins, its size, whether its letters are equally wide.
struct Line {
    left: u16,
    size: u16,
    mono: bool,
    /// How far it is below the one before; zero for a value beside its name.
    height: u16,
    text: String,
}

/// The receipt as a PDF file. It says what is signed, word for word, and the signature.
///
/// # Errors
/// [`PdfError`].
pub fn pdf(receipt: &Receipt) -> Result<Vec<u8>, PdfError> {
    let payload = receipt.read()?;
    print(&Sheet {
        title: "Provoco receipt",
        sentences: payload.sentences(),
        facts: payload.facts(),
        payload: &receipt.payload,
        signature: &receipt.signature,
        how_to_check: HOW_TO_CHECK,
    })
}

/// The certificate as a PDF file. It says what is signed, word for word, and the signature.
///
/// # Errors
/// [`PdfError`].
pub fn certificate_pdf(certificate: &Certificate) -> Result<Vec<u8>, PdfError> {
    let statement = certificate.read()?;
    print(&Sheet {
        title: "Provoco certificate of an outage",
        sentences: vec![statement.sentence()],
        facts: statement.facts(),
        payload: &certificate.payload,
        signature: &certificate.signature,
        how_to_check: HOW_TO_CHECK_A_CERTIFICATE,
    })
}

/// What is printed.
struct Sheet<'a> {
    title: &'static str,
    sentences: Vec<&'static str>,
    facts: Vec<(&'static str, String)>,
    payload: &'a str,
    signature: &'a str,
    how_to_check: [&'static str; 2],
}

fn print(sheet: &Sheet<'_>) -> Result<Vec<u8>, PdfError> {
    let lines = lines(sheet);
    let sans = font(dejavu::sans::regular())?;
    let mono = font(dejavu::sans_mono::regular())?;
    let mut document = Document::new();
    document.set_metadata(Metadata::new().title(sheet.title.to_owned()).language("en".to_owned()));
    let mut left = lines.as_slice();
    while !left.is_empty() {
        left = page(&mut document, left, &sans, &mono)?;
    }
    document.finish().map_err(|error| PdfError::Failed(format!("{error:?}")))
}

/// Draws a page, and gives the lines that find no room on it.
fn page<'l>(document: &mut Document, lines: &'l [Line], sans: &Font, mono: &Font) -> Result<&'l [Line], PdfError> {
    let settings = PageSettings::from_wh(A4.0.into(), A4.1.into());
    let settings = settings.ok_or_else(|| PdfError::Failed("no such page".to_owned()))?;
    let mut page = document.start_page_with(settings);
    let mut surface = page.surface();
    let (mut y, mut drawn) = (MARGIN, 0);
    for line in lines {
        // The room is above a line; a value shares the line of its name.
        y += line.height;
        let font = if line.mono { mono } else { sans };
        let at = Point::from_xy(line.left.into(), y.into());
        surface.draw_text(at, font.clone(), line.size.into(), &line.text, false, TextDirection::Auto);
        drawn += 1;
        if y >= BOTTOM {
            break;
        }
    }
    surface.finish();
    page.finish();
    Ok(&lines[drawn..])
}

fn lines(sheet: &Sheet<'_>) -> Vec<Line> {
    let plain = |height, size, text: &str| Line { left: MARGIN, size, mono: false, height, text: text.to_owned() };
    let mut lines = vec![plain(20, 18, "Provoco")];
    for (n, text) in sheet.sentences.iter().enumerate() {
        lines.push(plain(if n == 0 { 30 } else { 18 }, 14, text));
    }
    lines.push(plain(14, 9, ""));
    for (name, value) in &sheet.facts {
        lines.push(plain(18, 9, name));
        for (n, text) in wrapped(value, VALUE_LETTERS).into_iter().enumerate() {
            lines.push(Line { left: VALUES, size: 9, mono: false, height: if n == 0 { 0 } else { 12 }, text });
        }
    }
    lines.push(plain(32, 9, "What is signed, word for word:"));
    lines.extend(wrapped(sheet.payload, SIGNED_LETTERS).into_iter().map(signed));
    lines.push(plain(20, 9, "Signature (Ed25519):"));
    lines.extend(wrapped(sheet.signature, SIGNED_LETTERS).into_iter().map(signed));
    lines.push(plain(20, 9, sheet.how_to_check[0]));
    lines.push(plain(12, 9, sheet.how_to_check[1]));
    lines
}

fn signed(text: String) -> Line {
    Line { left: MARGIN, size: 8, mono: true, height: 11, text }
}

fn wrapped(text: &str, letters: usize) -> Vec<String> {
    let all: Vec<_> = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    all.chunks(letters).map(|line| line.iter().collect()).collect()
}

fn font(bytes: &'static [u8]) -> Result<Font, PdfError> {
    let data: Data = bytes.to_vec().into();
    Font::new(data, 0).ok_or_else(|| PdfError::Failed("the font cannot be read".to_owned()))
}
