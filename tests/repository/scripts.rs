//! Scripts can be started.

use std::{fs, os::unix::fs::PermissionsExt};

use crate::{assert_none, names, read, root};

#[test]
fn scripts_can_be_started() {
    let others = ["scripts", ".ci"].map(|folder| names(folder).into_iter().map(move |name| format!("{folder}/{name}")));
    let all = ["run", "test"].map(ToOwned::to_owned).into_iter().chain(others.into_iter().flatten());
    let cannot = all.filter(|script| {
        let mode = fs::metadata(root().join(script)).unwrap().permissions().mode();
        mode & 0o111 != 0o111 || !read(script).starts_with("#!/")
    });
    assert_none(&cannot.map(|script| format!("{script} cannot be started")).collect::<Vec<_>>());
}
