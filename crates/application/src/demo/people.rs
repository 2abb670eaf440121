//! The administrator, the organisations and everybody in them.

use super::{
    PASSWORD, REQUEST_ID,
    content::{Content, Organisation, Person},
    timeline::{Stage, Timeline},
};
use crate::{
    Result, accounts, administrators,
    invitations::{self, Acceptance},
    members, organisation_profiles, organisations,
};
use domain::{
    Actor, OrganisationKind, Role, UserId,
    account::{Registration, check_registration},
    invitation::NewInvitation,
    organisation::{Address, ContactDraft, ProfileDraft},
};
use persistence::Conn;

/// How many days ago the platform started.
const STARTED: i64 = 320;

/// The administrator's key on the stage.
const ADMINISTRATOR: &str = "administrator";

/// Plans the start of the platform; one organisation registers every other day and is verified the day after.
pub(super) fn plan<'c>(timeline: &mut Timeline<'c>, content: &'c Content, password_hash: &'c str) {
    let organisations = &content.organisations;
    let administrator = &organisations.administrator;
    timeline.on(STARTED, (8, 0), move |stage, conn| {
        let registration = registration(&administrator.email, &administrator.name, password_hash)?;
        let token = administrators::create_link(conn)?;
        let user = administrators::create(conn, REQUEST_ID, &token, registration)?;
        stage.enter(ADMINISTRATOR, Actor { administrator: true, ..Actor::new(user) });
        Ok(())
    });
    let agencies = organisations.agencies.iter().map(|agency| (OrganisationKind::Agency, agency));
    let companies = organisations.companies.iter().map(|company| (OrganisationKind::Company, company));
    for ((kind, organisation), day) in agencies.chain(companies).zip((0..STARTED).rev().step_by(2)) {
        timeline.on(day, (9, 5), move |stage, conn| register(stage, conn, kind, organisation, password_hash));
        timeline.on(day - 1, (10, 20), move |stage, conn| verify(stage, conn, organisation));
    }
}

fn register<'c>(
    stage: &mut Stage<'c>,
    conn: &mut Conn,
    kind: OrganisationKind,
    organisation: &'c Organisation,
    password_hash: &str,
) -> Result<()> {
    for person in &organisation.people {
        let user = sign_up(conn, person, password_hash)?;
        stage.enter(&person.key, Actor::new(user));
    }
    let owner = organisation.holder(Role::Owner)?;
    let caller = stage.caller(&owner.key)?;
    let id = organisations::register(conn, &caller, kind, &organisation.legal_name, &organisation.country)?.id;
    stage.organisations.insert(&organisation.key, id);
    stage.join(&owner.key, id, vec![Role::Owner]);
    give_own_roles(stage, conn, organisation, owner)?;
    let caller = stage.caller(&owner.key)?;
    organisation_profiles::change(conn, &caller, id, None, organisation.draft())?;
    for person in organisation.people.iter().filter(|person| person.key != owner.key) {
        let new = NewInvitation { email: person.email.clone(), roles: person.roles.clone(), message: None };
        let token = invitations::invite(conn, &caller, id, new)?.token;
        let member = invitations::accept(conn, REQUEST_ID, Acceptance::new(token.reveal()))?;
        stage.join(&person.key, id, member.roles);
    }
    Ok(())
}

impl Organisation {
    /// What its owner writes about it.
    fn draft(&self) -> ProfileDraft {
        let (profile, contact) = (&self.profile, &self.profile.contact);
        let contact = ContactDraft {
            name: contact.name.clone(),
            email: contact.email.clone(),
            phone: Some(contact.phone.clone()),
            purpose: contact.purpose.clone(),
        };
        let address = Address {
            street: profile.street.clone(),
            postal_code: Some(profile.postal_code.clone()),
            town: profile.town.clone(),
            country: self.country.clone(),
        };
        ProfileDraft {
            legal_name: self.legal_name.clone(),
            country: self.country.clone(),
            trading_name: profile.trading_name.clone(),
            register_number: Some(profile.register_number.clone()),
            vat_number: None,
            address: Some(address),
            size_class: profile.size_class,
            capabilities: profile.capabilities.clone(),
            cpv_codes: profile.cpv_codes.clone(),
            contacts: vec![contact],
            website: Some(profile.website.clone()),
        }
    }
}

/// Registering makes somebody the owner and no more; an owner takes further roles in a second step.
fn give_own_roles<'c>(
    stage: &mut Stage<'c>,
    conn: &mut Conn,
    organisation: &Organisation,
    owner: &'c Person,
) -> Result<()> {
    let id = stage.organisation(&organisation.key)?;
    if owner.roles == [Role::Owner] {
        return Ok(());
    }
    let caller = stage.caller(&owner.key)?;
    for member in members::list(conn, &caller.actor, id, false)? {
        let changed = members::change_roles(conn, &caller, (id, member.id), None, &owner.roles)?;
        stage.join(&owner.key, id, changed.roles);
    }
    Ok(())
}

fn verify(stage: &mut Stage<'_>, conn: &mut Conn, organisation: &Organisation) -> Result<()> {
    let reason = format!("Entry in the register of {} compared, contact person called back.", organisation.country);
    let caller = stage.caller(ADMINISTRATOR)?;
    organisations::verify(conn, &caller, stage.organisation(&organisation.key)?, &reason)?;
    Ok(())
}

/// An account without the mail with its link, which nobody would read.
fn sign_up(conn: &mut Conn, person: &Person, password_hash: &str) -> Result<UserId> {
    let registration = registration(&person.email, &person.name, password_hash)?;
    accounts::create(conn, REQUEST_ID, registration, false)
}

fn registration(email: &str, name: &str, password_hash: &str) -> Result<Registration> {
    let email = check_registration(email, name, PASSWORD)?;
    Ok(Registration { email, name: name.to_owned(), password_hash: password_hash.to_owned(), accepted_terms: 0 })
}
