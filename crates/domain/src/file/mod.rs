//! Files that people send: what may be announced, and what becomes of it.

mod finding;
mod media_type;
mod name;
mod scan;
mod upload;

pub use finding::{Finding, FindingKind};
pub use media_type::MediaType;
pub use name::check_name;
pub use scan::{FileScan, Scan, ScanStatus, Verdict};
pub use upload::{
    Announced, LIFETIME, MOST_UPLOADS, Received, Rejection, StoredFile, Upload, UploadLimits, UploadStatus, Usage,
    require_member,
};
