//! Zigzag variable-length integers, as records of format v2 use them.

use anyhow::{Result, ensure};
use bytes::{Buf, BufMut};

/// Writes one.
pub(super) fn put(buffer: &mut impl BufMut, value: i64) {
    let mut rest = ((value << 1) ^ (value >> 63)).cast_unsigned();
    while rest >= 0x80 {
        buffer.put_u8((rest & 0x7f) as u8 | 0x80);
        rest >>= 7;
    }
    buffer.put_u8(rest as u8);
}

/// Reads one.
pub(super) fn get(buffer: &mut impl Buf) -> Result<i64> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        ensure!(buffer.has_remaining(), "a number cut short");
        let byte = buffer.get_u8();
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Ok((value >> 1).cast_signed() ^ -((value & 1).cast_signed()));
        }
    }
    anyhow::bail!("a number of more than ten bytes")
}

/// How many bytes [`put`] writes.
pub(super) fn size(value: i64) -> usize {
    let bits = 64 - ((value << 1) ^ (value >> 63)).cast_unsigned().leading_zeros();
    bits.div_ceil(7).max(1) as usize
}
