//! Patterns with `*` and `?`, and the variables in them.

use super::context::Context;

/// A pattern, ready to be compared.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Pattern(Vec<Token>);

#[derive(Clone, Copy, Debug, PartialEq)]
enum Token {
    Plain(char),
    One,
    Any,
}

impl Pattern {
    /// A pattern without variables.
    pub(super) fn new(text: &str) -> Pattern {
        Pattern(text.chars().map(token).collect())
    }

    /// A text in which every character stands for itself.
    fn plain(text: &str) -> Vec<Token> {
        text.chars().map(Token::Plain).collect()
    }

    /// A pattern whose `${…}` are replaced by what the context says. `None` where the context says
    /// nothing and the variable has no default. Without `wild`, `*` and `?` stand for themselves.
    pub(super) fn expand(text: &str, context: &Context, wild: bool) -> Option<Pattern> {
        let mut tokens = Vec::new();
        let mut rest = text;
        while let Some(start) = rest.find("${") {
            let Some(length) = rest[start..].find('}') else {
                break;
            };
            tokens.extend(tokens_of(&rest[..start], wild));
            let name = &rest[start + 2..start + length];
            match name {
                "*" | "?" | "$" => tokens.extend(Pattern::plain(name)),
                _ => tokens.extend(Pattern::plain(&value_of(name, context)?)),
            }
            rest = &rest[start + length + 1..];
        }
        tokens.extend(tokens_of(rest, wild));
        Some(Pattern(tokens))
    }

    /// Whether a text matches; with `fold`, whatever the case of its letters.
    pub(super) fn matches(&self, text: &str, fold: bool) -> bool {
        let text: Vec<char> = text.chars().collect();
        fits(&self.0, &text, fold)
    }

    /// Whether an ARN matches as policies name resources. A pattern that ends early stands for
    /// everything that begins so, as `arn:aws:sqs` stands for `arn:aws:sqs:*:*:*`.
    pub(super) fn matches_resource(&self, arn: &str) -> bool {
        if self.matches(arn, false) {
            return true;
        }
        let colons = |it: &&Token| **it == Token::Plain(':');
        let missing = 5usize.saturating_sub(self.0.iter().filter(colons).count());
        let is_arn = self.0.starts_with(&Pattern::plain("arn:"));
        if missing == 0 || !is_arn || self.0.contains(&Token::Any) {
            return false;
        }
        let mut longer = self.0.clone();
        for _ in 0..missing {
            longer.extend([Token::Plain(':'), Token::Any]);
        }
        Pattern(longer).matches(arn, false)
    }

    /// Whether an ARN matches part by part, as `ArnLike` compares.
    pub(super) fn matches_arn(&self, arn: &str) -> bool {
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        let patterns: Vec<&[Token]> = self.0.splitn(6, |it| *it == Token::Plain(':')).collect();
        let fit = |(pattern, part): (&&[Token], &&str)| {
            let part: Vec<char> = part.chars().collect();
            fits(pattern, &part, false)
        };
        if patterns.len() == 1 {
            return self.0.as_slice() == [Token::Any];
        }
        patterns.len() == parts.len() && patterns.iter().zip(&parts).all(fit)
    }
}

fn token(letter: char) -> Token {
    match letter {
        '*' => Token::Any,
        '?' => Token::One,
        _ => Token::Plain(letter),
    }
}

fn tokens_of(text: &str, wild: bool) -> Vec<Token> {
    match wild {
        true => text.chars().map(token).collect(),
        false => Pattern::plain(text),
    }
}

/// The value of `aws:username`, or of `aws:PrincipalTag/team, 'default'`.
fn value_of(name: &str, context: &Context) -> Option<String> {
    let (key, default) = match name.split_once(',') {
        Some((key, default)) => (key, Some(default.trim().trim_matches('\''))),
        None => (name, None),
    };
    match context.values(key.trim()) {
        Some([value]) => Some(value.clone()),
        _ => default.map(str::to_owned),
    }
}

fn fits(pattern: &[Token], text: &[char], fold: bool) -> bool {
    let same = |one: char, other: char| {
        one == other || fold && one.to_lowercase().eq(other.to_lowercase())
    };
    let (mut at, mut seen) = (0, 0);
    // Where to go on after the last `*`: it takes one character more each time.
    let mut back: Option<(usize, usize)> = None;
    while seen < text.len() {
        match pattern.get(at) {
            Some(Token::Any) => {
                back = Some((at + 1, seen));
                at += 1;
                continue;
            }
            Some(Token::One) => {
                (at, seen) = (at + 1, seen + 1);
                continue;
            }
            Some(Token::Plain(letter)) if same(*letter, text[seen]) => {
                (at, seen) = (at + 1, seen + 1);
                continue;
            }
            _ => {}
        }
        let Some((after, from)) = back else {
            return false;
        };
        back = Some((after, from + 1));
        (at, seen) = (after, from + 1);
    }
    pattern[at..].iter().all(|it| *it == Token::Any)
}
