//! Where the statements of a policy document stand in its text.

/// A line and a column, both counted from one.
type Position = (usize, usize);

/// Where each statement begins and ends.
pub(super) fn of(text: &str) -> Vec<(Position, Position)> {
    let mut statements = Vec::new();
    let (mut line, mut column) = (1, 0);
    let (mut quoted, mut escaped) = (false, false);
    // The brackets that are open, and where each was opened.
    let mut open: Vec<(char, Position)> = Vec::new();
    let mut word = String::new();
    let mut in_statements = false;
    for letter in text.chars() {
        column += 1;
        match letter {
            '\n' => (line, column) = (line + 1, 0),
            '"' if quoted && !escaped => {
                quoted = false;
                if open.len() == 1 {
                    in_statements = word == "Statement";
                }
            }
            '"' if !quoted => {
                quoted = true;
                word.clear();
            }
            _ if quoted => word.push(letter),
            '{' | '[' => open.push((letter, (line, column))),
            '}' | ']' => {
                let Some((opened, start)) = open.pop() else {
                    break;
                };
                let within: Vec<char> = open.iter().map(|(it, _)| *it).collect();
                let is_statement = matches!(within[..], ['{'] | ['{', '[']) && opened == '{';
                if in_statements && is_statement {
                    statements.push((start, (line, column)));
                }
            }
            _ => {}
        }
        escaped = quoted && letter == '\\' && !escaped;
    }
    statements
}
