//! Files in a service that speaks S3.

use crate::{Content, Error, Hash, Pending, Result, Store, local::remove};
use bytes::Bytes;
use futures_util::{TryStreamExt, stream};
use object_store::{
    ClientOptions, GetOptions, GetRange, MultipartUpload, ObjectStore, ObjectStoreExt, RetryConfig,
    aws::{AmazonS3, AmazonS3Builder},
    path::Path as Key,
};
use std::{ops::Range, path::Path, time::Duration};
use tokio::{
    fs::File,
    io::{AsyncRead, AsyncReadExt},
    time::timeout,
};

/// How much of a file is in memory while it is sent, at least; the smallest part that is allowed is 5 MiB.
const PART: u64 = 8 << 20;

/// The most parts of a file.
const MOST_PARTS: u64 = 10_000;

/// How long the service may say nothing.
const SILENCE: Duration = Duration::from_secs(30);

/// How long a part may take to be sent, repetitions included.
const PART_TAKES: Duration = Duration::from_secs(300);

/// Where files are, and how to get at them.
#[derive(Clone)]
pub struct S3Settings {
    /// The address of the service; without one it is Amazon's for the region.
    pub endpoint: Option<String>,
    /// The bucket, which must be there.
    pub bucket: String,
    /// The region that requests are signed for.
    pub region: String,
    /// The access key, its id first; without one it is asked of the machine, which must be one of Amazon's.
    pub access_key: Option<(String, String)>,
}

/// Files in a bucket, named by their hash: `objects/<first two digits>/<all digits>`.
pub struct S3Store {
    client: AmazonS3,
}

impl S3Store {
    /// In this bucket. Asks nothing of the service yet.
    pub fn new(settings: S3Settings) -> Result<Self> {
        // One cryptography for the whole program; whoever chose it first has chosen the same.
        drop(rustls::crypto::ring::default_provider().install_default());
        let S3Settings { endpoint, bucket, region, access_key } = settings;
        let insecure = endpoint.as_deref().is_some_and(|endpoint| endpoint.starts_with("http://"));
        // A file may take long, as long as something of it comes.
        let options = ClientOptions::new()
            .with_allow_http(insecure)
            .with_connect_timeout(Duration::from_secs(5))
            .with_read_timeout(SILENCE)
            .with_timeout_disabled();
        let retry = RetryConfig { max_retries: 3, retry_timeout: SILENCE, ..RetryConfig::default() };
        let mut builder = AmazonS3Builder::new()
            .with_client_options(options)
            .with_retry(retry)
            // Not every service knows how to delete many at once, and one is deleted at a time.
            .with_disable_bulk_delete(true)
            .with_bucket_name(bucket)
            .with_region(region);
        if let Some(endpoint) = endpoint {
            builder = builder.with_endpoint(endpoint);
        }
        if let Some((id, secret)) = access_key {
            builder = builder.with_access_key_id(id).with_secret_access_key(secret);
        }
        Ok(Self { client: builder.build()? })
    }

    async fn size(&self, hash: Hash) -> Result<Option<u64>> {
        match self.client.head(&key(hash)).await {
            Ok(meta) => Ok(Some(meta.size)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    async fn take_over(&self, hash: Hash, path: &Path) -> Result<()> {
        let mut file = match File::open(path).await.map_err(Error::from) {
            Err(Error::Missing) if self.size(hash).await?.is_some() => return Ok(()),
            file => file?,
        };
        let length = file.metadata().await?.len();
        if self.size(hash).await? != Some(length) {
            self.send(&key(hash), &mut file, length).await?;
        }
        // Its name may come back after a power cut; then it is taken over again.
        remove(path)
    }

    async fn send(&self, key: &Key, file: &mut File, length: u64) -> Result<()> {
        let size = PART.max(length.div_ceil(MOST_PARTS));
        if length <= size {
            let whole = next_part(file, size).await?;
            within(self.client.put(key, whole.into())).await?;
            return Ok(());
        }
        let mut upload = within(self.client.put_multipart(key)).await?;
        let sent = send_parts(upload.as_mut(), file, size).await;
        if sent.is_err() {
            // What cannot be aborted either is for the bucket's own rules to clean up.
            drop(upload.abort().await);
        }
        sent
    }

    async fn read(&self, hash: Hash, range: Range<u64>) -> Result<Content> {
        if range.is_empty() {
            let size = self.size(hash).await?.ok_or(Error::Missing)?;
            return if range.end <= size { Ok(Box::pin(stream::empty())) } else { Err(Error::Missing) };
        }
        let options = GetOptions { range: Some(GetRange::Bounded(range.clone())), ..GetOptions::default() };
        let found = self.client.get_opts(&key(hash), options).await?;
        if found.range != range {
            return Err(Error::Missing);
        }
        Ok(Box::pin(found.into_stream().map_err(Error::from)))
    }
}

fn key(hash: Hash) -> Key {
    let name = hash.to_string();
    Key::from_iter(["objects", &name[..2], &name])
}

async fn send_parts(upload: &mut dyn MultipartUpload, file: &mut File, size: u64) -> Result<()> {
    loop {
        let part = next_part(file, size).await?;
        if part.is_empty() {
            break;
        }
        within(upload.put_part(part.into())).await?;
    }
    within(upload.complete()).await?;
    Ok(())
}

/// The next `size` bytes, or what is left.
async fn next_part(file: &mut (impl AsyncRead + Unpin), size: u64) -> Result<Bytes> {
    let mut part = Vec::with_capacity(usize::try_from(size).unwrap_or_default());
    file.take(size).read_to_end(&mut part).await?;
    Ok(part.into())
}

/// Waits for something to be written. That anything is missing then is the bucket, not the file.
async fn within<T>(work: impl Future<Output = object_store::Result<T>>) -> Result<T> {
    let done = timeout(PART_TAKES, work).await;
    let done = done.map_err(|_| Error::Unavailable("the service takes too long".to_owned()))?;
    done.map_err(|error| Error::Unavailable(error.to_string()))
}

impl Store for S3Store {
    fn put<'a>(&'a self, hash: Hash, file: &'a Path) -> Pending<'a, ()> {
        Box::pin(self.take_over(hash, file))
    }

    fn open(&self, hash: Hash, range: Range<u64>) -> Pending<'_, Content> {
        Box::pin(self.read(hash, range))
    }

    fn size(&self, hash: Hash) -> Pending<'_, Option<u64>> {
        Box::pin(self.size(hash))
    }

    fn delete(&self, hash: Hash) -> Pending<'_, ()> {
        Box::pin(async move {
            match self.client.delete(&key(hash)).await {
                Err(object_store::Error::NotFound { .. }) => Ok(()),
                deleted => Ok(deleted?),
            }
        })
    }
}

impl From<object_store::Error> for Error {
    fn from(error: object_store::Error) -> Self {
        match error {
            object_store::Error::NotFound { .. } => Self::Missing,
            error => Self::Unavailable(error.to_string()),
        }
    }
}
