//! How a challenge is procured.

/// The kind of procedure; decides the minimum periods.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Procedure {
    /// A small pilot below the national low-value limit.
    SmallPilot,
    /// An open pilot.
    OpenPilot,
}

impl Procedure {
    /// Every procedure.
    pub const ALL: [Self; 2] = [Self::SmallPilot, Self::OpenPilot];

    /// The name of the procedure.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SmallPilot => "small_pilot",
            Self::OpenPilot => "open_pilot",
        }
    }

    /// The procedure of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|procedure| procedure.as_str() == name)
    }
}
