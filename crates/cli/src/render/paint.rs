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

    /// What a test wants.
    #[cfg(test)]
    pub(super) fn new(is_coloured: bool) -> Paint {
        Paint(is_coloured)
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

    /// A colour for a name, always the same, and never red.
    pub(crate) fn of_name(&self, name: &str, text: &str) -> String {
        const COLOURS: [&str; 10] = ["32", "33", "34", "35", "36", "92", "93", "94", "95", "96"];
        // FNV-1a: the same in every run and on every machine.
        let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        self.with(COLOURS[(hash % COLOURS.len() as u64) as usize], text)
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
