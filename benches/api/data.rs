//! What the database holds: agencies, their challenges, and companies that bid.

use crate::Outcome;
use application::sessions::{self, Issued};
use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    Actor, Challenge, ChallengeStatus, Committee, Currency, Membership, Money, OpeningKey, Organisation,
    OrganisationKind, Procedure, Role,
    account::{Email, User},
    bid::{Offer, Particulars, PlannedMilestone},
    challenge::{AwardCriterion, Content, FirstStage, Outcome as Measure, ProblemStatement},
    evaluation::{Score, Weight},
    member::Member,
    opening::Holder,
};
use persistence::{
    Conn, accounts, bid_receipts, challenges, members, opening_committees, opening_committees::Rehearsal, opening_keys,
    organisations,
};
use sealing::SecretKey;
use std::sync::atomic::{AtomicUsize, Ordering};

const AGENCIES: usize = 5;
const COMPANIES: usize = 1_000;

/// Of five challenges, one is closed and four take bids, so that the list has something to filter.
const CLOSED_EVERY: usize = 5;

/// The name of a key that signs nothing.
pub const RECEIPT_KEY: &str = "bench";

/// What is in the database, and who has had a turn.
pub struct Market {
    /// Challenges that take bids.
    pub open: Vec<Challenge>,
    /// One for each company.
    pub bidders: Vec<Bidder>,
    reads: AtomicUsize,
    bids: AtomicUsize,
}

/// Somebody who may bid for a company.
pub struct Bidder {
    /// The person.
    pub user: User,
    /// The same, as the domain asks for it.
    pub actor: Actor,
    /// The company.
    pub company: Organisation,
    /// The session.
    pub session: Issued,
}

impl Market {
    /// The challenge whose turn it is to be read.
    pub fn next_read(&self) -> &Challenge {
        &self.open[self.reads.fetch_add(1, Ordering::Relaxed) % self.open.len()]
    }

    /// A challenge and the position of a bidder whose company has not bid for it.
    ///
    /// # Errors
    /// When every company has bid for every challenge.
    pub fn next_bid(&self) -> Outcome<(&Challenge, usize)> {
        let n = self.bids.fetch_add(1, Ordering::Relaxed);
        let (challenge, round) = (n % self.open.len(), n / self.open.len());
        if round >= self.bidders.len() {
            return Err("every company has bid for every challenge: take more --challenges or fewer --seconds".into());
        }
        Ok((&self.open[challenge], (challenge + round) % self.bidders.len()))
    }
}

/// Fills an empty database: `open` challenges that take bids, and a quarter as many that are closed.
pub fn fill(conn: &mut Conn, open: usize) -> Outcome<Market> {
    let now = conn.now()?;
    bid_receipts::introduce_key(conn, RECEIPT_KEY, "", now)?;
    let agencies: Vec<_> = (0..AGENCIES)
        .map(|n| organisation(conn, OrganisationKind::Agency, &format!("City of the Bench {n}"), now))
        .collect::<Outcome<_>>()?;
    let author = user(conn, "author", now)?;
    let mut published = Vec::with_capacity(open);
    for n in 0.. {
        if published.len() == open {
            break;
        }
        let closed = n % CLOSED_EVERY == 0;
        let challenge = challenge(conn, n, &agencies[n % AGENCIES], &author, closed, now)?;
        challenges::insert(conn, &challenge)?;
        if !closed {
            published.push(challenge);
        }
    }
    let committee = committee(conn, now)?;
    for challenge in &published {
        let committee = Committee { challenge: challenge.id, ..committee.clone() };
        let nothing = Rehearsal { manifest: String::new(), share_files: vec![String::new(); committee.holders.len()] };
        opening_committees::put(conn, &committee, &nothing)?;
    }
    let bidders = (0..COMPANIES).map(|n| bidder(conn, n, now)).collect::<Outcome<_>>()?;
    Ok(Market { open: published, bidders, reads: AtomicUsize::new(0), bids: AtomicUsize::new(0) })
}

/// Three officers with keys, of whom two are needed: the default.
fn committee(conn: &mut Conn, now: DateTime<Utc>) -> Outcome<Committee> {
    let mut holders = Vec::new();
    for index in 1..=3_u8 {
        let user = user(conn, &format!("officer{index}"), now)?;
        let key = SecretKey::from_bytes(&[index; 32]).ok_or("no key")?;
        let (id, recipient) = (conn.new_id(), key.recipient().to_string());
        let key = OpeningKey { id, user: user.id, recipient, protected: None, created_at: now, replaced_at: None };
        opening_keys::put(conn, &key)?;
        holders.push(Holder { index, user: user.id, key: id, recipient: key.recipient, rehearsed_at: Some(now) });
    }
    Ok(Committee { challenge: conn.new_id(), threshold: 2, holders, rehearsal_started_at: now })
}

fn bidder(conn: &mut Conn, n: usize, now: DateTime<Utc>) -> Outcome<Bidder> {
    let company = organisation(conn, OrganisationKind::Company, &format!("Calm Signal {n}"), now)?;
    let user = user(conn, &format!("bidder{n}"), now)?;
    let (id, roles) = (conn.new_id(), vec![Role::Bidder]);
    let (organisation, name) = (company.id, user.name.clone());
    let member = Member::new(id, organisation, user.id, name, roles.clone(), now);
    members::insert(conn, &member)?;
    let session = sessions::log_in(conn, &user, TimeDelta::days(1))?;
    let actor = Actor { memberships: vec![Membership::new(organisation, roles)], ..Actor::new(user.id) };
    Ok(Bidder { user, actor, company, session })
}

fn user(conn: &mut Conn, name: &str, now: DateTime<Utc>) -> Outcome<User> {
    let user = User {
        id: conn.new_id(),
        email: Email::parse(&format!("{name}@bench.example"))?,
        name: name.to_owned(),
        // Nobody logs in with it.
        password_hash: "$argon2id$".to_owned(),
        administrator: false,
        created_at: now,
    };
    accounts::insert(conn, &user)?;
    Ok(user)
}

fn organisation(
    conn: &mut Conn,
    kind: OrganisationKind,
    legal_name: &str,
    now: DateTime<Utc>,
) -> Outcome<Organisation> {
    let organisation = Organisation {
        id: conn.new_id(),
        kind,
        legal_name: legal_name.to_owned(),
        country: "BE".to_owned(),
        verified_at: Some(now),
        parent: None,
        suspension: None,
        sandbox: false,
        created_at: now,
        version: 1,
    };
    organisations::insert(conn, &organisation)?;
    Ok(organisation)
}

fn challenge(
    conn: &mut Conn,
    n: usize,
    agency: &Organisation,
    author: &User,
    closed: bool,
    now: DateTime<Utc>,
) -> Outcome<Challenge> {
    let id = conn.new_id();
    let published_at = now - TimeDelta::minutes(i64::try_from(n)?);
    Ok(Challenge {
        id,
        reference: format!("PRV-BENCH-{n}"),
        agency: agency.id,
        status: if closed { ChallengeStatus::Closed } else { ChallengeStatus::Published },
        content: content(conn, n, now)?,
        author: author.id,
        last_editor: author.id,
        approved_by: None,
        review_comment: None,
        created_at: published_at,
        published_at: Some(published_at),
        closed_at: closed.then_some(now),
        opened_at: None,
        prices_opened_at: None,
        first_stage: FirstStage::default(),
        awarded_at: None,
        standstill_until: None,
        ended_at: None,
        end_reason_code: None,
        end_reason: None,
        version: 1,
        relaunch_of: None,
        material_changes: 0,
        sandbox: false,
    })
}

/// About 200 words, as challenges in the demo have.
fn content(conn: &mut Conn, n: usize, now: DateTime<Utc>) -> Outcome<Content> {
    Ok(Content {
        summary: text(30),
        problem: ProblemStatement {
            pain: text(35),
            affected: text(20),
            evidence: text(25),
            current_cost: text(15),
            tried: text(20),
        },
        outcomes: vec![
            measure("Seconds until a flood call is answered", "95", "under 30"),
            measure("Lost calls", "6", "1"),
        ],
        procedure: Procedure::SmallPilot,
        budget_ceiling: Some(Money::new(4_000_000, Currency::EUR)?),
        pilots: 2,
        submission_deadline: Some(now + TimeDelta::days(30)),
        criteria: vec![criterion(conn, "Effect")?, criterion(conn, "Feasibility")?],
        price_weight: Some(Weight::from_hundredths(3_000)?),
        ..Content::new(&format!("Hear the calls that cannot wait, district {n}"), chrono_tz::Europe::Brussels)
    })
}

fn criterion(conn: &mut Conn, name: &str) -> Outcome<AwardCriterion> {
    Ok(AwardCriterion {
        id: conn.new_id(),
        name: name.to_owned(),
        description: text(25),
        weight: Weight::from_hundredths(3_500)?,
        maximum: Score::from_hundredths(1_000)?,
        minimum: None,
        anchors: Vec::new(),
    })
}

fn measure(metric: &str, baseline: &str, target: &str) -> Measure {
    let [metric, unit, baseline, target] = [metric, "seconds", baseline, target].map(ToOwned::to_owned);
    Measure { metric, unit, baseline, target }
}

/// An offer of about 200 words that fits every challenge here.
pub fn offer() -> Outcome<Offer> {
    let step = |title: &str, due_week| -> Outcome<_> {
        Ok(PlannedMilestone { title: title.to_owned(), amount: Money::new(1_250_000, Currency::EUR)?, due_week })
    };
    Ok(Offer {
        solution: text(200),
        price: Money::new(2_500_000, Currency::EUR)?,
        milestones: vec![step("Model trained on recorded calls", 4)?, step("Half a year in the control room", 12)?],
        particulars: Particulars::default(),
    })
}

/// A text of so many words.
fn text(words: usize) -> String {
    const WORDS: &str = "callers wait in one queue whatever they call about and in a storm the one whose cellar fills \
                         waits behind forty who ask when the bins are emptied";
    WORDS.split(' ').cycle().take(words).collect::<Vec<_>>().join(" ")
}
