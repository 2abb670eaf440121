//! Files are kept whole or not at all, once each, and for the program alone.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use bytes::Bytes;
use futures_util::TryStreamExt;
use std::{fs, ops::Range, os::unix::fs::PermissionsExt, path::Path};
use storage::{Error, Hash, Storage};
use tempfile::TempDir;
use uuid::Uuid;

/// SHA-256 of "abc" (FIPS 180-4, example).
const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

const ID: Uuid = Uuid::from_u128(7);

fn storage() -> (TempDir, Storage) {
    let directory = TempDir::new().unwrap();
    let storage = Storage::local(directory.path().join("files"));
    (directory, storage)
}

/// Receives a file and gives its hash.
async fn receive(storage: &Storage, id: Uuid, content: &'static [u8]) -> Hash {
    let mut writer = storage.incoming.take(id).await.unwrap().after(0).await.unwrap();
    writer.write(&Bytes::from_static(content)).await.unwrap();
    assert_eq!(writer.sync().await.unwrap(), content.len() as u64);
    Hash::of_file(&storage.incoming.path(id)).await.unwrap()
}

async fn read(storage: &Storage, hash: Hash, range: Range<u64>) -> Result<Vec<u8>, Error> {
    let pieces: Vec<Bytes> = storage.store.open(hash, range).await?.try_collect().await?;
    Ok(pieces.concat())
}

fn modes(path: &Path) -> Vec<(bool, u32)> {
    let metadata = fs::metadata(path).unwrap();
    let own = (metadata.is_dir(), metadata.permissions().mode() & 0o777);
    let inside = metadata.is_dir().then(|| fs::read_dir(path).unwrap()).into_iter().flatten();
    std::iter::once(own).chain(inside.flat_map(|entry| modes(&entry.unwrap().path()))).collect()
}

#[tokio::test]
async fn a_file_is_kept_by_its_hash_read_in_ranges_and_deleted() {
    let (_directory, storage) = storage();
    let hash = receive(&storage, ID, b"abc").await;
    assert_eq!(hash.to_string(), ABC);
    assert_eq!(storage.store.size(hash).await.unwrap(), None);
    storage.store.put(hash, &storage.incoming.path(ID)).await.unwrap();
    assert_eq!(storage.store.size(hash).await.unwrap(), Some(3));
    assert!(storage.incoming.list().await.unwrap().is_empty());
    for (range, expected) in [(0..3, "abc"), (1..2, "b"), (2..3, "c"), (3..3, "")] {
        assert_eq!(read(&storage, hash, range.clone()).await.unwrap(), expected.as_bytes(), "{range:?}");
    }
    assert!(matches!(read(&storage, hash, 0..4).await, Err(Error::Missing)));
    for _ in 0..2 {
        storage.store.delete(hash).await.unwrap();
    }
    assert!(matches!(read(&storage, hash, 0..3).await, Err(Error::Missing)));
}

#[tokio::test]
async fn a_large_file_comes_back_as_it_was() {
    let (_directory, storage) = storage();
    let content: Vec<u8> = (0..1_000_003_u32).map(|n| (n % 251) as u8).collect();
    let content: &'static [u8] = content.leak();
    let hash = receive(&storage, ID, content).await;
    storage.store.put(hash, &storage.incoming.path(ID)).await.unwrap();
    assert_eq!(read(&storage, hash, 0..1_000_003).await.unwrap(), content);
    assert_eq!(read(&storage, hash, 65_535..900_001).await.unwrap(), content[65_535..900_001]);
}

#[tokio::test]
async fn taking_over_can_be_repeated_and_keeps_one_copy() {
    let (_directory, storage) = storage();
    let hash = receive(&storage, ID, b"abc").await;
    let other = Uuid::from_u128(8);
    receive(&storage, other, b"abc").await;
    for id in [ID, ID, other, other] {
        storage.store.put(hash, &storage.incoming.path(id)).await.unwrap();
    }
    assert!(storage.incoming.list().await.unwrap().is_empty());
    assert_eq!(read(&storage, hash, 0..3).await.unwrap(), b"abc");
    storage.store.delete(hash).await.unwrap();
    assert!(matches!(storage.store.put(hash, &storage.incoming.path(ID)).await, Err(Error::Missing)));
}

#[tokio::test]
async fn writing_goes_on_where_it_was_acknowledged() {
    let (_directory, storage) = storage();
    receive(&storage, ID, b"abXXXX").await;
    let mut writer = storage.incoming.take(ID).await.unwrap().after(2).await.unwrap();
    writer.write(&Bytes::from_static(b"c")).await.unwrap();
    assert_eq!((writer.written(), writer.sync().await.unwrap()), (3, 3));
    assert_eq!(fs::read(storage.incoming.path(ID)).unwrap(), b"abc");
    drop(writer);
    assert!(matches!(storage.incoming.take(ID).await.unwrap().after(4).await, Err(Error::Missing)));
}

#[tokio::test]
async fn one_writer_at_a_time() {
    let (_directory, storage) = storage();
    let writer = storage.incoming.take(ID).await.unwrap().after(0).await.unwrap();
    assert!(matches!(storage.incoming.take(ID).await, Err(Error::Busy)));
    assert!(matches!(storage.incoming.claim(ID).await, Err(Error::Busy)));
    drop(writer);
    let claim = storage.incoming.claim(ID).await.unwrap();
    assert!(matches!(storage.incoming.take(ID).await, Err(Error::Busy)));
    drop(claim);
    storage.incoming.take(ID).await.unwrap().after(0).await.unwrap();
    storage.incoming.remove(ID).await.unwrap();
    assert!(matches!(storage.incoming.claim(ID).await, Err(Error::Missing)));
}

#[tokio::test]
async fn nobody_else_on_the_machine_can_read_files() {
    let (directory, storage) = storage();
    let hash = receive(&storage, ID, b"abc").await;
    storage.store.put(hash, &storage.incoming.path(ID)).await.unwrap();
    receive(&storage, ID, b"abcd").await;
    let found = modes(&directory.path().join("files"));
    assert_eq!(found.len(), 6, "{found:?}");
    assert!(found.iter().all(|(is_directory, mode)| *mode == if *is_directory { 0o700 } else { 0o600 }), "{found:?}");
}

#[test]
fn a_hash_is_written_in_one_way_only() {
    assert_eq!(Hash::parse(ABC).unwrap().to_string(), ABC);
    let upper = ABC.to_uppercase();
    for wrong in ["", "../../../etc/passwd", &ABC[1..], &upper, &format!("{ABC}00"), &ABC.replace('b', "g")] {
        assert_eq!(Hash::parse(wrong), None, "{wrong}");
    }
}
