//! The pages behind the codes.

use crate::{checks, dockerfile, preflight};

/// A code, explained.
#[derive(Clone, Copy, Debug)]
pub struct Explained {
    /// The code: `SP101`.
    pub code: &'static str,
    /// Its page, in Markdown; the first line is its title.
    pub page: &'static str,
}

impl Explained {
    /// What the problem is, in a few words.
    pub fn title(&self) -> &'static str {
        let first = self.page.lines().next().unwrap_or_default();
        first.trim_start_matches('#').trim()
    }
}

/// The pages of codes.
macro_rules! pages {
    ($($code:literal),* $(,)?) => {
        &[$($crate::codes::Explained {
            code: $code,
            page: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/pages/", $code, ".md")),
        }),*]
    };
}
pub(crate) use pages;

/// What keeps a stack from being read.
const READING: &[Explained] = pages![
    "SP001", "SP002", "SP003", "SP004", "SP005", "SP006", "SP007", "SP008", "SP009", "SP010",
    "SP011",
];

/// Every code, in their order.
pub fn explained() -> impl Iterator<Item = Explained> {
    let checks = checks::ALL.iter().map(|it| Explained {
        code: it.code.0,
        page: it.page,
    });
    let beside = dockerfile::PAGES.iter().chain(preflight::PAGES).copied();
    let mut all: Vec<Explained> = READING
        .iter()
        .copied()
        .chain(checks)
        .chain(beside)
        .collect();
    all.sort_by_key(|it| it.code);
    all.into_iter()
}

/// The page of a code; `sp101` will do.
pub fn explain(code: &str) -> Option<Explained> {
    explained().find(|it| it.code.eq_ignore_ascii_case(code))
}
