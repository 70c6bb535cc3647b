//! Lines as a terminal may have them.

/// A line without what would move a terminal's cursor or change its colours: control characters,
/// and the escape sequences that begin with them.
pub(super) fn plain(text: &str) -> String {
    let mut kept = String::new();
    let mut letters = text.chars().peekable();
    while let Some(it) = letters.next() {
        match it {
            '\u{1b}' if letters.next_if_eq(&'[').is_some() => {
                // A control sequence ends with its first letter.
                while letters.next_if(|it| !('@'..='~').contains(it)).is_some() {}
                letters.next();
            }
            '\u{1b}' if letters.next_if_eq(&']').is_some() => {
                // A command to the system ends with a bell or an escape.
                while letters
                    .next_if(|it| !['\u{7}', '\u{1b}'].contains(it))
                    .is_some()
                {}
            }
            '\t' => kept.push(it),
            it if it.is_control() || ('\u{202a}'..='\u{202e}').contains(&it) => {}
            it => kept.push(it),
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_container_writes_cannot_steer_a_terminal() {
        assert_eq!(plain("\u{1b}[31mred\u{1b}[0m\r\n"), "red");
        assert_eq!(plain("\u{1b}]0;title\u{7}text\u{8}"), "text");
        assert_eq!(plain("a\tb\u{9b}2Jc\u{202e}d"), "a\tb2Jcd");
        assert_eq!(plain("\u{1b}[31"), "");
    }
}
