//! The server that is measured: this program once more, in a process of its own, so that its memory can be seen.

use crate::Outcome;
use chrono::TimeDelta;
use http::{Limits, Settings, State};
use persistence::Db;
use server::config::{Config, Environment, Overrides};
use std::{
    env, fs,
    fs::File,
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

/// How long the server may take to start.
const PATIENCE: Duration = Duration::from_secs(60);

/// Does what `provoco serve` does, until it is killed.
pub fn serve() -> Outcome {
    let loaded = Config::load(&Overrides::default(), &env::vars_os().collect())?;
    Ok(server::serve::run(&loaded.config, false)?)
}

/// A running server; dropping it ends it.
pub struct Server {
    /// Where it listens.
    pub address: SocketAddr,
    process: Child,
}

/// What the server's memory came to, in kibibytes.
#[derive(Clone, Copy)]
pub struct Memory {
    /// Now.
    pub resident: u64,
    /// At the most.
    pub peak: u64,
}

/// How the server is to run: nothing but its place differs from the defaults.
pub struct Setup {
    environment: Environment,
    config: Config,
    log: PathBuf,
}

impl Setup {
    /// A server on two free ports.
    pub fn new(data: &Path, database: &str) -> Outcome<Self> {
        let (listen, metrics) = (free_port()?, free_port()?);
        let variables = [
            ("PROVOCO__DATA", data.display().to_string()),
            ("PROVOCO__DATABASE__URL", database.to_owned()),
            ("PROVOCO__LISTEN", listen.to_string()),
            ("PROVOCO__HTTP__METRICS_LISTEN", metrics.to_string()),
        ];
        let environment: Environment = variables.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        let config = Config::load(&Overrides::default(), &environment)?.config;
        Ok(Self { environment, config, log: data.join("server.log") })
    }

    /// The state of such a server, for its tokens.
    pub fn state(&self, db: &Db) -> Outcome<State> {
        let settings = Settings {
            base_url: self.config.base_url.clone(),
            issuer: self.config.auth.issuer.clone(),
            access_token: TimeDelta::days(1),
            session: TimeDelta::days(1),
            signing_key: self.config.signing_key()?,
            encryption_key: self.config.encryption_key()?,
            receipt_key: self.config.receipt_key()?,
            trusted_proxies: Vec::new(),
            lifecycle: domain::LifecyclePolicy::default(),
            obligations: domain::ObligationPolicy::default(),
            changes: domain::challenge::ChangePolicy::default(),
            outages: domain::OutagePolicy::default(),
            limits: Limits::default(),
            storage: storage::Storage::local(&self.config.storage.directory),
            uploads: self.config.storage.limits(),
        };
        Ok(State::new(db.clone(), application::passwords::Passwords::start(1, 1)?, settings))
    }

    /// Starts it and waits until it listens.
    pub fn start(&self) -> Outcome<Server> {
        let mut command = Command::new(env::current_exe()?);
        command.arg("--serve").env_clear().envs(&self.environment);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(File::create(&self.log)?);
        let mut server = Server { address: self.config.listen, process: command.spawn()? };
        let begun = Instant::now();
        while TcpStream::connect(server.address).is_err() {
            if server.process.try_wait()?.is_some() || begun.elapsed() > PATIENCE {
                return Err(format!("the server does not start:\n{}", fs::read_to_string(&self.log)?).into());
            }
            sleep(Duration::from_millis(20));
        }
        Ok(server)
    }
}

impl Server {
    /// What the operating system says of its memory; nothing where there is no `/proc`.
    pub fn memory(&self) -> Option<Memory> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id())).ok()?;
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
            line?.split_whitespace().next()?.parse().ok()
        };
        Some(Memory { resident: field("VmRSS")?, peak: field("VmHWM")? })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // If it is gone already there is nothing to do.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn free_port() -> Outcome<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}
