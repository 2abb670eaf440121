//! Asking clamd, the daemon of ClamAV, by its command INSTREAM (clamd(8)).
//!
//! Written here because the library for it takes only paths and whole buffers, waits without end, and takes any answer with
//! "OK" in it for a clean file.

use domain::file::Verdict;
use futures_util::StreamExt;
use std::{fmt, io, path::PathBuf, time::Duration};
use storage::Content;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpStream, UnixStream},
    time::timeout,
};

/// The most bytes of an answer that are read.
const LONGEST_ANSWER: u64 = 4 << 10;

/// The most characters of a signature's name that are kept.
const LONGEST_SIGNATURE: usize = 200;

/// Where clamd listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// On a socket of this machine.
    Socket(PathBuf),
    /// On a host and port.
    Tcp(String),
}

impl Address {
    /// The address that an absolute path, or `tcp://host:port`, means.
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(rest) = text.strip_prefix("tcp://") {
            let (host, port) = rest.rsplit_once(':')?;
            let plain = !host.is_empty() && !host.contains(['/', '@', '?', '#', ' ']);
            return (plain && port.parse::<u16>().is_ok_and(|port| port > 0)).then(|| Self::Tcp(rest.to_owned()));
        }
        text.starts_with('/').then(|| Self::Socket(PathBuf::from(text)))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Socket(path) => path.display().fmt(f),
            Self::Tcp(host) => write!(f, "tcp://{host}"),
        }
    }
}

/// How long to wait for clamd.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// For the connection, and for each piece of the file that it takes.
    pub piece: Duration,
    /// For its answer once it has the file.
    pub answer: Duration,
    /// For all of it.
    pub whole: Duration,
}

impl Default for Patience {
    /// 30 seconds for a piece, 10 minutes for the answer, 40 for all of it.
    fn default() -> Self {
        let minutes = |minutes: u64| Duration::from_secs(60 * minutes);
        Self { piece: Duration::from_secs(30), answer: minutes(10), whole: minutes(40) }
    }
}

/// A virus scanner. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Scanner {
    address: Address,
    patience: Patience,
}

impl Scanner {
    /// The clamd at this address.
    pub fn new(address: Address, patience: Patience) -> Self {
        Self { address, patience }
    }

    /// Has a content scanned, piece by piece. Whatever goes wrong is in the log and is no verdict.
    pub async fn scan(&self, content: Content) -> Verdict {
        let asked = timeout(self.patience.whole, self.ask(content)).await;
        match asked.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into())) {
            Ok(answer) => verdict(&answer),
            Err(error) => {
                tracing::warn!(scanner = %self.address, %error, "the virus scanner does not answer");
                Verdict::Unavailable
            }
        }
    }

    async fn ask(&self, content: Content) -> io::Result<Vec<u8>> {
        match &self.address {
            Address::Socket(path) => {
                let connected = within(self.patience.piece, UnixStream::connect(path)).await?;
                self.converse(connected, content).await
            }
            Address::Tcp(host) => {
                let connected = within(self.patience.piece, TcpStream::connect(host)).await?;
                self.converse(connected, content).await
            }
        }
    }

    async fn converse(&self, mut clamd: impl AsyncRead + AsyncWrite + Unpin, content: Content) -> io::Result<Vec<u8>> {
        let sent = self.send(&mut clamd, content).await;
        // It may have said why it takes no more, such as that the file is too large, and hung up.
        let mut answer = Vec::new();
        let heard = within(self.patience.answer, clamd.take(LONGEST_ANSWER).read_to_end(&mut answer)).await;
        match sent.and(heard) {
            Err(error) if answer.is_empty() => Err(error),
            // A connection that it breaks while there is more to send ends in an error even after a whole answer.
            _ => Ok(answer),
        }
    }

    /// The file in pieces, each after its length; a piece of no length is the end.
    async fn send(&self, clamd: &mut (impl AsyncWrite + Unpin), mut content: Content) -> io::Result<()> {
        let patience = self.patience.piece;
        within(patience, clamd.write_all(b"zINSTREAM\0")).await?;
        while let Some(piece) = content.next().await {
            let piece = piece.map_err(io::Error::other)?;
            let length = u32::try_from(piece.len()).map_err(io::Error::other)?;
            if length > 0 {
                within(patience, clamd.write_all(&length.to_be_bytes())).await?;
                within(patience, clamd.write_all(&piece)).await?;
            }
        }
        within(patience, clamd.write_all(&0_u32.to_be_bytes())).await?;
        within(patience, clamd.flush()).await
    }
}

async fn within<T>(patience: Duration, work: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    timeout(patience, work).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}

/// What an answer means. Only the two exact forms are a verdict on the content.
fn verdict(answer: &[u8]) -> Verdict {
    let text = String::from_utf8_lossy(answer);
    let whole = text.strip_suffix('\0');
    let said = whole.and_then(|text| text.strip_prefix("stream: "));
    if said == Some("OK") {
        return Verdict::Clean;
    }
    if let Some(signature) = said.and_then(|said| said.strip_suffix(" FOUND")).filter(|name| !name.is_empty()) {
        // With AlertExceedsMax it says so when it has not looked at all of a file.
        if signature.starts_with("Heuristics.Limits.Exceeded") {
            return Verdict::TooLarge;
        }
        let plain = |letter: char| if letter.is_ascii_graphic() { letter } else { '_' };
        return Verdict::Infected(signature.chars().take(LONGEST_SIGNATURE).map(plain).collect());
    }
    if whole == Some("INSTREAM size limit exceeded. ERROR") {
        return Verdict::TooLarge;
    }
    let words: String = text.chars().take(LONGEST_SIGNATURE).map(|c| if c.is_control() { ' ' } else { c }).collect();
    tracing::warn!(answer = words, "the virus scanner gave no verdict");
    Verdict::Unavailable
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_exact_answers_are_verdicts() {
        let infected = |name: &str| Verdict::Infected(name.to_owned());
        for (answer, expected) in [
            (&b"stream: OK\0"[..], Verdict::Clean),
            (b"stream: OK", Verdict::Unavailable),
            (b"stream: OK\n", Verdict::Unavailable),
            (b"stream: Win.Test.EICAR_HDB-1 FOUND\0", infected("Win.Test.EICAR_HDB-1")),
            (b"stream: OK FOUND\0", infected("OK")),
            (b"stream: a \x1bb\xff FOUND\0", infected("a__b_")),
            (b"INSTREAM size limit exceeded. ERROR\0", Verdict::TooLarge),
            (b"stream: Heuristics.Limits.Exceeded.MaxFileSize FOUND\0", Verdict::TooLarge),
            (b"stream: Can't allocate memory ERROR\0", Verdict::Unavailable),
            (b"UNKNOWN COMMAND\0", Verdict::Unavailable),
            (b"OK\0", Verdict::Unavailable),
            (b"HTTP/1.1 200 OK\0", Verdict::Unavailable),
            (b"stream:  FOUND\0", Verdict::Unavailable),
            (b"", Verdict::Unavailable),
        ] {
            assert_eq!(verdict(answer), expected, "{}", String::from_utf8_lossy(answer));
        }
    }

    #[test]
    fn addresses_are_paths_or_hosts_with_a_port() {
        assert_eq!(Address::parse("/run/clamav/clamd.ctl"), Some(Address::Socket("/run/clamav/clamd.ctl".into())));
        assert_eq!(Address::parse("tcp://scanner:3310"), Some(Address::Tcp("scanner:3310".to_owned())));
        assert_eq!(Address::parse("tcp://[::1]:3310"), Some(Address::Tcp("[::1]:3310".to_owned())));
        for wrong in ["", "clamd.ctl", "tcp://scanner", "tcp://:3310", "tcp://a:0", "tcp://a/b:1", "http://a:1"] {
            assert_eq!(Address::parse(wrong), None, "{wrong}");
        }
    }
}
