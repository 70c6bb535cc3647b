//! Blocks of addresses.

use std::{
    fmt,
    net::{Ipv4Addr, Ipv6Addr},
};

/// A block of IPv4 addresses, without host bits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Block {
    base: u32,
    bits: u8,
}

impl Block {
    /// Reads `10.0.0.0/16`; host bits are dropped.
    pub(super) fn read(text: &str) -> Option<Block> {
        let (address, bits) = text.split_once('/')?;
        let address: Ipv4Addr = address.parse().ok()?;
        let bits = prefix(bits, 32)?;
        let mask = u32::MAX.checked_shl(32 - u32::from(bits)).unwrap_or(0);
        Some(Block {
            base: u32::from(address) & mask,
            bits,
        })
    }

    /// How many bits its prefix has.
    pub(super) fn bits(self) -> u8 {
        self.bits
    }

    /// How many addresses it has.
    pub(super) fn size(self) -> u64 {
        1 << (32 - self.bits)
    }

    /// Its address at an offset.
    pub(super) fn address(self, offset: u64) -> Ipv4Addr {
        Ipv4Addr::from(self.base + offset as u32)
    }

    /// Whether it holds an address.
    pub(super) fn holds(self, address: Ipv4Addr) -> bool {
        let offset = u64::from(u32::from(address)).checked_sub(u64::from(self.base));
        offset.is_some_and(|it| it < self.size())
    }

    /// Whether it holds the whole of another.
    pub(super) fn covers(self, other: Block) -> bool {
        self.bits <= other.bits && self.holds(Ipv4Addr::from(other.base))
    }

    /// Whether it shares addresses with another.
    pub(super) fn meets(self, other: Block) -> bool {
        self.covers(other) || other.covers(self)
    }
}

impl fmt::Display for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", Ipv4Addr::from(self.base), self.bits)
    }
}

/// A block of IPv6 addresses as EC2 writes it, without host bits.
pub(super) fn ipv6(text: &str) -> Option<String> {
    let (address, bits) = text.split_once('/')?;
    let address: Ipv6Addr = address.parse().ok()?;
    let bits = prefix(bits, 128)?;
    let mask = u128::MAX.checked_shl(128 - u32::from(bits)).unwrap_or(0);
    let base = Ipv6Addr::from(u128::from(address) & mask);
    Some(format!("{base}/{bits}"))
}

fn prefix(text: &str, most: u8) -> Option<u8> {
    let is_plain = text.bytes().all(|it| it.is_ascii_digit());
    let bits: u8 = text.parse().ok()?;
    (is_plain && bits <= most).then_some(bits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_drops_host_bits_and_knows_its_addresses() {
        let block = Block::read("100.68.0.18/18").unwrap();
        assert_eq!(block.to_string(), "100.68.0.0/18");
        assert_eq!(block.size(), 16384);
        assert!(block.covers(Block::read("100.68.63.0/24").unwrap()));
        assert!(!block.meets(Block::read("100.68.64.0/24").unwrap()));
        assert_eq!(Block::read("0.0.0.0/0").unwrap().to_string(), "0.0.0.0/0");
        assert_eq!(Block::read("10.0.0.0/33"), None);
        assert_eq!(Block::read("10.0.0.0"), None);
    }

    #[test]
    fn an_ipv6_block_is_written_in_its_short_form() {
        let text = ipv6("2001:0DB8:0:0::1/32");
        assert_eq!(text.as_deref(), Some("2001:db8::/32"));
        assert_eq!(ipv6("::/0").as_deref(), Some("::/0"));
    }
}
