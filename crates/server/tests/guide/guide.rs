//! A guide as the tests see it: commands, and what they should print.

/// A block of commands with the lines that its output must have.
pub struct Step {
    /// What to run, exactly as printed.
    pub commands: String,
    /// The lines of the `text` block that follows, if there is one.
    pub expected: Vec<String>,
}

/// The `bash` blocks of a Markdown text, in order.
pub fn steps(markdown: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut lines = markdown.lines();
    while let Some(line) = lines.next() {
        let Some(kind) = line.strip_prefix("```") else { continue };
        let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        match (kind, steps.last_mut()) {
            ("bash", _) => steps.push(Step { commands: block.join("\n"), expected: Vec::new() }),
            ("text", Some(step)) => step.expected.extend(block.into_iter().map(ToOwned::to_owned)),
            _ => panic!("a block of kind {kind:?} is neither run nor compared"),
        }
    }
    steps
}

/// The first expected line that the output lacks; they must come in order, other lines may be between them.
pub fn first_missing<'e>(expected: &'e [String], output: &str) -> Option<&'e String> {
    let mut lines = output.lines().map(str::trim_end);
    expected.iter().find(|wanted| !lines.any(|line| line == *wanted))
}

#[test]
fn blocks_are_found_and_compared() {
    let steps = steps("Text\n```bash\none\ntwo\n```\nmore\n```text\nA\nB\n```\n```bash\nthree\n```\n");
    assert_eq!(steps.len(), 2);
    assert_eq!((steps[0].commands.as_str(), steps[0].expected.as_slice()), ("one\ntwo", &["A".into(), "B".into()][..]));
    assert_eq!((steps[1].commands.as_str(), steps[1].expected.len()), ("three", 0));
    assert_eq!(first_missing(&steps[0].expected, "A\nother\nB \n"), None);
    assert_eq!(first_missing(&steps[0].expected, "B\nA\n").map(String::as_str), Some("B"));
    assert_eq!(first_missing(&steps[0].expected, "AA\nB\n").map(String::as_str), Some("A"));
}
