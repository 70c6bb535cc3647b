use std::io::IsTerminal;

/// Colour, or none: on a terminal, unless `NO_COLOR` is set or it is a dumb one.
pub(crate) struct Paint(bool);

impl Paint {
    /// What suits a stream.
    pub(crate) fn of(stream: &impl IsTerminal) -> Paint {
        let is_set = |name| std::env::var_os(name).is_some_and(|it| !it.is_empty());
        let is_dumb = std::env::var_os("TERM").is_some_and(|it| it == "dumb");
        Paint(stream.is_terminal() && !is_set("NO_COLOR") && !is_dumb)
    }

    /// Whether there is any.
    pub(crate) fn is_coloured(&self) -> bool {
        self.0
    }

    fn with(&self, code: &str, text: &str) -> String {
        match self.0 {
            true => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
            false => text.to_owned(),
        }
    }

    pub(crate) fn good(&self, text: &str) -> String {
        self.with("32", text)
    }

    pub(crate) fn change(&self, text: &str) -> String {
        self.with("33", text)
    }

    pub(crate) fn bad(&self, text: &str) -> String {
        self.with("31", text)
    }

    pub(crate) fn strong(&self, text: &str) -> String {
        self.with("1", text)
    }

    pub(crate) fn faint(&self, text: &str) -> String {
        self.with("2", text)
    }
}
