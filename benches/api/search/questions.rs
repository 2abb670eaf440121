//! What is asked, over HTTP and of the database alone.

use super::market::word;
use crate::{Outcome, load};
use domain::{
    ChallengeStatus,
    discovery::{Filters, Search},
};
use persistence::{
    Conn, Db, challenges,
    listings::{self, Expression, Order, Window},
    search_words,
};
use std::net::SocketAddr;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// A question.
#[derive(Clone, Copy)]
pub struct Question {
    /// Its name in the report.
    pub name: &'static str,
    ask: Ask,
}

#[derive(Clone, Copy)]
enum Ask {
    /// Parameters, and the filters that they stand for.
    Listing(&'static str, fn() -> Filters),
    /// A word of this number.
    Word(u32),
    /// Two words of these numbers.
    Words(u32, u32),
    /// Another path, with the word of this number.
    Other(&'static str, Option<u32>),
}

fn published() -> Filters {
    Filters { statuses: vec![ChallengeStatus::Published], ..Filters::default() }
}

fn tagged() -> Filters {
    Filters { tags: vec!["tag-100".to_owned()], ..published() }
}

impl Question {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self { name: "list", ask: Ask::Listing("", Filters::default) },
        Self { name: "list of published", ask: Ask::Listing("status=published", published) },
        Self { name: "published with a tag", ask: Ask::Listing("status=published&tag=tag-100", tagged) },
        Self {
            name: "published in a CPV division, by deadline",
            ask: Ask::Other("status=published&cpv=72&sort=deadline", None),
        },
        Self {
            name: "published in a country, with a budget",
            ask: Ask::Other("status=published&country=SI&currency=EUR&budgetMin=50000&budgetMax=100000", None),
        },
        Self { name: "word of every challenge", ask: Ask::Word(1) },
        Self { name: "word of every third", ask: Ask::Word(50) },
        Self { name: "word of one in a hundred", ask: Ask::Word(2_000) },
        Self { name: "two common words", ask: Ask::Words(1, 50) },
        Self { name: "common word among published", ask: Ask::Other("status=published&q=", Some(1)) },
        Self { name: "common word, by deadline", ask: Ask::Other("sort=deadline&q=", Some(1)) },
        Self { name: "misspelt word", ask: Ask::Other("q=x", Some(3_000)) },
        Self { name: "facets of a common word", ask: Ask::Other("facets?q=", Some(1)) },
    ];

    fn path(&self) -> String {
        let query = match self.ask {
            Ask::Listing(query, _) => query.to_owned(),
            Ask::Word(number) => format!("q={}", word(number)),
            Ask::Words(one, other) => format!("q={}+{}", word(one), word(other)),
            Ask::Other(path, number) => format!("{path}{}", number.map(word).unwrap_or_default()),
        };
        match query.strip_prefix("facets?") {
            Some(query) => format!("/api/v1/challenges/facets?{query}"),
            None => format!("/api/v1/challenges?limit=20&{query}"),
        }
        .trim_end_matches('&')
        .to_owned()
    }
}

/// A connection that is kept open.
pub struct Client {
    server: SocketAddr,
    request: Vec<u8>,
    stream: Option<TcpStream>,
    received: Vec<u8>,
}

impl Client {
    /// Connects with the first request.
    pub fn new(server: SocketAddr, question: Question) -> Self {
        let request = format!("GET {} HTTP/1.1\r\nhost: bench\r\n\r\n", question.path()).into_bytes();
        Self { server, request, stream: None, received: Vec::new() }
    }
}

impl load::Client for Client {
    async fn call(&mut self) -> Outcome {
        let stream = match &mut self.stream {
            Some(stream) => stream,
            none => none.insert(TcpStream::connect(self.server).await?),
        };
        stream.write_all(&self.request).await?;
        self.received.clear();
        loop {
            if stream.read_buf(&mut self.received).await? == 0 {
                return Err("the server closed the connection".into());
            }
            if let Some(length) = answer(&self.received)?
                && self.received.len() >= length
            {
                return Ok(());
            }
        }
    }
}

/// Length, with headers, of a good answer whose headers are complete.
fn answer(received: &[u8]) -> Outcome<Option<usize>> {
    let mut headers = [httparse::EMPTY_HEADER; 32];
    let mut response = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(head) = response.parse(received)? else { return Ok(None) };
    if response.code != Some(200) {
        return Err(String::from_utf8_lossy(received).into_owned().into());
    }
    let length = response.headers.iter().find(|header| header.name.eq_ignore_ascii_case("content-length"));
    let length: usize = std::str::from_utf8(length.ok_or("no content-length")?.value)?.parse()?;
    Ok(Some(head + length))
}

/// The statements alone that answer a question: no words are understood, ranked, marked or written as JSON.
pub struct Bare {
    db: Db,
    question: Question,
}

impl Bare {
    /// Nothing for questions that take more than one way.
    pub fn new(db: &Db, question: Question) -> Option<Self> {
        let simple = matches!(question.ask, Ask::Listing(..) | Ask::Word(_) | Ask::Words(..));
        simple.then(|| Self { db: db.clone(), question })
    }
}

impl load::Client for Bare {
    async fn call(&mut self) -> Outcome {
        let ask = self.question.ask;
        self.db.read(move |conn| query(conn, ask)).await
    }
}

fn query(conn: &mut Conn, ask: Ask) -> Outcome {
    match ask {
        Ask::Listing(_, filters) => {
            let page = listings::page(conn, &filters(), Order::Newest(None), 21)?;
            let ids: Vec<_> = page.iter().map(|listed| listed.challenge).collect();
            drop(challenges::summaries_of(conn, &ids)?);
        }
        Ask::Word(number) => matching(conn, &[number], number < 100)?,
        Ask::Words(one, other) => matching(conn, &[one, other], true)?,
        Ask::Other(..) => {}
    }
    Ok(())
}

/// The statements of a search, in their order.
fn matching(conn: &mut Conn, numbers: &[u32], common: bool) -> Outcome {
    let words = numbers.iter().map(|number| word(*number)).collect();
    let search = Search::of(words).ok_or("no word")?;
    let stems: Vec<_> =
        search.words.iter().flat_map(|wanted| wanted.stems.iter().chain([&wanted.word])).cloned().collect();
    let known = search_words::documents(conn, &stems)?;
    let mut groups = Vec::new();
    for wanted in &search.words {
        let alike = search_words::beginning_with(conn, &wanted.word, 30)?;
        let stems = wanted.stems.iter().filter(|stem| known.contains_key(*stem)).cloned();
        groups.push(alike.into_iter().map(|(word, _)| word).chain(stems).collect());
    }
    search_words::challenges(conn)?;
    let window = Window { upto: None, limit: 1_001, common };
    let hits = listings::hits(conn, &Expression(groups), &Filters::default(), window)?;
    let ids: Vec<_> = hits.iter().take(20).map(|hit| hit.listed.challenge).collect();
    drop(challenges::find_all(conn, &ids)?);
    Ok(())
}
