//! Mails leave: into files, or to a mail server that is not always there.

use std::{collections::HashSet, fs, time::Duration};

use serde_json::{Value, json};
use testing::{Backend, on_both};

use crate::{
    client::Client,
    database::count,
    eventually,
    people::{PASSWORD, People},
    process::{BASE_URL, Installation, free_port},
    serve::log_in,
    smtp::SmtpServer,
};

/// The tokens in the confirmation mails of an installation that writes its mails into files, the oldest first, once
/// there are so many.
pub fn links(installation: &Installation, many: usize) -> Vec<String> {
    let mut mails = eventually("mails in files", || {
        let entries = fs::read_dir(installation.path("mail")).ok()?.map(|entry| entry.unwrap().path());
        let mails: Vec<_> = entries.filter(|path| path.extension().is_some_and(|it| it == "eml")).collect();
        (mails.len() == many).then_some(mails)
    });
    // Their names are ids, which grow with time.
    mails.sort();
    mails.iter().map(|mail| token(&fs::read_to_string(mail).unwrap())).collect()
}

fn token(mail: &str) -> String {
    // Quoted-printable (RFC 2045, 6.7): soft line breaks, and `=3D` for the equals sign.
    let text = mail.replace("=\r\n", "").replace("=3D", "=");
    let (_, link) =
        text.split_once(&format!("{BASE_URL}/confirm-email?token=")).unwrap_or_else(|| panic!("no link in {text}"));
    link.chars().take_while(|letter| letter.is_ascii_alphanumeric() || "-_".contains(*letter)).collect()
}

fn registration(name: &str) -> Value {
    json!({ "email": format!("{name}@people.example"), "name": name, "password": PASSWORD })
}

on_both! {
    fn the_link_in_a_confirmation_mail_works_once(backend: Backend) {
        let installation = Installation::new(backend);
        let server = installation.serve();
        let client = Client::new(&server);
        client.post("/api/v1/accounts", &registration("bob")).expect(202);
        log_in(&client, "bob@people.example").expect(401);
        let token = &links(&installation, 1)[0];
        assert!(client.get(&format!("/confirm-email?token={token}")).expect(200).text.contains(token));
        log_in(&client, "bob@people.example").expect(401);
        client.submit_form("/confirm-email", &[("token", token)]).expect(200);
        client.submit_form("/confirm-email", &[("token", token)]).expect(422);
        log_in(&client, "bob@people.example").expect(201);
        server.stop();
    }

    /// What was taken to be sent would otherwise wait, after the next start, until nobody can be sending it any more.
    fn a_server_that_is_stopped_sends_the_mails_in_hand(backend: Backend) {
        let smtp = SmtpServer::slow(Duration::from_millis(50));
        let installation = Installation::new(backend).with_smtp(smtp.port);
        People::of(&installation).register(20);
        let server = installation.serve();
        eventually("the first mail", || smtp.mails().first().cloned());
        server.stop();
        assert_eq!(count(&installation.url, "FROM outbox_mails WHERE sent_at IS NULL"), 0);
        assert_eq!(smtp.mails().len(), 20);
    }

    fn a_mail_server_that_is_away_or_loses_its_answer_gets_each_mail_in_the_end(backend: Backend) {
        let port = free_port();
        let installation = Installation::new(backend).with_smtp(port);
        let people = People::of(&installation);
        people.allow_moving_the_clock();
        let server = installation.serve();
        let client = Client::new(&server);
        let person = client.with_token(&people.person("Ada").token);
        let tried = |times: usize| {
            let rows = format!("FROM outbox_mails WHERE attempts >= {times}");
            eventually("attempts", || (count(&installation.url, &rows) == 1).then_some(()));
        };
        let unsent = |what: &str| count(&installation.url, &format!("FROM outbox_mails WHERE sent_at IS NULL {what}"));

        client.post("/api/v1/accounts", &registration("bob")).expect(202);
        tried(1);
        assert_eq!(unsent("AND last_error IS NOT NULL AND CAST(message AS TEXT) LIKE '%token%'"), 1);

        let smtp = SmtpServer::start(port, 1);
        person.post("/api/v1/demo/advance-clock", &json!({ "seconds": 60 })).expect(200);
        tried(2);
        assert_eq!(unsent(""), 1);
        person.post("/api/v1/demo/advance-clock", &json!({ "seconds": 120 })).expect(200);
        tried(3);
        assert_eq!(unsent(""), 0);
        person.post("/api/v1/demo/advance-clock", &json!({ "seconds": 86_400 })).expect(200);
        server.stop();

        let mails = smtp.mails();
        assert_eq!(mails.iter().map(|mail| mail.accepted).collect::<Vec<_>>(), [false, true]);
        assert!(mails.iter().all(|mail| mail.to.contains("bob@people.example")), "{mails:?}");
        let ids: HashSet<_> = mails.iter().map(|mail| &mail.message_id).collect();
        assert_eq!(ids.len(), 1, "{mails:?}");
        // What was sent is forgotten: it held a link.
        assert_eq!(count(&installation.url, "FROM outbox_mails WHERE CAST(message AS TEXT) = 'null'"), 1);
    }
}
