//! Reading single values, with messages that say what is expected. The caller names the key and shows the value.

use std::net::SocketAddr;

use actix_web::http::Uri;
use lettre::message::Mailbox;
use serde::de::Error;
use serde::{Deserialize, Deserializer};

use super::Secret;
use super::kept_key::from_hexadecimal;
use crate::telemetry;

/// A whole number from `MIN` to `MAX`.
pub(super) fn within<'de, D, T, const MIN: u64, const MAX: u64>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: TryFrom<u64>,
{
    u64::deserialize(deserializer)
        .ok()
        .filter(|number| (MIN..=MAX).contains(number))
        .and_then(|number| T::try_from(number).ok())
        .ok_or_else(|| D::Error::custom(format_args!("must be a whole number from {MIN} to {MAX}")))
}

/// Zero, or a whole number from `MIN` to `MAX`.
pub(super) fn none_or_within<'de, D, const MIN: u32, const MAX: u32>(deserializer: D) -> Result<u32, D::Error>
where
    D: Deserializer<'de>,
{
    u32::deserialize(deserializer)
        .ok()
        .filter(|number| *number == 0 || (MIN..=MAX).contains(number))
        .ok_or_else(|| D::Error::custom(format_args!("must be 0 or a whole number from {MIN} to {MAX}")))
}

const SOCKET_ADDRESS: &str = "must be an IP address and a port, such as `127.0.0.1:8080`";

pub(super) fn socket_address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SocketAddr, D::Error> {
    SocketAddr::deserialize(deserializer).map_err(|_| D::Error::custom(SOCKET_ADDRESS))
}

/// Networks, written in one line.
pub(super) mod networks {
    use ipnet::IpNet;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};
    use std::net::IpAddr;

    pub(in crate::config) fn serialize<S: Serializer>(networks: &[IpNet], serializer: S) -> Result<S::Ok, S::Error> {
        let texts: Vec<_> = networks.iter().map(ToString::to_string).collect();
        serializer.serialize_str(&texts.join(", "))
    }

    pub(in crate::config) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<IpNet>, D::Error> {
        let text = String::deserialize(deserializer)?;
        let networks = text.split(',').map(str::trim).filter(|network| !network.is_empty());
        let parse = |network: &str| network.parse().or_else(|_| network.parse::<IpAddr>().map(IpNet::from));
        let networks = networks.map(parse).collect::<Result<_, _>>();
        networks.map_err(|_| D::Error::custom("must be networks separated by commas, such as `10.0.0.0/8, ::1`"))
    }
}

/// An optional address, whose absence is written `off`.
pub(super) mod socket_address_or_off {
    use std::net::SocketAddr;

    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    const OFF: &str = "off";

    pub(in crate::config) fn serialize<S: Serializer>(
        address: &Option<SocketAddr>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match address {
            Some(address) => address.serialize(serializer),
            None => serializer.serialize_str(OFF),
        }
    }

    pub(in crate::config) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<SocketAddr>, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text == OFF {
            return Ok(None);
        }
        let address =
            text.parse().map_err(|_| D::Error::custom(format_args!("{}, or `{OFF}`", super::SOCKET_ADDRESS)))?;
        Ok(Some(address))
    }
}

/// An absolute `http` or `https` URL; a slash at its end is dropped.
pub(super) fn web_url<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    if !is_web_url(&text) {
        return Err(D::Error::custom("must be a URL such as `https://challenges.example.org`"));
    }
    Ok(text.trim_end_matches('/').to_owned())
}

/// No URL, or a [`web_url`].
pub(super) fn optional_web_url<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    if text.as_deref().is_some_and(|text| !is_web_url(text)) {
        return Err(D::Error::custom("must be a URL such as `https://s3.example.org`"));
    }
    Ok(text.map(|text| text.trim_end_matches('/').to_owned()))
}

fn is_web_url(text: &str) -> bool {
    // Neither user, query nor fragment; the parser would drop a fragment silently.
    let plain = !text.contains(['@', '?', '#']);
    plain && text.parse::<Uri>().is_ok_and(|uri| matches!(uri.scheme_str(), Some("http" | "https")))
}

/// A [`web_url`] without a path, because links in the portal start at the root.
pub(super) fn base_url<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let url = web_url(deserializer)?;
    match url.matches('/').count() {
        2 => Ok(url),
        _ => Err(D::Error::custom("must end after the host and port: the portal cannot live under a path")),
    }
}

/// The identifier of an OpenID provider (OpenID Connect Discovery 1.0, 3), kept as it is: a slash at its end counts.
pub(super) fn issuer<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    let uri = text.parse::<Uri>().ok().filter(|_| is_web_url(&text));
    let here = |uri: &Uri| matches!(uri.host(), Some("localhost" | "127.0.0.1" | "[::1]"));
    if uri.is_some_and(|uri| uri.scheme_str() == Some("https") || here(&uri)) {
        return Ok(text);
    }
    Err(D::Error::custom("must be an `https` URL such as `https://id.example.org`"))
}

/// Where ClamAV's daemon listens.
pub(super) fn clamd_address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    if text.as_deref().is_some_and(|text| application::scans::Address::parse(text).is_none()) {
        return Err(D::Error::custom(
            "must be the path of a socket such as `/run/clamav/clamd.ctl`, or `tcp://host:port`",
        ));
    }
    Ok(text)
}

/// A text of 1 to 200 characters on one line.
pub(super) fn short_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    let sound = !text.trim().is_empty() && text.chars().count() <= 200 && !text.chars().any(char::is_control);
    if sound { Ok(text) } else { Err(D::Error::custom("must be a text of 1 to 200 characters")) }
}

/// Domains as they stand after the `@`, in lower case.
pub(super) fn mail_domains<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let domains = Vec::<String>::deserialize(deserializer)?;
    let domains: Vec<_> = domains.iter().map(|domain| domain.to_lowercase()).collect();
    if domains.iter().all(|domain| domain::account::Email::parse(&format!("a@{domain}")).is_ok()) {
        return Ok(domains);
    }
    Err(D::Error::custom("must be mail domains such as `example.org`"))
}

/// At least 32 bytes in hexadecimal.
pub(super) fn hexadecimal_key<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Secret>, D::Error> {
    let key = Option::<Secret>::deserialize(deserializer)?;
    if key.as_ref().is_some_and(|key| from_hexadecimal(key.expose()).is_none()) {
        return Err(D::Error::custom("must be at least 64 hexadecimal digits (32 bytes)"));
    }
    Ok(key)
}

/// A mail address, with or without a name before it.
pub(super) fn mailbox<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse::<Mailbox>()
        .map_err(|_| D::Error::custom("must be a mail address such as `Name <name@example.org>`"))?;
    Ok(text)
}

/// Directives the log filter understands.
pub(super) fn log_level<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    telemetry::filter(&text).map_err(D::Error::custom)?;
    Ok(text)
}
