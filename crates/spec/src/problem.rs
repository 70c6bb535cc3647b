//! What is wrong with a stack: where, why, and what to write instead.

use std::fmt;

/// Something wrong with a stack. Problems are ordered by their places.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// Where it is.
    pub span: Span,
    /// Which problem it is; `setpoint explain` has a page for each.
    pub code: Code,
    /// Whether it stops everything.
    pub severity: Severity,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// Why it matters: what would come of it.
    pub why: Option<String>,
    /// What to do about it, in words.
    pub hint: Option<String>,
    /// Other places that have to do with it, and what stands there.
    pub also: Vec<(Span, String)>,
    /// What to write instead; each of them alone mends it.
    pub fixes: Vec<Fix>,
    /// What nobody is to show, wherever the text is shown.
    pub hidden: Vec<Span>,
}

/// The code of a problem: `SP` and three digits. What it means never changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(pub &'static str);

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// The codes of what keeps a stack from being read.
impl Code {
    /// The text is no YAML.
    pub const SYNTAX: Code = Code("SP001");
    /// A key stands twice in one map.
    pub const DUPLICATE: Code = Code("SP002");
    /// A key, section or word that is not known.
    pub const UNKNOWN: Code = Code("SP003");
    /// A value of another type than belongs there.
    pub const TYPE: Code = Code("SP004");
    /// A value that AWS or setpoint does not take.
    pub const VALUE: Code = Code("SP005");
    /// Something that has to be there is not.
    pub const MISSING: Code = Code("SP006");
    /// A name that nothing bears.
    pub const DANGLING: Code = Code("SP007");
    /// Resources that need one another.
    pub const CIRCLE: Code = Code("SP008");
    /// A variable that is not set.
    pub const UNSET: Code = Code("SP009");
    /// A file that cannot be read.
    pub const FILE: Code = Code("SP010");
    /// A comment that allows a check and does not hold.
    pub const ALLOWANCE: Code = Code("SP011");
}

/// What a problem does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// It stops every command.
    Error,
    /// It stops nothing, unless that is asked for.
    Warning,
    /// It is worth knowing.
    Note,
}

/// A part of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// Which of the files that were read, counted from 0.
    pub file: usize,
    /// Where it begins.
    pub from: Place,
    /// Where it ends: the place after its last character.
    pub to: Place,
}

/// A line and a column of a file, both counted from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The line.
    pub line: usize,
    /// The column, in characters.
    pub column: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// Something to write instead.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fix {
    /// What it does, as an order: `open the dynamic range`.
    pub title: String,
    /// All of them together. They do not overlap.
    pub edits: Vec<Edit>,
}

/// A part of a file, and what to write in its place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edit {
    /// What goes; nothing, if it begins where it ends.
    pub span: Span,
    /// What comes.
    pub text: String,
}

impl Problem {
    /// An error.
    pub fn error(code: Code, span: Span, message: impl Into<String>) -> Problem {
        Problem {
            span,
            code,
            severity: Severity::Error,
            message: message.into(),
            why: None,
            hint: None,
            also: Vec::new(),
            fixes: Vec::new(),
            hidden: Vec::new(),
        }
    }

    /// A warning.
    pub fn warning(code: Code, span: Span, message: impl Into<String>) -> Problem {
        Problem {
            severity: Severity::Warning,
            ..Problem::error(code, span, message)
        }
    }

    /// A note.
    pub fn note(code: Code, span: Span, message: impl Into<String>) -> Problem {
        Problem {
            severity: Severity::Note,
            ..Problem::error(code, span, message)
        }
    }

    /// The same, with why it matters.
    pub fn why(mut self, why: impl Into<String>) -> Problem {
        self.why = Some(why.into());
        self
    }

    /// The same, with what to do.
    pub fn hint(mut self, hint: impl Into<String>) -> Problem {
        self.hint = Some(hint.into());
        self
    }

    /// The same, with another place that has to do with it.
    pub fn also(mut self, span: Span, what: impl Into<String>) -> Problem {
        self.also.push((span, what.into()));
        self
    }

    /// The same, with a part of the text that is not to be shown, such as a password.
    pub fn conceal(mut self, span: Span) -> Problem {
        self.hidden.push(span);
        self
    }

    /// The same, with one more way to mend it; without one, if there is nothing to edit.
    pub fn fix(mut self, title: impl Into<String>, edits: Vec<Edit>) -> Problem {
        let title = title.into();
        if !edits.is_empty() {
            self.fixes.push(Fix { title, edits });
        }
        self
    }

    /// The same, with one more way to mend it that needs each of some edits; without it, if one of
    /// them cannot be made.
    pub fn fix_by_all(
        self,
        title: impl Into<String>,
        edits: impl IntoIterator<Item = Option<Edit>>,
    ) -> Problem {
        let edits: Option<Vec<Edit>> = edits.into_iter().collect();
        self.fix(title, edits.unwrap_or_default())
    }
}

impl Span {
    /// The place alone.
    pub fn at(file: usize, place: Place) -> Span {
        Span {
            file,
            from: place,
            to: place,
        }
    }

    /// From where this one begins to where another one of the same file ends; this one alone, if
    /// that is in another file.
    pub fn through(self, other: Span) -> Span {
        match self.file == other.file {
            true => Span {
                to: other.to.max(self.to),
                ..self
            },
            false => self,
        }
    }

    /// Whether a place of the same file is in it.
    pub fn holds(&self, other: &Span) -> bool {
        self.file == other.file && self.from <= other.from && other.to <= self.to
    }
}
