//! A mail server that can lose its answers.

use std::{
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread::{self, sleep},
    time::Duration,
};

/// A running mail server. Its threads end with the tests.
pub struct SmtpServer {
    pub port: u16,
    mails: Arc<Mutex<Vec<Mail>>>,
}

/// A mail that arrived whole.
#[derive(Clone, Debug)]
pub struct Mail {
    pub message_id: String,
    pub to: String,
    /// Whether the sender was told that it arrived.
    pub accepted: bool,
}

impl SmtpServer {
    /// Listens on a port, 0 for any. Hangs up on the first `lost` mails when they have arrived, without a word.
    pub fn start(port: u16, lost: usize) -> Self {
        Self::with_pause(port, lost, Duration::ZERO)
    }

    /// Takes this long to accept a mail.
    pub fn slow(pause: Duration) -> Self {
        Self::with_pause(0, 0, pause)
    }

    fn with_pause(port: u16, lost: usize, pause: Duration) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let mails = Arc::new(Mutex::new(Vec::new()));
        let arrived = mails.clone();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let arrived = arrived.clone();
                // A client that hangs up in the middle ends the conversation.
                thread::spawn(move || converse(stream.unwrap(), lost, pause, &arrived).ok());
            }
        });
        Self { port, mails }
    }

    /// Every mail that arrived whole, in order.
    pub fn mails(&self) -> Vec<Mail> {
        self.mails.lock().unwrap().clone()
    }
}

fn converse(mut stream: TcpStream, lost: usize, pause: Duration, mails: &Mutex<Vec<Mail>>) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    write!(stream, "220 catcher.example ESMTP\r\n")?;
    while let Some(line) = lines.next().transpose()? {
        match line.get(..4) {
            Some("DATA") => {
                write!(stream, "354 go on\r\n")?;
                let accepted = keep(&mut lines, lost, mails)?;
                if !accepted {
                    return Ok(());
                }
                sleep(pause);
                write!(stream, "250 OK\r\n")?;
            }
            Some("QUIT") => return write!(stream, "221 bye\r\n"),
            _ => write!(stream, "250 OK\r\n")?,
        }
    }
    Ok(())
}

/// Reads one mail, and says whether to admit that it came.
fn keep(
    lines: &mut impl Iterator<Item = std::io::Result<String>>,
    lost: usize,
    mails: &Mutex<Vec<Mail>>,
) -> std::io::Result<bool> {
    let mail: Vec<String> =
        lines.take_while(|line| line.as_ref().is_ok_and(|line| line != ".")).collect::<Result<_, _>>()?;
    let header = |name: &str| {
        let found = mail.iter().find_map(|line| line.strip_prefix(name));
        found.unwrap_or_default().trim().to_owned()
    };
    let mut mails = mails.lock().unwrap();
    let accepted = mails.len() >= lost;
    mails.push(Mail { message_id: header("Message-ID:"), to: header("To:"), accepted });
    Ok(accepted)
}
