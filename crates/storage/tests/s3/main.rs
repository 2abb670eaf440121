//! Files in a service that speaks S3, with a service that the tests play. What does not need to look inside of it runs on a real
//! one instead, if `PROVOCO_TEST_S3` names it: `http://key-id:secret@host:port/bucket`.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod service;

use bytes::Bytes;
use futures_util::TryStreamExt;
use service::{BUCKET, KEY_ID, Service};
use std::{env, fs, ops::Range};
use storage::{Error, Hash, S3Settings, Storage};
use tempfile::TempDir;
use uuid::Uuid;

const ID: Uuid = Uuid::from_u128(7);

/// A part of a file, as it is sent.
const PART: usize = 8 << 20;

struct Place {
    directory: TempDir,
    service: Service,
    storage: Storage,
}

fn played() -> Place {
    let (directory, service) = (TempDir::new().unwrap(), Service::start());
    let settings = S3Settings {
        endpoint: Some(service.endpoint.clone()),
        bucket: BUCKET.to_owned(),
        region: "eu-central-1".to_owned(),
        access_key: Some((KEY_ID.to_owned(), "secret".to_owned())),
    };
    let storage = Storage::s3(directory.path(), settings).unwrap();
    Place { directory, service, storage }
}

/// On the real service, if there is one.
fn any() -> Place {
    let place = played();
    let Ok(named) = env::var("PROVOCO_TEST_S3") else { return place };
    let (key, rest) = named.strip_prefix("http://").unwrap().split_once('@').unwrap();
    let ((id, secret), (host, bucket)) = (key.split_once(':').unwrap(), rest.split_once('/').unwrap());
    let settings = S3Settings {
        endpoint: Some(format!("http://{host}")),
        bucket: bucket.to_owned(),
        region: "eu-central-1".to_owned(),
        access_key: Some((id.to_owned(), secret.to_owned())),
    };
    Place { storage: Storage::s3(place.directory.path(), settings).unwrap(), ..place }
}

/// Receives a file and gives its hash.
async fn receive(storage: &Storage, id: Uuid, content: &'static [u8]) -> Hash {
    let mut writer = storage.incoming.take(id).await.unwrap().after(0).await.unwrap();
    writer.write(&Bytes::from_static(content)).await.unwrap();
    writer.sync().await.unwrap();
    Hash::of_file(&storage.incoming.path(id)).await.unwrap()
}

async fn read(storage: &Storage, hash: Hash, range: Range<u64>) -> Result<Vec<u8>, Error> {
    let pieces: Vec<Bytes> = storage.store.open(hash, range).await?.try_collect().await?;
    Ok(pieces.concat())
}

/// A content of this size that is like no other.
fn content(size: usize, seed: usize) -> &'static [u8] {
    (0..size).map(|n| u8::try_from((n * 31 + n / 251 + seed) % 256).unwrap()).collect::<Vec<_>>().leak()
}

#[tokio::test]
async fn a_file_is_kept_by_its_hash_read_in_ranges_and_deleted() {
    let place = any();
    let storage = &place.storage;
    let hash = receive(storage, ID, b"abc").await;
    storage.store.delete(hash).await.unwrap();
    assert_eq!(storage.store.size(hash).await.unwrap(), None);
    storage.store.put(hash, &storage.incoming.path(ID)).await.unwrap();
    assert_eq!(storage.store.size(hash).await.unwrap(), Some(3));
    assert!(storage.incoming.list().await.unwrap().is_empty());
    for (range, expected) in [(0..3, "abc"), (1..2, "b"), (2..3, "c"), (3..3, "")] {
        assert_eq!(read(storage, hash, range.clone()).await.unwrap(), expected.as_bytes(), "{range:?}");
    }
    assert!(matches!(read(storage, hash, 0..4).await, Err(Error::Missing)));
    for _ in 0..2 {
        storage.store.delete(hash).await.unwrap();
    }
    assert!(matches!(read(storage, hash, 0..3).await, Err(Error::Missing)));
}

#[tokio::test]
async fn a_large_file_is_sent_in_parts_and_comes_back_as_it_was() {
    let place = any();
    let storage = &place.storage;
    for (seed, size) in [PART - 1, PART, PART + 1, 2 * PART, 2 * PART + 12_345].into_iter().enumerate() {
        let content = content(size, seed);
        let hash = receive(storage, ID, content).await;
        storage.store.put(hash, &storage.incoming.path(ID)).await.unwrap();
        let end = size as u64;
        assert!(read(storage, hash, 0..end).await.unwrap() == content, "{size}");
        let middle = 1_000_003..end - 17;
        assert!(read(storage, hash, middle).await.unwrap() == content[1_000_003..size - 17], "{size}");
        storage.store.delete(hash).await.unwrap();
    }
    assert!(place.service.held().largest <= PART, "never more in memory than a part");
    assert!(place.service.held().uploads.is_empty());
}

#[tokio::test]
async fn taking_over_can_be_repeated_and_keeps_one_copy() {
    let place = any();
    let storage = &place.storage;
    let other = Uuid::from_u128(8);
    let hash = receive(storage, ID, b"abcd").await;
    receive(storage, other, b"abcd").await;
    for id in [ID, ID, other, other] {
        storage.store.put(hash, &storage.incoming.path(id)).await.unwrap();
    }
    assert!(storage.incoming.list().await.unwrap().is_empty());
    assert_eq!(read(storage, hash, 0..4).await.unwrap(), b"abcd");
    storage.store.delete(hash).await.unwrap();
    let gone = storage.store.put(hash, &storage.incoming.path(ID)).await;
    assert!(matches!(gone, Err(Error::Missing)), "{gone:?}");
}

#[tokio::test]
async fn what_half_arrived_earlier_is_sent_again() {
    let place = played();
    let hash = receive(&place.storage, ID, b"abc").await;
    let name = hash.to_string();
    place.service.held().objects.insert(format!("objects/{}/{name}", &name[..2]), b"ab".to_vec());
    place.storage.store.put(hash, &place.storage.incoming.path(ID)).await.unwrap();
    assert_eq!(place.service.held().objects.values().collect::<Vec<_>>(), [b"abc"]);
}

#[tokio::test]
async fn a_failure_that_passes_is_not_noticed_and_one_that_stays_loses_nothing() {
    let place = played();
    let content = content(2 * PART, 9);
    let hash = receive(&place.storage, ID, content).await;
    let path = place.storage.incoming.path(ID);
    // The first two requests of the first attempt are repeated; the parts of the second one fail for good.
    place.service.held().failing = usize::MAX;
    assert!(matches!(place.storage.store.put(hash, &path).await, Err(Error::Unavailable(_))));
    assert_eq!(fs::read(&path).unwrap().len(), content.len(), "the original stays");
    place.service.held().failing = 2;
    place.storage.store.put(hash, &path).await.unwrap();
    assert!(read(&place.storage, hash, 0..content.len() as u64).await.unwrap() == content);
    assert!(place.service.held().uploads.is_empty());
}

#[tokio::test]
async fn a_download_that_breaks_is_never_taken_for_whole() {
    let place = played();
    let content = content(1 << 20, 3);
    let hash = receive(&place.storage, ID, content).await;
    place.storage.store.put(hash, &place.storage.incoming.path(ID)).await.unwrap();
    place.service.held().breaks_after = Some(1_000);
    // Either it goes on where it broke, or it fails.
    match read(&place.storage, hash, 0..content.len() as u64).await {
        Ok(read) => assert!(read == content),
        Err(error) => assert!(matches!(error, Error::Unavailable(_)), "{error}"),
    }
}

#[tokio::test]
async fn a_wrong_key_or_bucket_or_no_service_at_all_is_an_error_and_not_an_absence() {
    let place = played();
    let settings = |endpoint: &str, key: &str, bucket: &str| S3Settings {
        endpoint: Some(endpoint.to_owned()),
        bucket: bucket.to_owned(),
        region: "eu-central-1".to_owned(),
        access_key: Some((key.to_owned(), "secret".to_owned())),
    };
    let hash = receive(&place.storage, ID, b"abc").await;
    for (endpoint, key) in [(&*place.service.endpoint, "AKIDOTHER"), ("http://127.0.0.1:9", KEY_ID)] {
        let storage = Storage::s3(TempDir::new().unwrap().path(), settings(endpoint, key, BUCKET)).unwrap();
        assert!(matches!(storage.store.size(hash).await, Err(Error::Unavailable(_))), "{endpoint} {key}");
    }
    let elsewhere = settings(&place.service.endpoint, KEY_ID, "elsewhere");
    let storage = Storage::s3(place.directory.path(), elsewhere).unwrap();
    let refused = storage.store.put(hash, &storage.incoming.path(ID)).await;
    assert!(matches!(refused, Err(Error::Unavailable(_))), "{refused:?}");
}
