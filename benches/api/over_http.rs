//! The operations over HTTP: prepared bytes out, as little as possible looked at of what comes back, since the clients
//! share the processor with the server.

use crate::{
    Outcome,
    data::{self, Market},
    load::Client,
    operation::Operation,
};
use domain::bid::Offer;
use http::State;
use serde_json::{Value, json};
use std::{net::SocketAddr, sync::Arc};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// One connection that is kept open.
pub struct Connection {
    server: SocketAddr,
    stream: Option<TcpStream>,
    requests: Requests,
    sent: Vec<u8>,
    received: Vec<u8>,
}

/// What to send; shared by all connections.
#[derive(Clone)]
pub struct Requests {
    operation: Operation,
    market: Arc<Market>,
    /// One for each bidder: the headers, and the body.
    bids: Arc<Vec<(String, String)>>,
}

impl Requests {
    /// Signs the tokens of all bidders as the server would.
    pub fn new(operation: Operation, market: &Arc<Market>, state: &State) -> Outcome<Self> {
        let offer = offer(data::offer()?);
        let bids = market.bidders.iter().map(|bidder| {
            let (token, _) = state.access_token(&bidder.session)?;
            let body = json!({ "company": bidder.company.id, "offer": offer }).to_string();
            let headers = format!(
                "host: bench\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n",
                body.len()
            );
            Ok((headers, body))
        });
        Ok(Self { operation, market: market.clone(), bids: Arc::new(bids.collect::<Outcome<_>>()?) })
    }

    fn write_next(&self, request: &mut Vec<u8>) -> Outcome {
        use std::io::Write;
        const CHALLENGES: &str = "/api/v1/challenges";
        request.clear();
        match self.operation {
            Operation::Detail => {
                let id = self.market.next_read().id;
                write!(request, "GET {CHALLENGES}/{id} HTTP/1.1\r\nhost: bench\r\n\r\n")?;
            }
            Operation::List => {
                write!(request, "GET {CHALLENGES}?status=published&limit=20 HTTP/1.1\r\nhost: bench\r\n\r\n")?;
            }
            Operation::Submit => {
                let (challenge, bidder) = self.market.next_bid()?;
                let (id, (headers, body)) = (challenge.id, &self.bids[bidder]);
                // No company bids twice for a challenge.
                write!(
                    request,
                    "POST {CHALLENGES}/{id}/bids HTTP/1.1\r\nidempotency-key: {id}\r\n{headers}\r\n{body}"
                )?;
            }
        }
        Ok(())
    }
}

impl Connection {
    /// Connects with the first request.
    pub fn new(server: SocketAddr, requests: Requests) -> Self {
        Self { server, stream: None, requests, sent: Vec::new(), received: Vec::new() }
    }
}

impl Client for Connection {
    async fn call(&mut self) -> Outcome {
        let stream = match &mut self.stream {
            Some(stream) => stream,
            none => none.insert(TcpStream::connect(self.server).await?),
        };
        self.requests.write_next(&mut self.sent)?;
        stream.write_all(&self.sent).await?;
        self.received.clear();
        loop {
            if stream.read_buf(&mut self.received).await? == 0 {
                return Err("the server closed the connection".into());
            }
            let Some((status, length)) = answer(&self.received)? else { continue };
            if self.received.len() < length {
                continue;
            }
            if status != self.requests.operation.status() {
                let words = String::from_utf8_lossy(&self.received);
                return Err(format!("{}: {words}", self.requests.operation.name()).into());
            }
            return Ok(());
        }
    }
}

/// Status and length, with headers, of an answer whose headers are complete.
fn answer(received: &[u8]) -> Outcome<Option<(u16, usize)>> {
    let mut headers = [httparse::EMPTY_HEADER; 32];
    let mut response = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(head) = response.parse(received)? else { return Ok(None) };
    let length = response.headers.iter().find(|header| header.name.eq_ignore_ascii_case("content-length"));
    let length: usize = std::str::from_utf8(length.ok_or("no content-length")?.value)?.parse()?;
    Ok(Some((response.code.unwrap_or_default(), head + length)))
}

fn offer(offer: Offer) -> Value {
    let money = |money: domain::Money| json!({ "amount": money.amount(), "currency": money.currency().code() });
    let step = |m: domain::bid::PlannedMilestone| json!({ "title": m.title, "amount": money(m.amount), "dueWeek": m.due_week });
    json!({
        "solution": offer.solution,
        "price": money(offer.price),
        "milestones": offer.milestones.into_iter().map(step).collect::<Vec<_>>(),
    })
}
