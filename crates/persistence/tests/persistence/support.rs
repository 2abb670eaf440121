//! A database of a test's own, and the few rows that others need to exist.

use std::{future::Future, pin::Pin, sync::mpsc, time::Duration};

use chrono::{DateTime, Utc};
use domain::{
    ApiKey, Bid, BidStatus, Challenge, ChallengeQuery, ChallengeStatus, Contract, ContractStatus, Currency, Evaluation,
    Invitation, Milestone, MilestoneStatus, Money, OidcSignInId, Organisation, OrganisationKind, Role, UserId,
    account::{Email, User},
    bid::{BidStage, Particulars, PriceOffer, QualityOffer},
    challenge::{Content, FirstStage, Preview, Template},
    identity::Identity,
    invitation::InvitationStatus,
    member::Member,
    saved_search::{Alert, SavedSearch, SearchDraft},
};
use persistence::{
    Conn, Db, Options, Result, accounts, api_keys, bids, challenge_previews, challenge_templates, challenges,
    contracts, evaluations, identities, invitations, members, organisations,
};
use testing::{Backend, TestDatabase};

/// An open, empty database. The order matters: the connections go before what they lead to.
pub struct World {
    pub db: Db,
    pub database: TestDatabase,
}

impl World {
    pub fn new(backend: Backend) -> Self {
        Self::with(backend, |_| {})
    }

    pub fn with(backend: Backend, change: impl FnOnce(&mut Options)) -> Self {
        let database = TestDatabase::new(backend);
        let mut options = Options::new(&database.url);
        change(&mut options);
        Self { db: Db::open(&options).unwrap(), database }
    }

    /// The same database as another process has it: with connections, and on SQLite a writer, of its own.
    pub fn another_process(&self) -> Db {
        Db::open(&Options { connections: 2, ..Options::new(&self.database.url) }).unwrap()
    }

    /// A write that must succeed; not for asynchronous code.
    pub fn write<T: Send + 'static>(&self, work: impl FnOnce(&mut Conn) -> Result<T> + Send + 'static) -> T {
        self.try_write(work).unwrap()
    }

    /// A write; not for asynchronous code.
    pub fn try_write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Conn) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.db.write_blocking(work)
    }

    pub fn has_user(&self, name: &str) -> bool {
        let email = email(name);
        self.write(move |conn| accounts::find_by_email(conn, &email)).is_some()
    }
}

/// Runs asynchronous code on threads of its own, as the server does.
pub fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap().block_on(work)
}

/// Lets a call get as far as the queue, where it waits; a call that has its answer already is a failed test.
pub async fn queued<T>(call: impl Future<Output = T> + Send + 'static) -> Pin<Box<dyn Future<Output = T> + Send>> {
    let mut call = Box::pin(call);
    assert!(tokio::time::timeout(Duration::ZERO, &mut call).await.is_err(), "the call did not wait");
    call
}

/// Makes a piece of work wait in the middle, as long as the test wants, ten seconds at most.
pub fn gate() -> (Gate, Opener) {
    let ((arrive, arrived), (open, opened)) = (mpsc::channel(), mpsc::channel());
    (Gate { arrive, opened }, Opener { arrived, open })
}

/// What the piece of work holds.
pub struct Gate {
    arrive: mpsc::Sender<()>,
    opened: mpsc::Receiver<()>,
}

/// What the test holds; opens the gate when dropped, too.
pub struct Opener {
    arrived: mpsc::Receiver<()>,
    open: mpsc::Sender<()>,
}

impl Gate {
    pub fn wait(self) {
        self.arrive.send(()).ok();
        self.opened.recv_timeout(Duration::from_secs(10)).ok();
    }
}

impl Opener {
    pub fn arrived(&self) {
        self.arrived.recv_timeout(Duration::from_secs(10)).unwrap();
    }

    pub fn open(self) {
        self.open.send(()).ok();
    }
}

/// Pseudo-random numbers below `below`, the same at each run (Knuth's MMIX generator).
pub fn random(seed: u64, below: u64) -> impl Iterator<Item = u64> {
    let next = |n: &u64| Some(n.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407));
    std::iter::successors(next(&seed), next).map(move |n| (n >> 33) % below)
}

pub fn email(name: &str) -> Email {
    Email::parse(&format!("{name}@example.org")).unwrap()
}

/// Adds a person with the address `<name>@example.org`.
pub fn user(conn: &mut Conn, name: &str) -> Result<User> {
    let user = User {
        id: conn.new_id(),
        email: email(name),
        name: name.to_owned(),
        password_hash: "$argon2id$".to_owned(),
        administrator: false,
        created_at: conn.now()?,
    };
    accounts::insert(conn, &user)?;
    Ok(user)
}

pub fn organisation(conn: &mut Conn, kind: OrganisationKind, legal_name: &str) -> Result<Organisation> {
    let organisation = Organisation {
        id: conn.new_id(),
        kind,
        legal_name: legal_name.to_owned(),
        country: "BE".to_owned(),
        verified_at: None,
        created_at: conn.now()?,
        version: 1,
        parent: None,
        suspension: None,
        sandbox: false,
    };
    organisations::insert(conn, &organisation)?;
    Ok(organisation)
}

pub fn member(conn: &mut Conn, organisation: &Organisation, user: &User, roles: &[Role]) -> Result<Member> {
    let now = conn.now()?;
    let member = Member::new(conn.new_id(), organisation.id, user.id, user.name.clone(), roles.to_vec(), now);
    members::insert(conn, &member)?;
    Ok(member)
}

/// One of everything that an insert function can add and that has a version.
#[derive(Clone)]
pub struct Scene {
    pub user: User,
    pub agency: Organisation,
    pub company: Organisation,
    pub member: Member,
    pub challenge: Challenge,
    pub bid: Bid,
    pub evaluation: Evaluation,
    pub contract: Contract,
    pub milestone: Milestone,
}

pub fn scene(conn: &mut Conn) -> Result<Scene> {
    let user = user(conn, "ada")?;
    let agency = organisation(conn, OrganisationKind::Agency, "City")?;
    let company = organisation(conn, OrganisationKind::Company, "Firm")?;
    let member = member(conn, &company, &user, &[Role::Bidder])?;
    let challenge = challenge(conn, &agency, user.id)?;
    let bid = bid(conn, &challenge, &company, user.id)?;
    let evaluation = Evaluation::new(conn.new_id(), bid.id, user.id);
    evaluations::insert(conn, challenge.id, &evaluation)?;
    let (contract, milestone) = contract(conn, &challenge, &bid)?;
    Ok(Scene { user, agency, company, member, challenge, bid, evaluation, contract, milestone })
}

/// An open invitation of somebody, found by this hash.
pub fn invitation(conn: &mut Conn, of: &Organisation, by: UserId, name: &str, token_hash: &str) -> Result<()> {
    let now = conn.now()?;
    let invitation = Invitation {
        id: conn.new_id(),
        organisation: of.id,
        email: email(name),
        roles: vec![Role::Owner],
        message: None,
        status: InvitationStatus::Open,
        invited_by: by,
        created_at: now,
        sent_at: now,
        expires_at: now,
        closed_at: None,
    };
    invitations::insert(conn, &invitation, token_hash)
}

fn challenge(conn: &mut Conn, agency: &Organisation, author: UserId) -> Result<Challenge> {
    let challenge = Challenge {
        id: conn.new_id(),
        reference: "PRV-1".to_owned(),
        agency: agency.id,
        status: ChallengeStatus::Draft,
        content: Content::new("Leaking pipes", "Europe/Brussels".parse().unwrap()),
        author,
        last_editor: author,
        approved_by: None,
        review_comment: None,
        created_at: conn.now()?,
        published_at: None,
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
    };
    challenges::insert(conn, &challenge)?;
    Ok(challenge)
}

fn bid(conn: &mut Conn, challenge: &Challenge, company: &Organisation, submitted_by: UserId) -> Result<Bid> {
    let bid = Bid {
        id: conn.new_id(),
        challenge: challenge.id,
        company: company.id,
        status: BidStatus::Submitted,
        quality: Some(QualityOffer {
            solution: "Listen to them".to_owned(),
            steps: Vec::new(),
            particulars: Particulars::default(),
        }),
        price: Some(PriceOffer { total: euros(5_000), amounts: Vec::new() }),
        revision: 1,
        submitted_at: conn.now()?,
        submitted_by,
        withdrawn_at: None,
        disqualification_code: None,
        disqualification_reason: None,
        version: 1,
        profile: None,
        answered_changes: 0,
        stage: BidStage::Offer,
        shortlist_reason: None,
    };
    bids::insert(conn, &bid)?;
    Ok(bid)
}

fn contract(conn: &mut Conn, challenge: &Challenge, bid: &Bid) -> Result<(Contract, Milestone)> {
    let now = conn.now()?;
    let contract = Contract {
        id: conn.new_id(),
        challenge: challenge.id,
        bid: bid.id,
        agency: challenge.agency,
        company: bid.company,
        value: euros(5_000),
        status: ContractStatus::Draft,
        agency_signature: None,
        company_signature: None,
        outcome: None,
        completed_at: None,
        created_at: now,
        version: 1,
    };
    let milestone = Milestone {
        id: conn.new_id(),
        contract: contract.id,
        number: 1,
        title: "Microphones in place".to_owned(),
        amount: contract.value,
        due_at: now,
        status: MilestoneStatus::Planned,
        delivery_note: None,
        delivered_at: None,
        decided_at: None,
        rejection_reason: None,
        invoice_number: None,
        invoiced_at: None,
        payment_reference: None,
        paid_at: None,
        version: 1,
    };
    contracts::insert(conn, &contract, std::slice::from_ref(&milestone))?;
    Ok((contract, milestone))
}

fn euros(amount: i64) -> Money {
    Money::new(100 * amount, Currency::EUR).unwrap()
}

/// A key of a member; all have the same name.
pub fn api_key(conn: &mut Conn, creator: &Member) -> Result<()> {
    let now = conn.now()?;
    let key = ApiKey {
        id: conn.new_id(),
        organisation: creator.organisation,
        creator: creator.user,
        name: "Bid system".to_owned(),
        token_name: "abcdefgh2345".to_owned(),
        hash: "hash".to_owned(),
        previous: None,
        scopes: ["bids:read".to_owned()].into(),
        networks: Vec::new(),
        created_at: now,
        expires_at: now,
        revoked_at: None,
        last_use: None,
        expiry_announced_at: None,
    };
    api_keys::insert(conn, &key)
}

/// A person's account at a provider; everybody has the same there.
pub fn identity(conn: &mut Conn, user: UserId) -> Result<()> {
    let now = conn.now()?;
    let identity = Identity {
        id: conn.new_id(),
        user,
        provider: "test".to_owned(),
        issuer: "https://provider.test".to_owned(),
        subject: "1".to_owned(),
        linked_at: now,
        last_used_at: now,
    };
    identities::insert(conn, &identity)
}

/// A sign-in through a provider that has begun.
pub fn oidc_sign_in(conn: &mut Conn, state_hash: &str, expires_at: DateTime<Utc>) -> Result<OidcSignInId> {
    let sign_in = identities::SignIn {
        provider: "test".to_owned(),
        state_hash: state_hash.to_owned(),
        nonce_hash: "nonce".to_owned(),
        binding_hash: "binding".to_owned(),
        redirect_path: None,
        expires_at,
    };
    identities::begin(conn, &sign_in)
}

/// A template; all have the same name.
pub fn challenge_template(conn: &mut Conn, scene: &Scene) -> Result<()> {
    let template = Template {
        id: conn.new_id(),
        agency: scene.agency.id,
        name: "Small pilots".to_owned(),
        content: scene.challenge.content.clone(),
        author: scene.user.id,
        created_at: scene.user.created_at,
    };
    challenge_templates::insert(conn, &template)
}

/// A link to a draft; all have the same token.
pub fn challenge_preview(conn: &mut Conn, scene: &Scene) -> Result<()> {
    let preview = Preview {
        id: conn.new_id(),
        challenge: scene.challenge.id,
        recipient: "Legal".to_owned(),
        author: scene.user.id,
        created_at: scene.user.created_at,
        expires_at: scene.user.created_at,
        revoked_at: None,
    };
    challenge_previews::insert(conn, &preview, "hash")
}

pub fn saved_search(conn: &Conn, scene: &Scene) -> SavedSearch {
    let said = SearchDraft { name: "Floods".to_owned(), query: ChallengeQuery::default(), alert: Alert::None };
    let now = scene.user.created_at;
    let (id, owner) = (conn.new_id(), scene.user.id);
    SavedSearch { id, owner, said, told_until: now, next_alert_at: None, created_at: now, version: 1 }
}
