//! Reads expressions of metrics: `FILL(m1, 0) / SUM([m2, m3]) * 100`.

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Expression {
    Number(f64),
    Text(String),
    /// Another question's answer, by its id.
    Name(String),
    List(Vec<Expression>),
    Call(String, Vec<Expression>),
    Minus(Box<Expression>),
    Binary(Box<Expression>, &'static str, Box<Expression>),
}

/// The functions that there are here.
const FUNCTIONS: [&str; 14] = [
    "ABS", "AVG", "CEIL", "DIFF", "FILL", "FLOOR", "IF", "MAX", "METRICS", "MIN", "PERIOD", "RATE",
    "STDDEV", "SUM",
];

/// Operators, those that bind least first.
const LEVELS: [&[&str]; 6] = [
    &["||", "OR"],
    &["&&", "AND"],
    &["==", "!=", "<=", ">=", "<", ">"],
    &["+", "-"],
    &["*", "/"],
    &["^"],
];

/// How deep an expression may be nested.
const DEPTH: usize = 64;

/// Reads an expression; or says what is wrong with it.
pub(crate) fn parse(text: &str) -> Result<Expression, String> {
    let mut reader = Reader {
        rest: text.trim_start(),
        depth: 0,
    };
    let expression = reader.level(0)?;
    match reader.rest.is_empty() {
        true => Ok(expression),
        false => Err(format!("Unexpected '{}'", reader.rest)),
    }
}

struct Reader<'a> {
    rest: &'a str,
    depth: usize,
}

impl Reader<'_> {
    fn level(&mut self, level: usize) -> Result<Expression, String> {
        let Some(operators) = LEVELS.get(level) else {
            return self.single();
        };
        let mut left = self.level(level + 1)?;
        while let Some(operator) = operators.iter().copied().find(|it| self.stands(it)) {
            self.skip(operator.len());
            let right = self.level(level + 1)?;
            left = Expression::Binary(Box::new(left), operator, Box::new(right));
        }
        Ok(left)
    }

    /// Whether an operator is next; a word is one only if it ends there.
    fn stands(&self, operator: &str) -> bool {
        let Some(rest) = self.rest.strip_prefix(operator) else {
            return false;
        };
        let is_word = operator.starts_with(|it: char| it.is_ascii_alphabetic());
        !is_word || !rest.starts_with(is_of_word)
    }

    fn skip(&mut self, length: usize) {
        self.rest = self.rest[length..].trim_start();
    }

    fn take(&mut self, token: &str) -> bool {
        let is_there = self.rest.starts_with(token);
        if is_there {
            self.skip(token.len());
        }
        is_there
    }

    fn single(&mut self) -> Result<Expression, String> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err("The expression is nested too deeply".to_owned());
        }
        let read = self.one();
        self.depth -= 1;
        read
    }

    fn one(&mut self) -> Result<Expression, String> {
        if self.take("-") {
            return Ok(Expression::Minus(Box::new(self.single()?)));
        }
        if self.take("(") {
            let inner = self.level(0)?;
            return match self.take(")") {
                true => Ok(inner),
                false => Err("A closing parenthesis is missing".to_owned()),
            };
        }
        if self.take("[") {
            return Ok(Expression::List(self.list("]")?));
        }
        for quote in ['"', '\''] {
            if let Some(rest) = self.rest.strip_prefix(quote) {
                let end = rest.find(quote).ok_or("A closing quote is missing")?;
                let text = rest[..end].to_owned();
                self.skip(end + 2);
                return Ok(Expression::Text(text));
            }
        }
        let end = |of: fn(char) -> bool| self.rest.find(|it| !of(it)).unwrap_or(self.rest.len());
        let digits = end(|it| it.is_ascii_digit() || it == '.');
        if digits > 0 {
            let number = self.rest[..digits].parse::<f64>();
            let number = number.map_err(|_| format!("Unexpected '{}'", self.rest))?;
            self.skip(digits);
            return Ok(Expression::Number(number));
        }
        let word = end(is_of_word);
        if word == 0 {
            return Err(match self.rest {
                "" => "The expression ends too early".to_owned(),
                rest => format!("Unexpected '{rest}'"),
            });
        }
        let name = self.rest[..word].to_owned();
        self.skip(word);
        match self.take("(") {
            true if FUNCTIONS.contains(&name.as_str()) => {
                Ok(Expression::Call(name, self.list(")")?))
            }
            true => Err(format!("Unsupported function {name}")),
            false => Ok(Expression::Name(name)),
        }
    }

    fn list(&mut self, end: &str) -> Result<Vec<Expression>, String> {
        let mut items = Vec::new();
        if self.take(end) {
            return Ok(items);
        }
        loop {
            items.push(self.level(0)?);
            if self.take(end) {
                return Ok(items);
            }
            if !self.take(",") {
                return Err(format!("'{end}' is missing"));
            }
        }
    }
}

fn is_of_word(it: char) -> bool {
    it.is_ascii_alphanumeric() || it == '_'
}
