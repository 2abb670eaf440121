//! Many challenges of about 200 words, in words as common or rare as those of a language (G. K. Zipf, 1935).

use crate::Outcome;
use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    Challenge, ChallengeStatus, Currency, Money, Organisation, OrganisationKind,
    account::{Email, User},
    challenge::{Content, FirstStage, ProblemStatement},
    cpv::CpvCode,
};
use persistence::{Conn, Db, accounts, challenges, organisations};

const AGENCIES: usize = 50;

/// So many challenges are written in one transaction.
const BATCH: u32 = 500;

/// Words are numbered, and those of number n are about n times as rare as the first.
const LARGEST_WORD: u32 = 14;

/// Fills an empty database.
pub fn fill(db: &Db, count: u32) -> Outcome {
    let (agencies, author) = db.write_blocking(people)?;
    // The oldest first, as they are published.
    for from in (0..count).step_by(usize::try_from(BATCH)?) {
        let (agencies, author, to) = (agencies.clone(), author.clone(), count.min(from + BATCH));
        db.write_blocking(move |conn| {
            let now = conn.now()?;
            let new = |n| challenge(conn, count, n, &agencies, &author, now);
            let batch: Vec<_> = (from..to).map(new).collect::<Outcome<_>>()?;
            Ok::<_, Box<dyn std::error::Error + Send + Sync>>(challenges::insert_all(conn, &batch)?)
        })?;
    }
    Ok(())
}

fn people(conn: &mut Conn) -> Outcome<(Vec<Organisation>, User)> {
    let now = conn.now()?;
    let author = User {
        id: conn.new_id(),
        email: Email::parse("author@bench.example")?,
        name: "Author".to_owned(),
        // Nobody logs in with it.
        password_hash: "$argon2id$".to_owned(),
        administrator: false,
        created_at: now,
    };
    accounts::insert(conn, &author)?;
    let mut agencies = Vec::new();
    for n in 0..AGENCIES {
        let agency = Organisation {
            id: conn.new_id(),
            kind: OrganisationKind::Agency,
            legal_name: format!("City of the Bench {n}"),
            country: ["SI", "BE", "DE", "FR", "NL", "PT"][n % 6].to_owned(),
            verified_at: Some(now),
            parent: None,
            suspension: None,
            sandbox: false,
            created_at: now,
            version: 1,
        };
        organisations::insert(conn, &agency)?;
        agencies.push(agency);
    }
    Ok((agencies, author))
}

fn challenge(
    conn: &mut Conn,
    count: u32,
    n: u32,
    agencies: &[Organisation],
    author: &User,
    now: DateTime<Utc>,
) -> Outcome<Challenge> {
    let mut dice = Dice::new(n);
    let published_at = now - TimeDelta::minutes(i64::from(count - n));
    let status = match dice.below(10) {
        0..7 => ChallengeStatus::Published,
        7 => ChallengeStatus::Closed,
        8 => ChallengeStatus::Completed,
        _ => ChallengeStatus::Cancelled,
    };
    Ok(Challenge {
        id: conn.new_id(),
        reference: format!("PRV-BENCH-{n}"),
        agency: agencies[usize::try_from(dice.below(u32::try_from(AGENCIES)?))?].id,
        status,
        content: content(&mut dice, now)?,
        author: author.id,
        last_editor: author.id,
        approved_by: None,
        review_comment: None,
        created_at: published_at,
        published_at: Some(published_at),
        closed_at: None,
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

fn content(dice: &mut Dice, now: DateTime<Utc>) -> Outcome<Content> {
    let divisions = ["72000000", "90000000", "33000000", "34000000", "71000000", "80000000", "85000000", "48000000"];
    let division = divisions[usize::try_from(dice.log_below(3) - 1)? % divisions.len()];
    Ok(Content {
        summary: dice.text(30),
        problem: ProblemStatement {
            pain: dice.text(50),
            affected: dice.text(30),
            evidence: dice.text(40),
            current_cost: dice.text(10),
            tried: dice.text(30),
        },
        budget_ceiling: Some(Money::new(i64::from(dice.below(300_000)) * 100, Currency::EUR)?),
        submission_deadline: Some(now + TimeDelta::minutes(i64::from(dice.below(100_000)))),
        cpv_codes: vec![CpvCode::parse(division)?],
        tags: (0..3).map(|_| format!("tag-{}", dice.log_below(8))).collect(),
        ..Content::new(&dice.text(6), chrono_tz::Europe::Brussels)
    })
}

/// The word of a number, which can be spoken.
pub fn word(number: u32) -> String {
    let (consonants, vowels) = ("bdfgklmnprstvz".as_bytes(), "aeiou".as_bytes());
    let mut word = String::new();
    let mut rest = usize::try_from(number).unwrap_or_default() + 70 * 70;
    while rest > 0 {
        word.push(char::from(consonants[rest % 14]));
        word.push(char::from(vowels[rest / 14 % 5]));
        rest /= 70;
    }
    word
}

/// The same numbers in each run (G. Marsaglia, "Xorshift RNGs", 2003).
struct Dice(u64);

impl Dice {
    fn new(n: u32) -> Self {
        let mut dice = Self(u64::from(n).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        for _ in 0..8 {
            dice.next();
        }
        dice
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: u32) -> u32 {
        u32::try_from(self.next() >> 16 & 0xffff_ffff).unwrap_or_default() % limit
    }

    /// A number from 1 to below 2 to the power of `bits`, the smaller the more often.
    fn log_below(&mut self, bits: u32) -> u32 {
        let least = 1 << self.below(bits);
        least + self.below(least)
    }

    fn text(&mut self, words: usize) -> String {
        (0..words).map(|_| word(self.log_below(LARGEST_WORD))).collect::<Vec<_>>().join(" ")
    }
}
