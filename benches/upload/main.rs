//! How much memory the server takes while a large file is sent to it and checked. `README.md` says how to run it.

#[path = "../api/data.rs"]
#[expect(dead_code, reason = "the other bench needs more of it")]
mod data;
#[path = "../api/server_process.rs"]
mod server_process;

use clap::Parser;
use persistence::{Db, Options};
use serde_json::{Value, json};
use server_process::{Memory, Server, Setup};
use std::{
    error::Error,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    thread::sleep,
    time::{Duration, Instant},
};

/// A value or why there is none.
type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

/// How much the memory of the server may grow, in kibibytes, whatever the size of the file.
const MOST_GROWTH: u64 = 64 << 10;

/// How much is sent at once.
const PIECE: usize = 1 << 20;

/// The memory of the server while a large file is sent to it and checked.
#[derive(Parser)]
struct Arguments {
    /// The size of the file, in MiB.
    #[arg(long, default_value_t = 2_048, value_parser = clap::value_parser!(u32).range(1..=2_048))]
    mebibytes: u32,
    /// Be the server.
    #[arg(long, hide = true)]
    serve: bool,
    /// What `cargo bench` says.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> Outcome {
    let arguments = Arguments::parse();
    if arguments.serve {
        return server_process::serve();
    }
    if !arguments.bench {
        println!("This takes a minute and two gigabytes: not for `cargo test`. Run `cargo bench -p provoco-benches`.");
        return Ok(());
    }
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let url = format!("sqlite:{}", folder.path().join("provoco.sqlite").display());
    persistence::migrate(&url)?;
    let db = Db::open(&Options::new(&url))?;
    let market = db.write_blocking(|conn| data::fill(conn, 1))?;
    let setup = Setup::new(folder.path(), &url)?;
    let bidder = market.bidders.first().ok_or("nobody to send it")?;
    let (token, _) = setup.state(&db)?.access_token(&bidder.session)?;
    let server = setup.start()?;
    let sender = Sender { server: &server, token };
    sender.upload(&bidder.company.id.to_string(), PIECE)?;
    let before = server.memory().ok_or("this takes Linux's /proc")?;
    let begun = Instant::now();
    let seconds = sender.upload(&bidder.company.id.to_string(), PIECE * usize::try_from(arguments.mebibytes)?)?;
    report(&arguments, (before, server.memory().ok_or("the server is gone")?), seconds, begun.elapsed())
}

fn report(arguments: &Arguments, (before, after): (Memory, Memory), sent: Duration, all: Duration) -> Outcome {
    let size = arguments.mebibytes;
    println!("upload of {size} MiB: sent in {} s, checked after {} s", sent.as_secs(), all.as_secs());
    println!("server memory in KiB: {} before, {} after, {} at the most", before.resident, after.resident, after.peak);
    let growth = after.peak.saturating_sub(before.resident);
    println!("growth at the most: {growth} KiB, allowed are {MOST_GROWTH}");
    if growth > MOST_GROWTH { Err("the memory grows with the file".into()) } else { Ok(()) }
}

/// Who sends files.
struct Sender<'a> {
    server: &'a Server,
    token: String,
}

impl Sender<'_> {
    /// Sends a file of this size and waits until it is checked; says how long the sending took.
    fn upload(&self, organisation: &str, size: usize) -> Outcome<Duration> {
        let body =
            json!({ "organisation": organisation, "name": "large.pdf", "size": size, "mediaType": "application/pdf" });
        let body = body.to_string();
        let head =
            format!("idempotency-key: {size}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n", body.len());
        let upload = self.call("POST", "/api/v1/uploads", &head, |stream| Ok(stream.write_all(body.as_bytes())?))?;
        let path = format!("/api/v1/uploads/{}", upload["id"].as_str().ok_or("no id")?);
        let begun = Instant::now();
        let head =
            format!("content-type: application/offset+octet-stream\r\nupload-offset: 0\r\ncontent-length: {size}\r\n");
        self.call("PATCH", &path, &head, |stream| send(stream, size))?;
        let sent = begun.elapsed();
        while self.call("GET", &path, "", |_| Ok(()))?["status"] != "complete" {
            sleep(Duration::from_millis(200));
        }
        Ok(sent)
    }

    fn call(
        &self,
        method: &str,
        path: &str,
        headers: &str,
        body: impl FnOnce(&mut TcpStream) -> Outcome,
    ) -> Outcome<Value> {
        let mut stream = TcpStream::connect(self.server.address)?;
        let token = &self.token;
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: bench\r\nconnection: close\r\nauthorization: Bearer {token}\r\n"
        );
        stream.write_all(format!("{head}{headers}\r\n").as_bytes())?;
        body(&mut stream)?;
        answer(&mut stream)
    }
}

/// Bytes that no disk can make smaller, and that begin as a PDF file does.
fn send(stream: &mut TcpStream, size: usize) -> Outcome {
    let (mut piece, mut state) = (vec![0; PIECE], 0x9e37_79b9_7f4a_7c15_u64);
    for index in 0..size / PIECE {
        for bytes in piece.chunks_exact_mut(8) {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            bytes.copy_from_slice(&state.to_le_bytes());
        }
        if index == 0 {
            piece[..9].copy_from_slice(b"%PDF-1.7\n");
        }
        stream.write_all(&piece)?;
    }
    Ok(())
}

fn answer(stream: &mut TcpStream) -> Outcome<Value> {
    let mut answer = BufReader::new(stream);
    let (mut status, mut line) = (String::new(), String::new());
    answer.read_line(&mut status)?;
    while answer.read_line(&mut line)? > 2 {
        line.clear();
    }
    let mut body = String::new();
    answer.read_to_string(&mut body)?;
    if !status.starts_with("HTTP/1.1 2") {
        return Err(format!("{status}{body}").into());
    }
    Ok(serde_json::from_str(&body).unwrap_or_default())
}
