//! The sizes of a task, which the API takes as text and shows as whole numbers.

/// Reads a task's CPU as AWS does: `256` units, or `.25 vCPU` in any case.
///
/// Source: `RegisterTaskDefinitionRequest.cpu`.
pub(super) fn cpu_units(text: &str) -> Option<u64> {
    read(text, "vcpu")
}

/// Reads a task's memory as AWS does: `512` MiB, or `0.5 GB` in any case.
///
/// Source: `RegisterTaskDefinitionRequest.memory`.
pub(super) fn memory_mebibytes(text: &str) -> Option<u64> {
    read(text, "gb")
}

/// Reads a whole number, or a decimal one followed by a unit that is 1024 of it.
fn read(text: &str, unit: &str) -> Option<u64> {
    let text = text.trim().to_ascii_lowercase();
    let Some(number) = text.strip_suffix(unit) else {
        return digits(&text).then(|| text.parse().ok())?;
    };
    let number = number.trim_end();
    let (whole, part) = number.split_once('.').unwrap_or((number, "0"));
    if !(digits(whole) || whole.is_empty()) || !digits(part) {
        return None;
    }
    let units = number.parse::<f64>().ok()? * 1024.0;
    (units.is_finite() && units <= f64::from(u32::MAX)).then(|| units.round() as u64)
}

fn digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::{cpu_units, memory_mebibytes};

    #[test]
    fn a_size_is_the_same_however_it_is_spelled() {
        for (text, units) in [
            ("256", Some(256)),
            (" 256 ", Some(256)),
            (".25 vcpu", Some(256)),
            ("0.25vCPU", Some(256)),
            ("1 vCPU", Some(1024)),
            ("1VCPU", Some(1024)),
            ("16 vCPU", Some(16384)),
            ("", None),
            ("vCPU", None),
            ("1.", None),
            ("-1", None),
            ("1e3 vCPU", None),
            ("0.25", None),
            ("1 GB", None),
        ] {
            assert_eq!(cpu_units(text), units, "{text}");
        }
        for (text, mebibytes) in [
            ("512", Some(512)),
            ("1 GB", Some(1024)),
            ("1gb", Some(1024)),
            ("0.5GB", Some(512)),
            ("512 MB", None),
        ] {
            assert_eq!(memory_mebibytes(text), mebibytes, "{text}");
        }
    }
}
