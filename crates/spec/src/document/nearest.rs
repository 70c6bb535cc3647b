//! The known name that an unknown one was probably meant to be.

use strsim::osa_distance;

/// Finds the known name nearest to `name`, if one is near enough to be meant.
///
/// Another style of the same words (`container_definitions`, `ContainerDefinitions`)
/// is nearer than any slip of the keys, and a slip is nearer than a beginning (`env`).
pub(super) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let plain = letters(name);
    let (distance, candidate) = known
        .into_iter()
        .map(|candidate| (osa_distance(&plain, &letters(candidate)), candidate))
        .map(|(distance, candidate)| {
            let begins = plain.len() >= 3 && letters(candidate).starts_with(&plain);
            let farthest = plain.chars().count() / 3;
            match distance {
                near if near <= farthest => (near, candidate),
                _ if begins => (farthest + 1, candidate),
                far => (far.saturating_add(1000), candidate),
            }
        })
        .min_by_key(|(distance, _)| *distance)?;
    (distance < 1000).then_some(candidate)
}

fn letters(name: &str) -> String {
    name.chars()
        .filter(|character| character.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn the_words_come_before_the_letters() {
        let known = [
            "containerDefinitions",
            "cpu",
            "environment",
            "environmentFiles",
        ];
        for (name, meant) in [
            ("container_definitions", Some("containerDefinitions")),
            ("ContainerDefinition", Some("containerDefinitions")),
            ("CPU", Some("cpu")),
            ("enviroment", Some("environment")),
            ("env", Some("environment")),
            ("replicas", None),
            ("", None),
        ] {
            assert_eq!(nearest(name, known), meant, "{name}");
        }
    }
}
