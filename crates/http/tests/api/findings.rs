//! What office files tell besides what one sees of them: found, shown, acknowledged before everybody can see it.

use crate::{
    app::TestApp,
    marketplace::{Marketplace, company},
    rows::refused,
    uploads::{announcement, upload},
};
use serde_json::{Value, json};
use std::io::{Cursor, Write};
use testing::Backend;
use zip::{ZipWriter, write::SimpleFileOptions};

pub const DOCX: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const PPTX: &str = "application/vnd.openxmlformats-officedocument.presentationml.presentation";
const ODT: &str = "application/vnd.oasis.opendocument.text";
const ODS: &str = "application/vnd.oasis.opendocument.spreadsheet";
const ODP: &str = "application/vnd.oasis.opendocument.presentation";

fn archive(entries: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in entries {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// An Office Open XML file whose main part has this type.
fn open_xml(main: &str, parts: &[(&str, &str)]) -> Vec<u8> {
    let types = format!(
        "<Types><Override ContentType=\"application/vnd.openxmlformats-officedocument.{main}.main+xml\"/></Types>"
    );
    archive(&[&[("[Content_Types].xml", &*types)], parts].concat())
}

fn open_document(kind: &str, parts: &[(&str, &str)]) -> Vec<u8> {
    archive(&[&[("mimetype", kind)], parts].concat())
}

/// A document that tells who wrote it, and nothing else.
pub fn author_data() -> Vec<u8> {
    let core =
        "<cp:coreProperties xmlns:cp=\"c\" xmlns:dc=\"d\"><dc:creator>Ana Novak</dc:creator></cp:coreProperties>";
    open_xml("wordprocessingml.document", &[("word/document.xml", "<w:document/>"), ("docProps/core.xml", core)])
}

fn found(answer: &Value) -> Vec<(String, u64)> {
    let findings = answer["findings"].as_array().unwrap().iter();
    findings.map(|one| (one["kind"].as_str().unwrap().to_owned(), one["count"].as_u64().unwrap())).collect()
}

fn with_ending(kind: &str) -> &'static str {
    match kind {
        DOCX => "file.docx",
        XLSX => "file.xlsx",
        PPTX => "file.pptx",
        ODT => "file.odt",
        ODS => "file.ods",
        ODP => "file.odp",
        _ => "file.zip",
    }
}

testing::on_both! {
    async fn what_a_file_tells_besides_what_one_sees_is_found(backend: Backend) {
        let app = TestApp::new(backend).await;
        let calm = company(&app, "Calm Signal").await;
        let word = "<w:document><w:body><w:p><w:ins/><w:del><w:r/></w:del><w:r><w:rPr><w:vanish/></w:rPr></w:r></w:p></w:body></w:document>";
        let sheet = "<worksheet><cols><col hidden=\"1\"/><col/></cols><sheetData><row hidden=\"true\"/><row hidden=\"0\"/><row/></sheetData></worksheet>";
        let book = "<workbook><sheets><sheet name=\"a\"/><sheet name=\"b\" state=\"hidden\"/><sheet name=\"c\" state=\"veryHidden\"/></sheets></workbook>";
        let ods = "<d xmlns:s=\"s\"><s:style s:name=\"ta1\"><s:table-properties s:display=\"false\"/></s:style>\
            <s:table s:style-name=\"ta1\"><s:table-row s:visibility=\"collapse\"/><s:table-column s:visibility=\"filter\"/></s:table>\
            <s:table s:style-name=\"ta2\"><s:annotation/></s:table></d>";
        let odp = "<d><page><p>Seen</p><notes><p>Said</p></notes></page><page/></d>";
        for (kind, content, expected) in [
            (DOCX, author_data(), &[("author_data", 1)][..]),
            (DOCX, open_xml("wordprocessingml.document", &[("word/document.xml", word), ("word/comments.xml", "<w:comments><w:comment/><w:comment/></w:comments>")]),
                &[("comments", 2), ("tracked_changes", 2), ("hidden_text", 1)]),
            (XLSX, open_xml("spreadsheetml.sheet", &[("xl/workbook.xml", book), ("xl/worksheets/sheet1.xml", sheet)]),
                &[("hidden_sheets", 2), ("hidden_rows", 1), ("hidden_columns", 1)]),
            (DOCX, open_xml("wordprocessingml.document", &[("Word/Document.xml", word)]), &[("tracked_changes", 2), ("hidden_text", 1)]),
            (DOCX, open_xml("wordprocessingml.document", &[("word/people.xml", "<people><person/></people>"), ("docProps/app.xml", "<p><Company>City</Company><Pages>1</Pages></p>"),
                ("word/document.xml", "<d><rPr><rPrChange/></rPr><pPrChange/><tblPr/><cellIns/></d>")]),
                &[("author_data", 2), ("tracked_changes", 3)]),
            (XLSX, open_xml("spreadsheetml.sheet", &[("xl/worksheets/sheet1.xml", "<worksheet><sheetFormatPr zeroHeight=\"1\"/></worksheet>"),
                ("xl/revisions/revisionLog1.xml", "<revisions><rcc><nc/></rcc><rrc/></revisions>"), ("xl/persons/person.xml", "<personList><person/></personList>")]),
                &[("author_data", 1), ("tracked_changes", 2), ("hidden_rows", 1)]),
            (XLSX, open_xml("spreadsheetml.sheet", &[("xl/comments1.xml", "<comments><comment/></comments>")]), &[("comments", 1)]),
            (PPTX, open_xml("presentationml.presentation", &[("ppt/slides/slide1.xml", "<p:sld show=\"0\"/>"), ("ppt/notesSlides/notesSlide1.xml", "<n><a:t>Say this</a:t><a:t> </a:t></n>")]),
                &[("hidden_slides", 1), ("speaker_notes", 1)]),
            (ODT, open_document(ODT, &[("content.xml", "<d><tracked-changes><changed-region/></tracked-changes><p/></d>"), ("meta.xml", "<m><creator>Ana</creator></m>")]),
                &[("author_data", 1), ("tracked_changes", 1)]),
            (ODT, open_document(ODT, &[("content.xml", "<d xmlns:t=\"t\"><t:section t:display=\"none\"/><t:hidden-text/></d>"), ("meta.xml", "<m><printed-by>Ana</printed-by></m>")]),
                &[("author_data", 1), ("hidden_text", 2)]),
            (ODS, open_document(ODS, &[("content.xml", "<d><tracked-changes><cell-content-change><deletion/></cell-content-change><deletion/></tracked-changes></d>")]),
                &[("tracked_changes", 2)]),
            (ODS, open_document(ODS, &[("content.xml", ods)]), &[("comments", 1), ("hidden_sheets", 1), ("hidden_rows", 1), ("hidden_columns", 1)]),
            (ODP, open_document(ODP, &[("content.xml", odp)]), &[("speaker_notes", 1)]),
            ("application/zip", archive(&[("readme.txt", "words")]), &[]),
        ] {
            let told = announcement(&calm.id, with_ending(kind), kind, &content);
            let done = upload(&app, &calm.bidder, told, &content).await;
            assert_eq!(done.body["status"], "complete", "{kind}: {}", done.text);
            let expected: Vec<_> = expected.iter().map(|(kind, count)| ((*kind).to_owned(), *count)).collect();
            assert_eq!(found(&done.body), expected, "{kind}");
            app.call(calm.bidder.delete(&format!("/uploads/{}", done.id()))).await.expect(204);
        }
    }

    async fn macros_bombs_and_what_cannot_be_looked_into_are_rejected(backend: Backend) {
        let app = TestApp::new(backend).await;
        let calm = company(&app, "Calm Signal").await;
        let bomb = "0".repeat(8 << 20);
        let deep = "<a>".repeat(2_000);
        let document = |parts: &[(&str, &str)]| open_xml("wordprocessingml.document", parts);
        let mut broken = document(&[("word/document.xml", "<w:document/>")]);
        broken.truncate(60);
        for (kind, content, reason) in [
            (DOCX, document(&[("word/vbaProject.bin", "")]), "macros"),
            (DOCX, open_xml("macroEnabled.wordprocessingml.document", &[]), "macros"),
            (ODT, open_document(ODT, &[("Basic/Standard/Module1.xml", "<m/>")]), "macros"),
            (XLSX, document(&[]), "wrong_type"),
            (ODS, open_document(ODT, &[]), "wrong_type"),
            (DOCX, archive(&[("readme.txt", "words")]), "wrong_type"),
            ("application/zip", archive(&[("bomb", &bomb)]), "unreadable"),
            (DOCX, document(&[("word/document.xml", "<!DOCTYPE x [<!ENTITY a \"b\">]><x/>")]), "unreadable"),
            (DOCX, document(&[("word/document.xml", &deep)]), "unreadable"),
            (DOCX, document(&[("word/document.xml", "<a></b>")]), "unreadable"),
            (DOCX, broken, "unreadable"),
        ] {
            let told = announcement(&calm.id, with_ending(kind), kind, &content);
            let done = upload(&app, &calm.bidder, told, &content).await;
            assert_eq!((&done.body["status"], &done.body["rejection"]), (&json!("rejected"), &json!(reason)), "{kind}");
            app.call(calm.bidder.delete(&format!("/uploads/{}", done.id()))).await.expect(204);
        }
    }

    async fn a_challenge_is_published_when_somebody_has_looked_at_what_its_documents_tell(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let challenge = m.draft().await;
        let list = format!("/challenges/{challenge}/documents");
        let content = author_data();
        let sent = async |who: &crate::app::Person| {
            let told = announcement(&m.agency, "plan.docx", DOCX, &content);
            upload(&m.app, who, told, &content).await.id()
        };
        let body = crate::challenge_documents::document(&sent(&m.author).await);
        let added = m.call(m.author.post(&list, body)).await.expect(201);
        let version = &added.body["versions"][0];
        assert_eq!((found(version), &version["findingsAcknowledgedAt"]), (vec![("author_data".to_owned(), 1)], &json!(null)));
        m.step(&m.author, &challenge, "submit-for-review").await;
        let approve = || m.officer.act(&format!("/challenges/{challenge}/approve"));
        let told = refused(&m.app, approve(), 409, "findings_not_acknowledged").await;
        assert!(told.text.contains("plan.docx (author_data)"), "{}", told.text);
        let acknowledge = format!("{list}/{}/versions/1/acknowledge-findings", added.id());
        let done = m.call(m.officer.act(&acknowledge)).await.expect(200);
        assert!(done.body["versions"][0]["findingsAcknowledgedAt"].is_string());
        refused(&m.app, m.officer.act(&acknowledge), 409, "already_done").await;
        m.call(approve()).await.expect(200);
        m.step(&m.officer, &challenge, "publish").await;
        let mut late = crate::challenge_documents::document(&sent(&m.officer).await);
        refused(&m.app, m.officer.post(&list, late.clone()), 409, "findings_not_acknowledged").await;
        late["acknowledgeFindings"] = json!(true);
        m.call(m.officer.post(&list, late)).await.expect(201);
    }
}
