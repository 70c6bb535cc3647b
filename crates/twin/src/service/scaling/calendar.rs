//! Dates as clocks on walls show them, counted in seconds since 1970.

/// Seconds of a day.
pub(super) const DAY: i64 = 86_400;

/// The day of a date, counted from 1970-01-01.
pub(super) fn day(year: i64, month: i64, date: i64) -> i64 {
    // Counted in eras of 400 years that begin on the first of March.
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let shifted = (month + 9) % 12;
    let day_of_year = (153 * shifted + 2) / 5 + date - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// The year, the month and the date of a day.
pub(super) fn date(day: i64) -> (i64, i64, i64) {
    let shifted = day + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let date = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, date)
}

/// The day of the week, 1 for Sunday to 7 for Saturday.
pub(super) fn weekday(day: i64) -> i64 {
    (day + 4).rem_euclid(7) + 1
}

/// How many days a month has.
pub(super) fn length(year: i64, month: i64) -> i64 {
    match month {
        12 => 31,
        _ => day(year, month + 1, 1) - day(year, month, 1),
    }
}

/// The date in a month of its `nth` such weekday, or with 0 of its last.
pub(super) fn nth_weekday(year: i64, month: i64, wanted: i64, nth: i64) -> i64 {
    let first = day(year, month, 1);
    let to_first = (wanted - weekday(first)).rem_euclid(7);
    match nth {
        0 => {
            let last = length(year, month) - 1;
            last - (weekday(first + last) - wanted).rem_euclid(7) + 1
        }
        _ => to_first + 7 * (nth - 1) + 1,
    }
}

/// Reads `2026-11-27T08:00:00`.
pub(super) fn parse(text: &str) -> Option<i64> {
    let (date, time) = text.split_once('T')?;
    let numbers = |text: &str, by: char, lengths: [usize; 3]| -> Option<[i64; 3]> {
        let parts: Vec<&str> = text.split(by).collect();
        let [one, two, three] = parts[..] else {
            return None;
        };
        let are_long = [one, two, three]
            .iter()
            .zip(lengths)
            .all(|(it, length)| it.len() == length);
        let number = |it: &str| it.parse::<u16>().ok().map(i64::from);
        are_long.then_some([number(one)?, number(two)?, number(three)?])
    };
    let [year, month, date] = numbers(date, '-', [4, 2, 2])?;
    let [hour, minute, second] = numbers(time, ':', [2, 2, 2])?;
    let is_date = (1..=12).contains(&month) && date >= 1 && date <= length(year, month);
    let is_time = hour < 24 && minute < 60 && second < 60;
    (is_date && is_time && year >= 1970)
        .then(|| day(year, month, date) * DAY + hour * 3600 + minute * 60 + second)
}
