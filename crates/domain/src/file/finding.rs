//! What office files tell besides what one sees of them.

/// What office files tell besides what one sees of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingKind {
    /// Who wrote it.
    AuthorData,
    /// Comments.
    Comments,
    /// What was deleted or added, and by whom.
    TrackedChanges,
    /// Text that is not shown.
    HiddenText,
    /// Sheets of a table that are not shown.
    HiddenSheets,
    /// Rows of a table that are not shown.
    HiddenRows,
    /// Columns of a table that are not shown.
    HiddenColumns,
    /// Slides that are not shown.
    HiddenSlides,
    /// What the speaker should say.
    SpeakerNotes,
}

impl FindingKind {
    /// Every kind.
    pub const ALL: [Self; 9] = [
        Self::AuthorData,
        Self::Comments,
        Self::TrackedChanges,
        Self::HiddenText,
        Self::HiddenSheets,
        Self::HiddenRows,
        Self::HiddenColumns,
        Self::HiddenSlides,
        Self::SpeakerNotes,
    ];

    /// The name of the kind.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AuthorData => "author_data",
            Self::Comments => "comments",
            Self::TrackedChanges => "tracked_changes",
            Self::HiddenText => "hidden_text",
            Self::HiddenSheets => "hidden_sheets",
            Self::HiddenRows => "hidden_rows",
            Self::HiddenColumns => "hidden_columns",
            Self::HiddenSlides => "hidden_slides",
            Self::SpeakerNotes => "speaker_notes",
        }
    }
}

/// Something that was found in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Finding {
    /// What it is.
    pub kind: FindingKind,
    /// How often it is there; at least 1.
    pub count: u32,
}
