//! Hashing of keys that are small numbers or addresses of our own, looked up for each record.
//!
//! The standard hasher withstands keys chosen to collide. Nobody chooses these, and it costs more than the look-up.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// A map by such a key.
pub(super) type NumberMap<K, V> = HashMap<K, V, BuildHasherDefault<NumberHasher>>;

/// Multiplies and rotates, as the Rust compiler's own hasher does.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct NumberHasher(u64);

impl NumberHasher {
    fn add(&mut self, number: u64) {
        self.0 = self.0.wrapping_add(number).wrapping_mul(0xf135_7aea_2e62_a9c5);
    }
}

impl Hasher for NumberHasher {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.add(u64::from(*byte));
        }
    }

    fn write_u32(&mut self, number: u32) {
        self.add(u64::from(number));
    }

    fn write_i32(&mut self, number: i32) {
        self.add(u64::from(number.cast_unsigned()));
    }

    fn write_usize(&mut self, number: usize) {
        self.add(number as u64);
    }

    fn finish(&self) -> u64 {
        // Multiplying mixes upwards, and the map takes its buckets from below.
        self.0.rotate_left(26)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::hash::{BuildHasher, BuildHasherDefault};

    use super::*;

    #[test]
    fn neighbouring_keys_spread_over_the_buckets() {
        let build = BuildHasherDefault::<NumberHasher>::default();
        // As topic objects lie in memory, with partitions.
        let keys =
            (0..32_usize).flat_map(|topic| (0..32_i32).map(move |partition| (0x7f00_1000 + topic * 0x240, partition)));
        let buckets: HashSet<u64> = keys.map(|key| build.hash_one(key) % 2_048).collect();
        assert!(buckets.len() > 650, "{} buckets of 2,048 for 1,024 keys: chance gives 807", buckets.len());
    }
}
