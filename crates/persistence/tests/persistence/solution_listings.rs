//! Rows of the catalogue of solutions.

use crate::support::Scene;
use domain::{
    Solution,
    solution::{Maturity, SolutionContent, SolutionInvitation, SolutionInvitationStatus, SolutionStatus, Visibility},
};
use persistence::{Conn, Result};

/// A listing of the company.
pub fn solution(conn: &mut Conn, scene: &Scene) -> Result<Solution> {
    let solution = Solution {
        id: conn.new_id(),
        company: scene.company.id,
        status: SolutionStatus::Draft,
        content: SolutionContent {
            title: "Hearing distress".to_owned(),
            summary: String::new(),
            description: String::new(),
            maturity: Maturity::Idea,
            visibility: Visibility::Public,
            cpv_codes: Vec::new(),
            tags: vec!["flood".to_owned()],
            capabilities: Vec::new(),
            references: Vec::new(),
            languages: Vec::new(),
            website: None,
        },
        created_at: scene.user.created_at,
        published_at: None,
        version: 1,
    };
    persistence::solutions::insert(conn, &solution)?;
    Ok(solution)
}

/// That the agency invited the company.
pub fn solution_invitation(conn: &mut Conn, scene: &Scene, solution: &Solution) -> Result<()> {
    let invitation = SolutionInvitation {
        id: conn.new_id(),
        challenge: scene.challenge.id,
        agency: scene.agency.id,
        solution: solution.id,
        solution_title: solution.content.title.clone(),
        company: solution.company,
        message: "Look.".to_owned(),
        status: SolutionInvitationStatus::Pending,
        created_at: scene.user.created_at,
        answered_at: None,
        decline_reason: None,
    };
    persistence::solution_invitations::insert(conn, &invitation)
}
