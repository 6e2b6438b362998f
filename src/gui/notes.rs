//! What a presenter has noted for each step: a text with a heading for each, in Markdown or plain.

/// Notes by the heading they stand under.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notes(Vec<(String, String)>);

impl Notes {
    /// Reads a text. A heading is `# Exchange` or a line that ends in a colon: `Exchange:`. What stands before the first
    /// one belongs to every step.
    pub fn read(text: &str) -> Self {
        let mut notes = vec![(String::new(), String::new())];
        for line in text.trim_start_matches('\u{feff}').lines() {
            match heading(line) {
                Some(heading) => notes.push((heading.to_lowercase(), String::new())),
                None => {
                    if let Some((_, words)) = notes.last_mut() {
                        words.push_str(line);
                        words.push('\n');
                    }
                }
            }
        }
        let trimmed = notes.into_iter().map(|(heading, words)| (heading, words.trim().to_owned()));
        Self(trimmed.filter(|(_, words)| !words.is_empty()).collect())
    }

    /// Whether nothing is noted.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is noted for a step, by any of its names.
    pub fn of(&self, names: &[&str]) -> Vec<&str> {
        let is_meant = |heading: &str| heading.is_empty() || names.iter().any(|name| name.to_lowercase() == heading);
        self.0.iter().filter(|(heading, _)| is_meant(heading)).map(|(_, words)| words.as_str()).collect()
    }
}

fn heading(line: &str) -> Option<&str> {
    let line = line.trim();
    let heading = match line.strip_prefix('#') {
        Some(rest) => rest.trim_matches('#'),
        None => line.strip_suffix(':').filter(|words| words.split_whitespace().count() <= 3)?,
    };
    Some(heading.trim()).filter(|heading| !heading.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_are_found_by_the_headings_of_their_steps() {
        let notes = Notes::read(
            "\u{feff}Speak slowly.\n\n# Exchange\nAsk the back row.\nWait.\n\nUserInfo:\nCoffee.\n# Empty\n",
        );
        assert_eq!(notes.of(&["exchange"]), ["Speak slowly.", "Ask the back row.\nWait."]);
        assert_eq!(notes.of(&["userinfo", "x"]), ["Speak slowly.", "Coffee."]);
        assert_eq!(notes.of(&["Empty"]), ["Speak slowly."]);
        assert!(Notes::read(" \n# Alone\n").is_empty());
    }
}
