//! How well solutions and challenges go together: a table computed by hand, and properties.

use domain::{
    cpv::CpvCode,
    solution::{Match, Reason, Topic, compare, searched_words},
};
use proptest::{collection::btree_set, prelude::*};
use std::collections::BTreeSet;

fn code(digits: &str) -> CpvCode {
    CpvCode::parse(digits).unwrap()
}

/// Codes, tags and capabilities, told apart by how they are written.
fn about(words: &[&str]) -> BTreeSet<Topic> {
    let topic = |word: &&str| match word.split_once(':') {
        Some(("can", capability)) => Topic::Capability(capability.to_owned()),
        Some(("tag", tag)) => Topic::Tag(tag.to_owned()),
        _ => Topic::Cpv(code(word)),
    };
    words.iter().map(topic).collect()
}

#[test]
fn scores_are_sums_of_points_as_documented() {
    let strings = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let (tags, named) = (
        |words: &[&str]| Reason::SharedTags(strings(words)),
        |words: &[&str]| Reason::NamedCapabilities(strings(words)),
    );
    let related = |words: &[&str]| Reason::RelatedCpvCodes(strings(words));
    let same = |words: &[&str]| Reason::SameCpvCodes(words.iter().map(|word| code(word)).collect());
    for (solution, challenge, text, score, reasons) in [
        (&["72212000"][..], &["72212000"][..], "", 25, vec![same(&["72212000"])]),
        (&["72212100"], &["72212000"], "", 15, vec![related(&["7221"])]),
        (&["72230000"], &["72212000"], "", 10, vec![related(&["722"])]),
        (&["72500000"], &["72212000"], "", 5, vec![related(&["72"])]),
        (&["72221000", "72212000"], &["72212000"], "", 25, vec![same(&["72212000"])]),
        (&["72220000"], &["72221000", "72229000"], "", 30, vec![related(&["7222"])]),
        (
            &["72000000", "48000000", "32000000"],
            &["72000000", "48000000", "32000000"],
            "",
            50,
            vec![same(&["32000000", "48000000", "72000000"])],
        ),
        (&["tag:flood", "tag:map"], &["tag:flood", "tag:fish"], "", 10, vec![tags(&["flood"])]),
        (
            &["tag:a", "tag:b", "tag:c", "tag:d"],
            &["tag:a", "tag:b", "tag:c", "tag:d"],
            "",
            30,
            vec![tags(&["a", "b", "c", "d"])],
        ),
        (&["can:speech recognition"], &[], "Is SPEECH-recognition possible?", 10, vec![named(&["speech recognition"])]),
        (
            &["can:flood", "can:map", "can:call"],
            &["tag:flood"],
            "A map of a call",
            20,
            vec![named(&["call", "flood", "map"])],
        ),
        (
            &["72212000", "tag:flood", "can:map"],
            &["72212000", "tag:flood"],
            "map",
            45,
            vec![same(&["72212000"]), tags(&["flood"]), named(&["map"])],
        ),
    ] {
        let found = compare(&about(solution), &about(challenge), text);
        assert_eq!(found, Some(Match { score, reasons }), "{solution:?} {challenge:?} {text}");
    }
}

#[test]
fn nothing_in_common_is_no_match() {
    for (solution, challenge, text) in [
        (&["72212000"][..], &["48000000"][..], ""),
        (&["tag:flood"], &["tag:floods"], "flood"),
        (&["can:map"], &[], "mapping, maps and bitmap"),
        (&["can:speech recognition"], &[], "recognition of speech"),
        (&["can:speech"], &["tag:recognition"], "free / speeches"),
        (&["can:--"], &[], "-- --"),
        (&[], &[], "nothing"),
    ] {
        assert_eq!(compare(&about(solution), &about(challenge), text), None, "{solution:?}");
    }
}

#[test]
fn topics_are_read_back_as_they_were_stored() {
    let code = code("72212000");
    for topic in [
        Topic::division(&code),
        Topic::Cpv(code),
        Topic::Tag("a:b".to_owned()),
        Topic::Capability("tag:x".to_owned()),
        Topic::Word("über".to_owned()),
    ] {
        assert_eq!(Topic::parse(&topic.key()), Some(topic));
    }
    for wrong in ["", "tag", "cpv:7", "other:x"] {
        assert_eq!(Topic::parse(wrong), None);
    }
}

#[test]
fn words_are_looked_for_in_lower_case_and_only_so_many() {
    assert_eq!(searched_words("  Hearing, 112-CALLS! "), ["hearing", "112", "calls"]);
    assert_eq!(searched_words("ΟΔΟΣ"), ["οδοσ"]);
    assert_eq!(searched_words("a b c d e f g").len(), 5);
    assert!(searched_words("% _ ' \\").is_empty());
}

fn topic() -> impl Strategy<Value = Topic> {
    let cpv = "[1-9][0-2][0-2][01]0000".prop_map(|digits| Topic::Cpv(code(&digits)));
    let word = "[a-e]";
    prop_oneof![cpv, word.prop_map(Topic::Tag), word.prop_map(Topic::Capability)]
}

proptest! {
    #[test]
    fn a_score_is_within_its_range_and_has_reasons(
        solution in btree_set(topic(), 0..20), challenge in btree_set(topic(), 0..20), text in "[a-e ]{0,20}",
    ) {
        if let Some(found) = compare(&solution, &challenge, &text) {
            prop_assert!((1..=100).contains(&found.score) && !found.reasons.is_empty(), "{:?}", found);
        }
    }

    #[test]
    fn more_in_common_is_never_less(
        solution in btree_set(topic(), 0..10), challenge in btree_set(topic(), 0..10), more in topic(), text in "[a-e ]{0,9}",
    ) {
        let score = |one: &BTreeSet<Topic>, other: &BTreeSet<Topic>| compare(one, other, &text).map_or(0, |found| found.score);
        let before = score(&solution, &challenge);
        let (mut wider, mut asked) = (solution, challenge);
        wider.insert(more.clone());
        prop_assert!(score(&wider, &asked) >= before);
        asked.insert(more);
        prop_assert!(score(&wider, &asked) >= before);
    }
}
