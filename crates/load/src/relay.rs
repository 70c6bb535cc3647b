//! A text in short lines, for ways that cut long ones and mix them with others: a container's log.

use base64::{Engine, engine::general_purpose::STANDARD};
use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use std::{
    collections::BTreeMap,
    io::{self, Read, Write},
};

/// What each line begins with.
const MARK: &str = "setpoint-load";

/// How many characters of the text a line has. Docker cuts what is longer than 16 KiB.
const PIECE: usize = 8000;

/// The most that is unpacked: a day of seconds and hundreds of endpoints is far below.
const MOST: u64 = 1 << 30;

/// Why lines do not hold a text.
#[derive(Debug, thiserror::Error)]
pub enum RelayError {
    /// None of them belongs to one.
    #[error("there is no outcome in it")]
    Nothing,
    /// Some are missing.
    #[error("{missing} of {of} lines of the outcome are missing")]
    Missing {
        /// How many.
        missing: usize,
        /// Of how many.
        of: usize,
    },
    /// What they hold was not packed here.
    #[error("the outcome cannot be unpacked: {0}")]
    Packing(#[from] io::Error),
}

/// The lines that stand for a text, each with its number and how many there are.
pub fn relayed(text: &str) -> Vec<String> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::default());
    let packed = packer
        .write_all(text.as_bytes())
        .and_then(|()| packer.finish());
    let packed = STANDARD.encode(packed.expect("memory can be written to"));
    let pieces: Vec<&[u8]> = packed.as_bytes().chunks(PIECE).collect();
    let count = pieces.len();
    let lines = pieces.iter().enumerate().map(|(index, piece)| {
        let piece = String::from_utf8_lossy(piece);
        format!("{MARK} {} {count} {piece}", index + 1)
    });
    lines.collect()
}

/// The text that some lines stand for, in whatever order they are and among whatever others.
pub fn unrelayed<'a>(lines: impl IntoIterator<Item = &'a str>) -> Result<String, RelayError> {
    let mut pieces: BTreeMap<usize, &str> = BTreeMap::new();
    let mut count = 0;
    for line in lines {
        let mut words = line.trim().split(' ');
        let (Some(MARK), Some(index), Some(of), Some(piece), None) = (
            words.next(),
            words.next(),
            words.next(),
            words.next(),
            words.next(),
        ) else {
            continue;
        };
        if let (Ok(index), Ok(of)) = (index.parse::<usize>(), of.parse::<usize>()) {
            count = count.max(of);
            pieces.insert(index, piece);
        }
    }
    if count == 0 {
        return Err(RelayError::Nothing);
    }
    let there = pieces.range(1..=count).count();
    if there < count {
        let missing = count - there;
        return Err(RelayError::Missing { missing, of: count });
    }
    let packed: String = pieces.range(1..=count).map(|it| *it.1).collect();
    let packed = STANDARD
        .decode(packed)
        .map_err(|err| io::Error::new(io::ErrorKind::InvalidData, err))?;
    let mut text = String::new();
    GzDecoder::new(packed.as_slice())
        .take(MOST)
        .read_to_string(&mut text)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A text that packing does not shorten much.
    fn long() -> String {
        let numbers =
            (0..20_000_u64).map(|it| (it.wrapping_mul(6_364_136_223_846_793_005)).to_string());
        numbers.collect()
    }

    #[test]
    fn a_text_comes_back_from_lines_in_any_order_and_among_others() {
        let text = long();
        let mut lines = relayed(&text);
        assert!(lines.len() > 10 && lines.iter().all(|it| it.len() < 16 * 1024));
        lines.reverse();
        lines.insert(3, "  5 s  asked 10/s".into());
        lines.push("setpoint-load of something else".into());
        let read = unrelayed(lines.iter().map(String::as_str));
        assert_eq!(read.expect("it is whole"), text);
        assert_eq!(
            unrelayed(relayed("").iter().map(String::as_str)).expect("it is whole"),
            ""
        );
    }

    #[test]
    fn what_is_not_whole_is_said() {
        let mut lines = relayed(&long());
        let count = lines.len();
        lines.remove(2);
        let err = unrelayed(lines.iter().map(String::as_str)).expect_err("one is missing");
        assert_eq!(
            err.to_string(),
            format!("1 of {count} lines of the outcome are missing")
        );
        assert!(matches!(unrelayed(["hello"]), Err(RelayError::Nothing)));
        assert!(matches!(
            unrelayed(["setpoint-load 1 1 AAAA"]),
            Err(RelayError::Packing(_))
        ));
    }
}
