//! Stands between bidders and the server, and keeps some answers to itself: the work is done, and the bidder does not know.

use std::{
    io::{self, Error, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use crate::{
    bidder::read_answer,
    history::{Outcome, Withheld},
};

/// A TCP proxy for HTTP/1.1 with bodies of a known length.
pub struct Proxy {
    pub port: u16,
    shared: Arc<Shared>,
}

struct Shared {
    server: u16,
    /// Of so many answers one is withheld.
    every: usize,
    answered: AtomicUsize,
    withheld: Mutex<Vec<Withheld>>,
}

/// One message.
struct Message {
    bytes: Vec<u8>,
    body: usize,
    status: u16,
    key: Option<String>,
}

impl Proxy {
    /// In front of the server on this port, which may come and go. Ends with the process.
    pub fn start(server: u16, every: usize) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Shared { server, every, answered: AtomicUsize::new(0), withheld: Mutex::new(Vec::new()) };
        let shared = Arc::new(shared);
        let serving = shared.clone();
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let shared = serving.clone();
                // However it ends, the bidder notices.
                thread::spawn(move || drop(shared.serve(client)));
            }
        });
        Self { port, shared }
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// What was withheld so far.
    pub fn withheld(&self) -> Vec<Withheld> {
        self.shared.withheld.lock().unwrap().clone()
    }
}

impl Shared {
    fn serve(&self, mut client: TcpStream) -> io::Result<()> {
        client.set_nodelay(true)?;
        let mut server = TcpStream::connect(("127.0.0.1", self.server))?;
        server.set_nodelay(true)?;
        while let Some(request) = read(&mut client, head_of_request)? {
            server.write_all(&request.bytes)?;
            let answer = read(&mut server, head_of_answer)?.ok_or_else(|| Error::other("no answer"))?;
            if let Some(key) = request.key
                && self.answered.fetch_add(1, Ordering::Relaxed) % self.every == self.every - 1
            {
                self.withhold(key, &answer);
                return Ok(());
            }
            client.write_all(&answer.bytes)?;
        }
        Ok(())
    }

    fn withhold(&self, key: String, answer: &Message) {
        let body = String::from_utf8_lossy(&answer.bytes[answer.body..]);
        if let Outcome::Ok(told) | Outcome::Refused(_, told) = read_answer(answer.status, &body) {
            self.withheld.lock().unwrap().push(Withheld { key, status: answer.status, answer: told });
        }
    }
}

/// What the head of a message says, when it is complete.
struct Head {
    length: usize,
    status: u16,
    headers: Vec<(String, String)>,
}

/// Reads one message, or nothing if the other side has ended.
fn read(from: &mut TcpStream, head: fn(&[u8]) -> Option<Head>) -> io::Result<Option<Message>> {
    let (mut bytes, mut piece) = (Vec::new(), [0; 16 * 1024]);
    loop {
        if let Some(Head { length, status, headers }) = head(&bytes) {
            let header = |name: &str| headers.iter().find(|it| it.0.eq_ignore_ascii_case(name)).map(|it| it.1.clone());
            let content: usize = header("content-length").map_or(0, |length| length.parse().unwrap());
            if bytes.len() >= length + content {
                let key = header("idempotency-key");
                return Ok(Some(Message { bytes, body: length, status, key }));
            }
        }
        match from.read(&mut piece)? {
            0 if bytes.is_empty() => return Ok(None),
            0 => return Err(Error::other("broken off")),
            n => bytes.extend_from_slice(&piece[..n]),
        }
    }
}

fn head_of_request(bytes: &[u8]) -> Option<Head> {
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut request = httparse::Request::new(&mut headers);
    let httparse::Status::Complete(length) = request.parse(bytes).unwrap() else { return None };
    Some(Head { length, status: 0, headers: owned(request.headers) })
}

fn head_of_answer(bytes: &[u8]) -> Option<Head> {
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut answer = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(length) = answer.parse(bytes).unwrap() else { return None };
    Some(Head { length, status: answer.code.unwrap(), headers: owned(answer.headers) })
}

fn owned(headers: &[httparse::Header<'_>]) -> Vec<(String, String)> {
    headers.iter().map(|it| (it.name.to_owned(), String::from_utf8_lossy(it.value).into_owned())).collect()
}
