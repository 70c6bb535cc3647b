//! Names that differ by a letter or two.

/// The known name that is nearest to one, if at most two letters differ.
pub(crate) fn near<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let close = known.filter(|it| it.len().abs_diff(name.len()) <= 2);
    let distances = close.map(|it| (strsim::damerau_levenshtein(name, it), it));
    let nearest = distances.min()?;
    (1..=2).contains(&nearest.0).then_some(nearest.1)
}
