//! What others have written opens our envelopes: the program `age`, and `gfcombine` of libgfshare. This is what
//! `docs/sealing.md` tells to do by hand.

use crate::{
    Scene,
    document::{decrypted, encrypted},
    label,
};
use sealing::{DOCUMENT_HEAD, Kind, SecretKey, check_document, check_shape};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};
use tempfile::TempDir;

/// Whether the programs are there. Where `scripts/setup` installs them, they must be.
fn programs() -> bool {
    let paths: Vec<PathBuf> = std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()).collect();
    let missing = |name: &&&str| !paths.iter().any(|path| path.join(name).is_file());
    let all = ["age", "age-keygen", "gfcombine", "python3"];
    let missing: Vec<&&str> = all.iter().filter(missing).collect();
    let debian = Path::new("/usr/bin/apt-get").exists();
    assert!(missing.is_empty() || !debian, "{missing:?} missing: run scripts/setup tests");
    if !missing.is_empty() {
        eprintln!("SKIPPED: {missing:?} missing; install age and libgfshare to test that they open envelopes");
    }
    missing.is_empty()
}

/// Runs a script as the document prints it, and gives what it printed.
fn run(directory: &Path, script: &str) -> Vec<u8> {
    let output = Command::new("sh").args(["-euc", script]).current_dir(directory).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// The envelope in files, as `provoco seal` writes them, and the holders' keys.
fn lay_out(scene: &Scene) -> TempDir {
    let directory = TempDir::new().unwrap();
    let put = |name: &str, content: &[u8]| fs::write(directory.path().join(name), content).unwrap();
    put("manifest.json", &scene.envelope().manifest);
    put("content.age", &scene.envelope().content);
    put("recovery-key.txt", scene.sealed.key.to_text().as_bytes());
    for (i, (file, key)) in scene.envelope().shares.iter().zip(&scene.holders).enumerate() {
        put(&format!("share-{:03}.age", i + 1), file);
        put(&format!("holder-{:03}.key", i + 1), format!("{}\n", *key.to_text()).as_bytes());
    }
    directory
}

/// The steps of the document, between the marks of this name.
fn steps(name: &str) -> String {
    let document = include_str!("../../../../docs/sealing.md");
    let (_, rest) = document.split_once(&format!("<!-- steps: {name} -->\n\n```sh\n")).unwrap();
    rest.split_once("```\n").unwrap().0.to_owned()
}

#[test]
fn age_and_gfcombine_open_an_envelope_as_the_document_says() {
    if !programs() {
        return;
    }
    let content: Vec<u8> = (0..70_000_u32).flat_map(u32::to_le_bytes).collect();
    let scene = Scene::with(3, 5, &label("c-1", "b-1", Kind::Quality), &content);
    for holders in [[1, 2, 3], [5, 3, 1], [2, 4, 5]] {
        let directory = lay_out(&scene);
        let path = directory.path();
        for index in holders {
            let step = steps("holder")
                .replace("003", &format!("{index:03}"))
                .replace("holder.key", &format!("holder-{index:03}.key"));
            run(path, &step);
            assert_eq!(fs::read(path.join(format!("share.{index:03}"))).unwrap(), scene.share(index).expose());
        }
        run(path, &steps("combine"));
        assert_eq!(fs::read(path.join("secret")).unwrap(), scene.sealed.key.expose());
        fs::write(path.join("key.txt"), scene.sealed.key.to_text().as_bytes()).unwrap();
        run(path, &steps("key"));
        let made = fs::read_to_string(path.join("key.txt")).unwrap();
        assert_eq!(made.trim(), *scene.sealed.key.to_text());
        assert_eq!(
            String::from_utf8(run(path, &steps("commitment"))).unwrap().trim(),
            scene.manifest().key_commitment.to_string()
        );
        run(path, &steps("open"));
        assert_eq!(fs::read(path.join("content")).unwrap(), content);
    }
}

#[test]
fn age_opens_an_envelope_with_the_key_that_the_bidder_kept() {
    if !programs() {
        return;
    }
    let scene = Scene::new(2, 3);
    let directory = lay_out(&scene);
    fs::rename(directory.path().join("recovery-key.txt"), directory.path().join("key.txt")).unwrap();
    run(directory.path(), &steps("open"));
    assert_eq!(fs::read(directory.path().join("content")).unwrap(), b"Lamps that go by themselves");
}

#[test]
fn two_shares_of_three_combined_by_gfcombine_give_no_key() {
    if !programs() {
        return;
    }
    let scene = Scene::new(3, 5);
    let directory = lay_out(&scene);
    for index in [1, 4] {
        fs::write(directory.path().join(format!("share.{index:03}")), scene.share(index).expose()).unwrap();
    }
    run(directory.path(), &steps("combine"));
    assert_ne!(fs::read(directory.path().join("secret")).unwrap(), scene.sealed.key.expose());
}

/// So an envelope can be made without our code, too.
#[test]
fn what_the_program_age_encrypts_passes_as_a_content() {
    if !programs() {
        return;
    }
    let scene = Scene::new(2, 3);
    let directory = lay_out(&scene);
    fs::write(directory.path().join("frame"), vec![0; 4 << 10]).unwrap();
    let recipient = scene.sealed.key.recipient().to_string();
    run(directory.path(), &format!("age -r {recipient} -o made.age frame"));
    let mut envelope = scene.envelope().clone();
    envelope.content = fs::read(directory.path().join("made.age")).unwrap();
    let mut manifest = scene.manifest();
    manifest.content.sha256 = sealing::envelope_digest(&envelope.content);
    envelope.manifest = manifest.to_json();
    check_shape(&envelope, &scene.committee, &scene.label).unwrap();
    // Not framed, though.
    let error = sealing::open(&manifest, &envelope.content, &scene.sealed.key).unwrap_err();
    assert_eq!(error, sealing::OpenError::Malformed);
}

#[test]
fn keys_of_age_keygen_are_read() {
    if !programs() {
        return;
    }
    let directory = TempDir::new().unwrap();
    run(directory.path(), "age-keygen -o key.txt; age-keygen -y key.txt > recipient.txt");
    let key = SecretKey::parse(&fs::read_to_string(directory.path().join("key.txt")).unwrap()).unwrap();
    assert_eq!(fs::read_to_string(directory.path().join("recipient.txt")).unwrap().trim(), key.recipient().to_string());
}

/// The document is enough to write a program that seals.
#[test]
fn an_envelope_sealed_by_a_program_of_others_passes_and_opens() {
    if !programs() {
        return;
    }
    let scene = Scene::new(3, 5);
    let directory = TempDir::new().unwrap();
    let path = directory.path();
    fs::write(path.join("committee.json"), scene.committee.to_json()).unwrap();
    fs::write(path.join("seal.py"), include_str!("seal.py")).unwrap();
    for content in [b"1".to_vec(), vec![7; 20_000]] {
        fs::write(path.join("content.bin"), &content).unwrap();
        run(path, "rm -rf out; python3 seal.py committee.json c-1 b-1 1 quality content.bin out");
        let envelope = crate::vectors::read_envelope(&path.join("out/envelope"), 5);
        let manifest = check_shape(&envelope, &scene.committee, &scene.label).unwrap();
        let shares: Vec<_> = [4, 2, 5].iter().map(|index| scene.share_of(&envelope, *index)).collect();
        let key = sealing::combine(&manifest, &shares).unwrap().key;
        assert_eq!(*sealing::open(&manifest, &envelope.content, &key).unwrap().content, content);
    }
}

#[tokio::test]
async fn age_encrypts_a_document_and_opens_ours_as_the_document_says() {
    if !programs() {
        return;
    }
    let directory = TempDir::new().unwrap();
    let path = directory.path();
    let content: Vec<u8> = (0..5_000_u32).flat_map(u32::to_le_bytes).collect();
    fs::write(path.join("plan.pdf"), &content).unwrap();
    run(path, &steps("encrypt a document"));
    let file = fs::read(path.join("plan.age")).unwrap();
    check_document(&file[..DOCUMENT_HEAD], file.len() as u64).unwrap();
    let key = SecretKey::parse(&fs::read_to_string(path.join("document.key")).unwrap()).unwrap();
    assert_eq!(&decrypted(&key, &file).await.unwrap()[..content.len()], content);
    let (ours, secret) = encrypted(&content, 4096);
    fs::write(path.join("plan.age"), ours).unwrap();
    fs::write(path.join("document.key"), secret.key.to_text().as_bytes()).unwrap();
    fs::remove_file(path.join("plan.pdf")).unwrap();
    run(path, &steps("open a document").replace("48231", &content.len().to_string()));
    assert_eq!(fs::read(path.join("plan.pdf")).unwrap(), content);
}
