//! Bids as somebody sees them, each with what belongs to it.

use crate::{
    Result, bid_documents,
    team_consents::{self, of_team},
};
use domain::{
    Bid, BidId, Challenge, FieldError, TeamConsent,
    bid::{Access, BidDocument, BidStage},
    consortium::{NamedPartner, Participation, shared_participants},
    file::Scan,
    opening::EnvelopeKind,
};
use persistence::{
    Conn,
    bid_envelopes::{self, Envelope},
    bid_partners,
    challenges::Progress,
};
use std::collections::HashMap;

/// A bid, as far as somebody may see it.
#[derive(Debug, Clone, PartialEq)]
pub struct Visible {
    /// Whether the bid is of a company of whoever looks.
    pub own: bool,
    /// The bid.
    pub bid: Bid,
    /// The bidder's name.
    pub company_name: String,
    /// How much of it may be shown.
    pub access: Access,
    /// Whether it takes all material changes of the challenge into account.
    pub confirmed: bool,
    /// The envelopes of the revision in force.
    pub envelopes: Vec<Envelope>,
    /// What is formally wrong with what they held, as far as they are open.
    pub problems: Vec<FieldError>,
    /// The partners, if a consortium bids.
    pub partners: Vec<NamedPartner>,
    /// Who of the team that the offer names agreed to it, in its order; none before the opening.
    pub consents: Vec<Option<TeamConsent>>,
    /// In which other bids of the challenge those behind this one take part; for those who judge the bid.
    pub shared: Vec<Participation>,
    /// The documents that the company has handed in for the challenge, some of which its offer refers to.
    pub documents: Vec<BidDocument>,
    /// What a virus scanner says of them, by the hash of what is kept.
    pub scans: HashMap<String, Scan>,
}

/// How somebody sees a bid.
pub(super) struct Sight<'a> {
    /// Whether the bid is of a company of theirs.
    pub own: bool,
    /// How much of it they may see.
    pub access: Access,
    /// The bidder's name.
    pub company_name: String,
    /// The challenge to check the bid against; none if it is not open.
    pub content: Option<&'a Challenge>,
}

/// What belongs to the bids of a page.
pub(super) struct Page {
    envelopes: Vec<Envelope>,
    partners: Vec<(BidId, NamedPartner)>,
    consents: Vec<TeamConsent>,
    documents: Vec<BidDocument>,
    scans: HashMap<String, Scan>,
}

impl Page {
    /// Loads it for all of the bids at once, and takes out of them what is still shut.
    pub fn load(conn: &mut Conn, bids: &mut [Bid], progress: &[Progress]) -> Result<Self> {
        let ids: Vec<_> = bids.iter().map(|bid| bid.id).collect();
        let mut envelopes = bid_envelopes::of_bids(conn, &ids)?;
        for bid in bids.iter_mut() {
            if let Some(progress) = progress.iter().find(|progress| progress.challenge == bid.challenge) {
                let id = bid.id;
                keep_shut(bid, envelopes.iter_mut().filter(|envelope| envelope.bid == id), progress);
            }
        }
        let partners = bid_partners::of_bids(conn, &ids)?;
        let consents = team_consents::of_bids(conn, bids)?;
        let (documents, scans) = bid_documents::of_bids(conn, bids)?;
        Ok(Self { envelopes, partners, consents, documents, scans })
    }

    /// One of the bids, with what belongs to it.
    pub fn show(&self, bid: Bid, progress: &Progress, sight: Sight<'_>) -> Visible {
        let Sight { own, access, company_name, content } = sight;
        let confirmed = bid.is_confirmed(progress.material_changes);
        let envelopes = self.envelopes.iter().filter(|envelope| envelope.bid == bid.id).cloned().collect();
        let partners =
            self.partners.iter().filter(|(of, _)| *of == bid.id).map(|(_, partner)| partner.clone()).collect();
        let problems = content.map(|it| team_consents::problems(&bid, it, &self.documents, &self.consents));
        let (problems, consents) = (problems.unwrap_or_default(), of_team(&bid, &self.consents));
        let documents = bid_documents::of_one(&self.documents, &bid);
        let hashes = documents.iter().filter_map(|document| document.sha256.as_ref());
        let scans = hashes.filter_map(|hash| Some((hash.clone(), self.scans.get(hash)?.clone()))).collect();
        let shut = Visible::shut(bid, company_name, confirmed, envelopes, partners);
        Visible { own, access, problems, consents, documents, scans, ..shut }
    }
}

impl Visible {
    /// As its company sees it while nothing of it is open.
    pub(crate) fn shut(
        bid: Bid,
        company_name: String,
        confirmed: bool,
        envelopes: Vec<Envelope>,
        partners: Vec<NamedPartner>,
    ) -> Self {
        let (own, access) = (true, Access::Full);
        let (problems, consents, shared, documents) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let scans = HashMap::new();
        Self {
            own,
            bid,
            company_name,
            access,
            confirmed,
            envelopes,
            problems,
            partners,
            consents,
            shared,
            documents,
            scans,
        }
    }

    /// With the other bids in which those behind it take part, as far as that is known.
    pub(super) fn sharing(self, participations: &[Participation]) -> Self {
        let shared = shared_participants(participations, self.bid.id);
        Self { shared, ..self }
    }
}

/// Until the session that opens them ends, nobody sees what was taken out of envelopes.
pub(crate) fn keep_shut<'e>(
    bid: &mut Bid,
    envelopes: impl IntoIterator<Item = &'e mut Envelope>,
    challenge: &Progress,
) {
    for envelope in envelopes {
        let ended = match envelope.kind {
            EnvelopeKind::Solution => challenge.solutions_opened,
            EnvelopeKind::Quality => challenge.opened,
            EnvelopeKind::Price => challenge.prices_opened,
        };
        envelope.opened_at = envelope.opened_at.filter(|_| ended);
        envelope.failure = envelope.failure.filter(|_| ended);
    }
    let opened = match bid.stage {
        BidStage::Solution => challenge.solutions_opened,
        BidStage::Offer => challenge.opened,
    };
    if !opened {
        bid.quality = None;
    }
    if !challenge.prices_opened {
        bid.price = None;
    }
}
