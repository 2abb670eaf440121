//! Where a request came from.

use crate::State;
use actix_web::{HttpRequest, http::header, web};
use domain::account::Client;
use ipnet::IpNet;
use std::net::{IpAddr, Ipv4Addr};

/// The address of whoever sent the request: the other end of the connection or, if that is a trusted proxy, the last
/// address in `X-Forwarded-For` that is not one. What stands before it could be made up by anybody.
pub(crate) fn address(request: &HttpRequest) -> IpAddr {
    let peer = request.peer_addr().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip().to_canonical());
    let state = request.app_data::<web::Data<State>>();
    let proxies = state.map_or(&[][..], |state| &state.settings.trusted_proxies);
    let forwarded = request.headers().get_all("x-forwarded-for").filter_map(|value| value.to_str().ok());
    let mut hops: Vec<_> = forwarded.flat_map(|value| value.split(',')).map(|hop| hop.trim().parse()).collect();
    let mut at = peer;
    while is_trusted(proxies, at)
        && let Some(hop) = hops.pop()
    {
        // A proxy that we trust writes addresses; anything else was there before it.
        let Ok(hop) = hop.map(|hop: IpAddr| hop.to_canonical()) else { break };
        at = hop;
    }
    at
}

/// Where a log-in comes from, as the owner of the account is told.
pub(crate) fn client(request: &HttpRequest) -> Client {
    let device = request.headers().get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
    let device = device.map(|agent| agent.chars().take(200).collect());
    Client { device, network: Some(network(address(request))) }
}

/// The network of an address: 256 addresses of IPv4; of IPv6 a /64, which is what one customer has at least.
pub(crate) fn network(address: IpAddr) -> String {
    let prefix = if address.is_ipv4() { 24 } else { 64 };
    IpNet::new(address, prefix).map_or_else(|_| address.to_string(), |network| network.trunc().to_string())
}

fn is_trusted(proxies: &[IpNet], address: IpAddr) -> bool {
    proxies.iter().any(|network| network.contains(&address))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Limits, Settings};
    use actix_web::test::TestRequest;
    use application::passwords::Passwords;
    use chrono::TimeDelta;
    use persistence::{Db, Options};

    fn came_from(peer: &str, forwarded: &[&str]) -> String {
        let directory = testing::TestDatabase::new(testing::Backend::Sqlite);
        let settings = Settings {
            base_url: String::new(),
            issuer: String::new(),
            access_token: TimeDelta::minutes(1),
            session: TimeDelta::minutes(1),
            signing_key: vec![7; 32],
            encryption_key: vec![7; 32],
            receipt_key: vec![7; 32],
            trusted_proxies: vec!["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()],
            lifecycle: domain::LifecyclePolicy::default(),
            obligations: domain::ObligationPolicy::default(),
            changes: domain::challenge::ChangePolicy::default(),
            outages: domain::OutagePolicy::default(),
            limits: Limits::default(),
            storage: storage::Storage::local("never-used"),
            uploads: domain::file::UploadLimits::default(),
        };
        let db = Db::open(&Options { connections: 1, ..Options::new(directory.url.clone()) }).unwrap();
        let state = State::new(db, Passwords::start(1, 1).unwrap(), settings);
        let mut request = TestRequest::default().app_data(web::Data::new(state)).peer_addr(peer.parse().unwrap());
        for value in forwarded {
            request = request.append_header(("x-forwarded-for", *value));
        }
        address(&request.to_http_request()).to_string()
    }

    #[test]
    fn only_a_trusted_proxy_is_believed() {
        assert_eq!(came_from("203.0.113.9:1", &["198.51.100.1"]), "203.0.113.9");
        assert_eq!(came_from("10.0.0.1:1", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(came_from("[fd00::1]:1", &["2001:db8::1"]), "2001:db8::1");
        assert_eq!(came_from("10.0.0.1:1", &[]), "10.0.0.1");
    }

    #[test]
    fn a_network_is_what_one_customer_has() {
        let of = |address: &str| network(address.parse().unwrap());
        assert_eq!(
            (of("198.51.100.77").as_str(), of("2001:db8:1:2:3:4:5:6").as_str()),
            ("198.51.100.0/24", "2001:db8:1:2::/64")
        );
    }

    #[test]
    fn what_a_client_wrote_before_the_proxy_is_not_believed() {
        assert_eq!(came_from("10.0.0.1:1", &["127.0.0.1, 198.51.100.1"]), "198.51.100.1");
        assert_eq!(came_from("10.0.0.1:1", &["127.0.0.1", "198.51.100.1, 10.0.0.2"]), "198.51.100.1");
        assert_eq!(came_from("10.0.0.1:1", &["127.0.0.1, rubbish"]), "10.0.0.1");
        assert_eq!(came_from("[::ffff:10.0.0.1]:1", &["198.51.100.1"]), "198.51.100.1");
    }
}
