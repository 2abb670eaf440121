//! The scene of a drill: published challenges, companies that may bid, and a clock that is just before the first deadline.

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use harness::{
    client::Client,
    marketplace::{Company, Marketplace},
    people::People,
    process::{Installation, Server},
};
use serde_json::json;
use testing::{Backend, Cluster};

/// An installation, on PostgreSQL with a server of its own, which may be stopped.
pub struct Place {
    pub installation: Installation,
    pub cluster: Option<Cluster>,
}

impl Place {
    /// A migrated one whose clock may be moved.
    pub fn new(backend: Backend) -> Self {
        let cluster = (backend == Backend::Postgres).then(Cluster::start_private);
        let installation = match &cluster {
            Some(cluster) => {
                cluster.create_database("drill", None);
                persistence::migrate(&cluster.url("drill")).unwrap();
                Installation::at(Some(cluster.url("drill")))
            }
            None => Installation::new(backend),
        };
        People::of(&installation).allow_moving_the_clock();
        Self { installation, cluster }
    }
}

/// What a drill plays on.
pub struct Scene {
    pub marketplace: Marketplace,
    pub companies: Vec<Company>,
    pub challenges: Vec<Challenge>,
    people: People,
    /// How far the installation's clock is ahead of the machine's.
    ahead: TimeDelta,
}

/// A published challenge.
pub struct Challenge {
    pub id: String,
    /// By the installation's clock, as it was published.
    pub deadline: DateTime<Utc>,
}

impl Scene {
    /// Publishes so many challenges, whose deadlines pass one after the other, and lets so many companies in. The one place
    /// that knows what it takes until bids can be handed in.
    pub fn set(
        installation: &Installation,
        server: &Server,
        bidders: usize,
        challenges: usize,
        apart: Duration,
    ) -> Self {
        Self::set_with(installation, server, bidders, challenges, apart, 2)
    }

    /// The same with so many people in the opening committee.
    pub fn set_with(
        installation: &Installation,
        server: &Server,
        bidders: usize,
        challenges: usize,
        apart: Duration,
        holders: usize,
    ) -> Self {
        let (client, people) = (Client::new(server), People::of(installation));
        let mut marketplace = Marketplace::with_holders(&client, &people, holders);
        let company = |n| marketplace.company(&client, &people, &format!("Company {n}"));
        let companies = (0..bidders).map(company).collect();
        let mut published = Vec::new();
        for _ in 0..challenges {
            published.push(Challenge { id: marketplace.publish(), deadline: marketplace.deadline });
            marketplace.deadline += TimeDelta::from_std(apart).unwrap();
        }
        Self { marketplace, companies, challenges: published, people, ahead: TimeDelta::zero() }
    }

    /// Moves the installation's clock until so much is left to the first deadline, or up to a second more.
    pub fn count_down(&mut self, left: Duration) {
        let now = self.people.db().clock().now();
        let by = self.challenges[0].deadline - now - TimeDelta::from_std(left).unwrap();
        self.ahead = TimeDelta::seconds(by.num_seconds());
        let body = json!({ "seconds": self.ahead.num_seconds() });
        self.marketplace.administrator.post("/api/v1/demo/advance-clock", &body).expect(200);
    }

    /// When the installation's clock shows this.
    pub fn when(&self, at: DateTime<Utc>) -> Instant {
        let (now, instant) = (self.people.db().clock().now() + self.ahead, Instant::now());
        match (at - now).to_std() {
            Ok(later) => instant + later,
            Err(_) => instant.checked_sub((now - at).to_std().unwrap()).unwrap(),
        }
    }
}
