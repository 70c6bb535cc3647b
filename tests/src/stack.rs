//! The text of a `stack.yaml`, and edits of it.

use std::fmt;

/// The text of a stack.
///
/// An edit that would change nothing is a mistake of the test, and panics.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stack(String);

impl Stack {
    /// The `stack.yaml` that the repository ships.
    pub fn flash_sale() -> Stack {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../stack.yaml");
        Stack(std::fs::read_to_string(path).expect("the repository ships a stack"))
    }

    /// The same, with an image that somebody else pushes, under the tag `v1`.
    pub fn tagged() -> Stack {
        Stack::flash_sale()
            .without("images", "webapp")
            .replacing("\nimages:\n", "\n")
            .replacing(
                "{ build: webapp }",
                "{ repository: flash-sale-webapp, tag: v1 }",
            )
    }

    /// A stack with this text.
    pub fn of(text: impl Into<String>) -> Stack {
        Stack(text.into())
    }

    /// With the first occurrence of a text replaced.
    #[track_caller]
    pub fn replacing(&self, from: &str, to: &str) -> Stack {
        assert!(self.0.contains(from), "no {from:?} in\n{self}");
        Stack(self.0.replacen(from, to, 1))
    }

    /// With an item more in a section, which is made where it is missing.
    pub fn with(&self, section: &str, item: &str) -> Stack {
        let head = format!("\n{section}:\n");
        match self.0.contains(&head) {
            true => Stack(self.0.replacen(&head, &format!("{head}  {item}\n"), 1)),
            false => Stack(format!("{}{head}  {item}\n", self.0)),
        }
    }

    /// Without one item of a section.
    #[track_caller]
    pub fn without(&self, section: &str, item: &str) -> Stack {
        let (mut inside, mut dropping) = (false, false);
        let mut kept = String::new();
        let mut found = false;
        for line in self.0.lines() {
            if !line.starts_with([' ', '#']) && !line.is_empty() {
                inside = line == format!("{section}:");
            }
            if !line.starts_with("   ") {
                dropping = inside && line.starts_with(&format!("  {item}:"));
                found |= dropping;
            }
            if !dropping {
                kept += line;
                kept.push('\n');
            }
        }
        assert!(found, "no {item} under {section} in\n{self}");
        Stack(kept)
    }
}

impl fmt::Display for Stack {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_comes_and_goes_whole() {
        let stack = Stack::of("name: s\nroles:\n  a:\n    x: 1\n\nlogGroups:\n  a: {}\n");
        let more = stack.with("roles", "b: { x: 2 }");
        assert_eq!(
            more.to_string(),
            "name: s\nroles:\n  b: { x: 2 }\n  a:\n    x: 1\n\nlogGroups:\n  a: {}\n"
        );
        assert_eq!(more.without("roles", "b"), stack);
        assert_eq!(
            stack
                .without("logGroups", "a")
                .with("clusters", "c: {}")
                .to_string(),
            "name: s\nroles:\n  a:\n    x: 1\n\nlogGroups:\n\nclusters:\n  c: {}\n"
        );
    }
}
