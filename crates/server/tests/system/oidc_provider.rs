//! A real OpenID provider in a process of its own (`tests/oidc`), and the browser that people use it with.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::Command,
};

use ureq::{Agent, http};

use crate::{
    eventually,
    process::{BASE_URL, Installation, Process, free_port},
};

/// What the provider knows the installation by.
pub const CLIENT_SECRET: &str = "a secret: with + and %";

/// A running provider.
pub struct Provider {
    /// None while it is stopped.
    process: Option<Process>,
    port: u16,
    claims_in_id_token: bool,
}

impl Provider {
    /// Tells addresses at its userinfo endpoint, as most do.
    pub fn start() -> Self {
        Self::on(free_port(), false)
    }

    /// Tells addresses in its ID tokens.
    pub fn with_claims_in_id_token() -> Self {
        Self::on(free_port(), true)
    }

    fn on(port: u16, claims_in_id_token: bool) -> Self {
        let mut provider = Self { process: None, port, claims_in_id_token };
        provider.restart();
        provider
    }

    /// Starts it again, with other keys.
    pub fn restart(&mut self) {
        let mut command = Command::new("node");
        command.arg("provider.js").current_dir(folder()).env("PORT", self.port.to_string());
        command.env("REDIRECT_URI", format!("{BASE_URL}/oidc/callback"));
        command.env("CLAIMS_IN_ID_TOKEN", if self.claims_in_id_token { "1" } else { "0" });
        let process = Process::start(command);
        eventually("the OpenID provider", || process.out().contains("ready").then_some(()));
        self.process = Some(process);
    }

    /// Ends it.
    pub fn stop(&mut self) {
        self.process = None;
    }

    pub fn issuer(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// An installation that lets people in through it.
    pub fn trusted_by(&self, installation: Installation) -> Installation {
        installation
            .with("AUTH__OIDC__CITY__ISSUER", self.issuer())
            .with("AUTH__OIDC__CITY__CLIENT_ID", "provoco")
            .with("AUTH__OIDC__CITY__CLIENT_SECRET", CLIENT_SECRET)
            .with("AUTH__OIDC__CITY__LABEL", "City of Ljubljana")
            .with("AUTH__OIDC__CITY__DOMAINS", "city.example, people.example")
    }

    /// Somebody goes where they were sent, and signs in as `account` (the fields of the log-in page): where the browser is
    /// sent back to, without the name of the installation.
    pub fn sign_in(&self, authorization_url: &str, account: &str) -> String {
        let mut browser = Browser::new();
        let log_in = self.absolute(&browser.follow(authorization_url));
        let mut at = browser.follow(&format!("{log_in}?{account}"));
        while at.starts_with(&self.issuer()) {
            at = browser.follow(&at);
        }
        at.strip_prefix(BASE_URL).unwrap_or_else(|| panic!("the provider sent the browser to {at}")).to_owned()
    }

    fn absolute(&self, location: &str) -> String {
        if location.starts_with('/') { format!("{}{location}", self.issuer()) } else { location.to_owned() }
    }
}

fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/oidc");
    let has_node = Command::new("node").arg("--version").output().is_ok_and(|out| out.status.success());
    assert!(has_node, "these tests need Node.js for a real OpenID provider; `scripts/setup tests` installs it");
    let installed = folder.join("node_modules/oidc-provider").exists();
    assert!(installed, "these tests need the packages of tests/oidc; `scripts/setup tests` installs them");
    folder
}

/// Keeps cookies, and goes one step at a time.
struct Browser {
    agent: Agent,
    cookies: BTreeMap<String, String>,
}

impl Browser {
    fn new() -> Self {
        let config = Agent::config_builder().max_redirects(0).max_redirects_will_error(false);
        Self { agent: config.build().into(), cookies: BTreeMap::new() }
    }

    /// Where a page sends the browser.
    fn follow(&mut self, url: &str) -> String {
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = http::Request::get(url).header("cookie", cookies.join("; ")).body(()).unwrap();
        let answer = self.agent.run(request).unwrap();
        for cookie in answer.headers().get_all("set-cookie") {
            let (name, value) = cookie.to_str().unwrap().split(';').next().unwrap().split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        let location = answer.headers().get("location").unwrap_or_else(|| panic!("{url} leads nowhere: {answer:?}"));
        location.to_str().unwrap().to_owned()
    }
}
