//! The signing key is made once, privately, and stays the same.

use std::fs;
use std::sync::Barrier;
use std::thread;

use server::config::KeyError;

use crate::Scene;

#[test]
fn a_configured_key_is_used_and_no_file_made() {
    let scene = Scene::new(&format!("auth.signing_key = \"{}\"", "0aF0".repeat(20)));
    assert_eq!(scene.config().signing_key().unwrap(), [0x0a, 0xf0].repeat(20));
    assert!(!scene.directory.path().join("signing.key").exists());
}

#[test]
fn configured_keys_are_at_least_32_bytes_of_hexadecimal() {
    for key in ["".into(), "0".repeat(62), "0".repeat(65), "g".repeat(64), format!("+f{}", "0".repeat(62))] {
        let expected =
            "DATA/provoco.toml:1: `auth.signing_key` = ********: must be at least 64 hexadecimal digits (32 bytes)";
        assert_eq!(Scene::new(&format!("auth.signing_key = \"{key}\"")).problems(), [expected]);
    }
}

#[test]
fn a_missing_key_is_made_once() {
    let mut scene = Scene::without_file();
    let data = scene.directory.path().join("not/yet/there");
    scene.overrides.data = Some(data.to_str().unwrap().into());
    let key = scene.config().signing_key().unwrap();
    assert_eq!(key.len(), 32);
    assert_eq!(scene.config().signing_key().unwrap(), key);
    assert_eq!(fs::read_dir(data).unwrap().count(), 1, "nothing left beside the key");
}

#[test]
fn each_installation_has_a_key_of_its_own() {
    let key = || Scene::without_file().config().signing_key().unwrap();
    assert_ne!(key(), key());
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_the_key() {
    use std::os::unix::fs::PermissionsExt;
    let mut scene = Scene::without_file();
    let data = scene.directory.path().join("data");
    scene.overrides.data = Some(data.to_str().unwrap().into());
    scene.config().signing_key().unwrap();
    let mode = |path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(data.join("signing.key")), 0o600);
    assert_eq!(mode(data), 0o700);
}

#[test]
fn callers_at_the_same_time_agree() {
    const CALLERS: usize = 8;
    for _ in 0..20 {
        let scene = Scene::without_file();
        let config = scene.config();
        let start = Barrier::new(CALLERS);
        let call = || {
            start.wait();
            config.signing_key().unwrap()
        };
        let keys = thread::scope(|scope| {
            let callers = [(); CALLERS].map(|()| scope.spawn(call));
            callers.map(|caller| caller.join().unwrap())
        });
        assert!(keys.iter().all(|key| *key == keys[0]));
        assert_eq!(fs::read_dir(scene.directory.path()).unwrap().count(), 1, "nothing left beside the key");
    }
}

#[test]
fn a_damaged_key_file_is_kept_and_reported() {
    let scene = Scene::without_file();
    let path = scene.directory.path().join("signing.key");
    for content in ["", "1234\n"] {
        fs::write(&path, content).unwrap();
        let error = scene.config().signing_key().unwrap_err();
        assert!(matches!(error, KeyError::Malformed(ref origin) if *origin == path.display().to_string()));
        assert!(!error.to_string().contains("1234"));
        assert_eq!(fs::read_to_string(&path).unwrap(), content);
    }
}

#[test]
fn a_data_directory_that_cannot_be_made_is_reported() {
    let mut scene = Scene::without_file();
    let file = scene.directory.path().join("file");
    fs::write(&file, "").unwrap();
    scene.overrides.data = Some(file.join("data").to_str().unwrap().into());
    scene.overrides.config = Some(file);
    assert!(matches!(scene.config().signing_key(), Err(KeyError::File { .. })));
}
