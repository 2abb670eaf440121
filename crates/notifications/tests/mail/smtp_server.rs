//! A mail server for one test: says yes, but for what it is told to refuse.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

/// A running server. Its thread ends with the test program.
pub struct SmtpServer {
    /// Port on 127.0.0.1.
    pub port: u16,
    sessions: Receiver<String>,
}

/// Replies that differ from the usual ones, by the start of the line they answer: a command, `.` for the end of a mail,
/// or nothing for the greeting.
pub type Replies = &'static [(&'static str, &'static str)];

impl SmtpServer {
    /// Starts a server on a free port.
    pub fn start(replies: Replies) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (sender, sessions) = channel();
        thread::spawn(move || listener.incoming().for_each(|stream| converse(stream.unwrap(), replies, &sender)));
        Self { port, sessions }
    }

    /// Everything the next client said, once it has hung up.
    pub fn session(&self) -> String {
        self.sessions.recv_timeout(Duration::from_secs(5)).unwrap()
    }
}

/// The mail within what a client said, without the dots that keep its lines from ending it (RFC 5321, 4.5.2).
pub fn data(session: &str) -> String {
    let (_, data) = session.split_once("DATA\r\n").unwrap();
    data.split_once("\r\n.\r\n").unwrap().0.replace("\r\n..", "\r\n.")
}

fn converse(mut stream: TcpStream, replies: Replies, sessions: &Sender<String>) {
    let mut lines = BufReader::new(stream.try_clone().unwrap());
    let (mut session, mut in_data) = (String::new(), false);
    write!(stream, "{}\r\n", reply("", replies)).unwrap();
    let mut line = String::new();
    while lines.read_line(&mut line).is_ok_and(|length| length > 0) {
        session.push_str(&line);
        in_data &= line != ".\r\n";
        if !in_data {
            let reply = reply(&line, replies);
            in_data = reply.starts_with("354");
            write!(stream, "{reply}\r\n").unwrap();
        }
        line.clear();
    }
    // Nobody waits for the session in some tests.
    let _ = sessions.send(session);
}

fn reply(line: &str, replies: Replies) -> &'static str {
    let special =
        replies.iter().find(|(start, _)| if start.is_empty() { line.is_empty() } else { line.starts_with(start) });
    match (special, line.get(..4)) {
        (Some((_, reply)), _) => reply,
        (None, None) if line.is_empty() => "220 catcher.example ESMTP",
        (None, Some("EHLO")) => "250 catcher.example",
        (None, Some("DATA")) => "354 go on",
        (None, Some("QUIT")) => "221 bye",
        _ => "250 OK",
    }
}
