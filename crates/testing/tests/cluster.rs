//! The throwaway PostgreSQL: it starts, keeps databases apart, can be stopped, and leaves nothing behind.
#![allow(clippy::unwrap_used)]

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, sql_query, sql_types::BigInt};
use testing::{Cluster, cluster};

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

fn connect(url: &str) -> PgConnection {
    PgConnection::establish(url).unwrap()
}

fn count(connection: &mut PgConnection, sql: &str) -> i64 {
    sql_query(sql).get_result::<Count>(connection).unwrap().count
}

fn tables_called_notes(connection: &mut PgConnection) -> i64 {
    count(connection, "SELECT count(*) FROM pg_tables WHERE tablename = 'notes'")
}

#[test]
fn two_databases_are_separate_and_a_template_is_copied() {
    cluster().create_database("left", None);
    sql_query("CREATE TABLE notes ()").execute(&mut connect(&cluster().url("left"))).unwrap();
    cluster().create_database("right", None);
    cluster().create_database("copy", Some("left"));
    assert_eq!(tables_called_notes(&mut connect(&cluster().url("right"))), 0);
    assert_eq!(tables_called_notes(&mut connect(&cluster().url("copy"))), 1);
}

#[test]
fn a_dropped_database_is_gone_even_while_somebody_is_connected() {
    cluster().create_database("brief", None);
    let _connected = connect(&cluster().url("brief"));
    cluster().drop_database("brief");
    assert!(PgConnection::establish(&cluster().url("brief")).is_err());
    cluster().drop_database("brief");
}

#[test]
fn letters_beyond_ascii_fold_and_texts_sort_by_their_bytes() {
    let mut connection = connect(&cluster().url("postgres"));
    assert_eq!(count(&mut connection, "SELECT count(*) WHERE lower('É') = 'é' AND 'Z' < 'a'"), 1);
}

#[test]
fn only_a_durable_server_waits_for_the_disk() {
    let durable = "SELECT count(*) FROM pg_settings WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit') \
                   AND setting = 'on'";
    let careful = Cluster::start_durable();
    assert_eq!(count(&mut connect(&careful.url("postgres")), durable), 3);
    assert_eq!(count(&mut connect(&cluster().url("postgres")), durable), 1);
}

#[test]
fn a_stopped_server_refuses_and_comes_back_with_its_data() {
    let cluster = Cluster::start_private();
    cluster.create_database("kept", None);
    let mut connection = connect(&cluster.url("kept"));
    cluster.stop_immediate();
    assert!(sql_query("SELECT 1").execute(&mut connection).is_err());
    assert!(PgConnection::establish(&cluster.url("kept")).is_err());
    cluster.start_again();
    connect(&cluster.url("kept"));
}

#[test]
fn a_dropped_cluster_leaves_neither_process_nor_folder() {
    let cluster = Cluster::start_private();
    let (folder, server) = (cluster.folder().to_owned(), server(cluster.folder()));
    drop(cluster);
    assert!(!folder.exists() && !is_alive(&server));
}

#[test]
fn a_killed_test_process_leaves_neither_server_nor_folder() {
    let (mut process, folder) = start_victim();
    let server = server(&folder);
    assert!(is_alive(&server));
    // By SIGKILL: it can clean up nothing itself.
    process.kill().unwrap();
    process.wait().unwrap();
    let begun = Instant::now();
    while folder.exists() || is_alive(&server) {
        assert!(begun.elapsed() < Duration::from_secs(20), "{} is still there", folder.display());
        sleep(Duration::from_millis(20));
    }
}

/// Another process with a cluster, and the cluster's folder.
fn start_victim() -> (Child, PathBuf) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_throwaway-postgres"));
    let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut url = String::new();
    BufReader::new(process.stdout.as_mut().unwrap()).read_line(&mut url).unwrap();
    let host = url.trim_start_matches("postgres://provoco@").split_once(':').unwrap().0;
    (process, PathBuf::from(host.replace("%2F", "/")))
}

/// The process id of the server on `folder`.
fn server(folder: &Path) -> String {
    let pid_file = std::fs::read_to_string(folder.join("data/postmaster.pid")).unwrap();
    pid_file.lines().next().unwrap().to_owned()
}

fn is_alive(process: &str) -> bool {
    Command::new("kill").args(["-0", process]).stderr(Stdio::null()).status().unwrap().success()
}
