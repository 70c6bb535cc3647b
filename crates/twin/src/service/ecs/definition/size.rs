//! The sizes of tasks: texts that AWS turns into whole numbers.

/// CPU units: `1024`, `1 vCPU`, `.5 vcpu`.
pub(super) fn cpu(text: &str) -> Option<i64> {
    measured(text, "vcpu")
}

/// MiB: `1024`, `1 GB`, `0.5gb`.
pub(super) fn memory(text: &str) -> Option<i64> {
    measured(text, "gb")
}

/// A whole number, or how many 1024ths a number of a unit is.
fn measured(text: &str, unit: &str) -> Option<i64> {
    let text = text.trim().to_ascii_lowercase();
    let is_digits = |it: &str| !it.is_empty() && it.bytes().all(|it| it.is_ascii_digit());
    if is_digits(&text) {
        return text.parse().ok();
    }
    let number = text.strip_suffix(unit)?.trim_end();
    let (whole, part) = number.split_once('.').unwrap_or((number, "0"));
    if !(whole.is_empty() || is_digits(whole)) || !is_digits(part) {
        return None;
    }
    let units = number.parse::<f64>().ok()? * 1024.0;
    // A tenth of a vCPU is no whole number of units.
    (units < 1e9).then(|| units.floor() as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_with_and_without_units() {
        assert_eq!(cpu("1024"), Some(1024));
        assert_eq!(cpu("1 vCPU"), Some(1024));
        assert_eq!(cpu(".5 vcpu"), Some(512));
        assert_eq!(cpu(".25vCPU"), Some(256));
        assert_eq!(memory("1 GB"), Some(1024));
        assert_eq!(memory("0.5gb"), Some(512));
        for text in ["", "much", "-1", "1 GB", "1.vcpu", "1..5 vcpu", "vcpu"] {
            assert_eq!(cpu(text), None, "{text}");
        }
    }
}
