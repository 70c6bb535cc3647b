use std::time::Duration;

/// Why a text is no length of time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no length of time; write it as 90s, 2m, 1m30s, 1h or 250ms")]
pub struct TimeError(pub String);

/// Reads a length of time: numbers with `h`, `m`, `s` or `ms`, the larger first, such as `1m30s` and
/// `2.5s`. At most a year.
pub fn read_time(text: &str) -> Result<Duration, TimeError> {
    let wrong = || TimeError(text.to_owned());
    let mut rest = text.trim();
    let mut seconds = 0.0;
    let mut largest = f64::INFINITY;
    if rest.is_empty() {
        return Err(wrong());
    }
    while !rest.is_empty() {
        let digits = rest.find(|it: char| !it.is_ascii_digit() && it != '.');
        let (number, after) = rest.split_at(digits.ok_or_else(wrong)?);
        let number: f64 = number.parse().map_err(|_| wrong())?;
        let letters = after.find(|it: char| !it.is_ascii_alphabetic());
        let (unit, after) = after.split_at(letters.unwrap_or(after.len()));
        let unit = match unit {
            "h" => 3600.0,
            "m" => 60.0,
            "s" => 1.0,
            "ms" => 0.001,
            _ => return Err(wrong()),
        };
        if unit >= largest {
            return Err(wrong());
        }
        largest = unit;
        seconds += number * unit;
        rest = after;
    }
    match seconds <= 366.0 * 86_400.0 {
        true => Ok(Duration::from_secs_f64(seconds)),
        false => Err(wrong()),
    }
}

/// A length of time as [`read_time`] reads it, to the millisecond.
pub fn written_time(time: Duration) -> String {
    let (seconds, milliseconds) = (time.as_secs(), time.subsec_millis());
    let parts = [
        (seconds / 3600, "h"),
        (seconds / 60 % 60, "m"),
        (seconds % 60, "s"),
        (u64::from(milliseconds), "ms"),
    ];
    let parts = parts.iter().filter(|it| it.0 > 0);
    let text: String = parts
        .map(|(count, unit)| format!("{count}{unit}"))
        .collect();
    match text.is_empty() {
        true => "0s".into(),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_and_written_alike() {
        for (text, milliseconds) in [
            ("90s", 90_000),
            ("1m30s", 90_000),
            ("2.5s", 2500),
            ("250ms", 250),
            ("1h1ms", 3_600_001),
        ] {
            let time = read_time(text).expect(text);
            assert_eq!(time, Duration::from_millis(milliseconds), "{text}");
            assert_eq!(read_time(&written_time(time)), Ok(time));
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "", "5", "s", "5x", "1s1m", "1s1s", "-1s", "1..2s", "9999999h", "1m 3s", "∞s",
        ] {
            assert_eq!(read_time(text), Err(TimeError(text.into())));
        }
    }
}
