//! The bank account of an organisation: checked, hidden, changed by somebody at the keyboard.

use crate::{
    app::{TestApp, get},
    marketplace::company,
    rows::{change, dump, refused},
};
use serde_json::json;
use testing::Backend;

testing::on_both! {
    async fn the_number_is_stored_encrypted_and_shown_masked_to_insiders_only(backend: Backend) {
        let app = TestApp::new(backend).await;
        let calm = company(&app, "Calm Signal").await;
        let at = format!("/organisations/{}", calm.id);
        let path = format!("{at}/bank-account");
        let number = json!({ "iban": "si56 1910 0000 0123 438" });
        let changed = app.call(calm.bidder.put(&path, 1, number.clone())).await.expect(200);
        assert_eq!(changed.body, json!({ "iban": "SI56 **** 3438" }));
        for reader in [&calm.bidder, &app.administrator().await] {
            let profile = app.call(reader.get(&format!("{at}/profile"))).await.expect(200);
            assert_eq!((&profile.body["iban"], &profile.body["organisation"]["version"]), (&json!("SI56 **** 3438"), &json!(2)));
        }
        let public = app.call(get(&at)).await.expect(200).text;
        assert!(!public.contains("SI56") && !public.contains("iban"));
        let stored = dump(&app);
        assert!(stored.contains("SI56 **** 3438") && stored.contains("organisation.bank_account_changed"));
        assert!(!stored.contains("SI56191000000123438") && !stored.contains("1910"), "{stored}");
        refused(&app, calm.bidder.put(&path, 1, number.clone()), 412, "stale").await;
        let none = app.call(calm.bidder.put(&path, 2, json!({ "iban": null }))).await.expect(200);
        assert_eq!(none.body["iban"], json!(null));
        change(&app, &format!("UPDATE sessions SET authenticated_at = NULL WHERE user_id = '{}'", calm.bidder.id));
        refused(&app, calm.bidder.put(&path, 3, number), 403, "step_up_required").await;
    }

    async fn a_number_with_a_wrong_digit_is_refused(backend: Backend) {
        let app = TestApp::new(backend).await;
        let calm = company(&app, "Calm Signal").await;
        let path = format!("/organisations/{}/bank-account", calm.id);
        for number in ["SI56191000000123439", "SI5619100000012343", "XX56191000000123438", "", "DE8937040044053201300"] {
            let request = calm.bidder.put(&path, 1, json!({ "iban": number }));
            let wrong = refused(&app, request, 422, "invalid").await;
            assert_eq!(wrong.fields(), [("/iban".to_owned(), "wrong_format".to_owned())], "{number}");
        }
    }
}
