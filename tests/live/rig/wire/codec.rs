//! The five codecs, framed as Kafka frames them.

use std::io::{Read as _, Write as _};

use anyhow::{Context as _, Result, bail, ensure};
use bytes::Buf as _;
use lz4_flex::frame::{BlockMode, BlockSize, FrameDecoder, FrameEncoder, FrameInfo};

/// How a batch is compressed; the discriminant is Kafka's number for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Codec {
    /// Not at all.
    None = 0,
    /// gzip.
    Gzip = 1,
    /// Snappy in xerial's framing, the only one Java reads.
    Snappy = 2,
    /// LZ4 frames.
    Lz4 = 3,
    /// zstd, since 2.1.
    Zstd = 4,
}

impl Codec {
    /// Every codec, by number.
    pub(crate) const ALL: [Self; 5] = [Self::None, Self::Gzip, Self::Snappy, Self::Lz4, Self::Zstd];

    /// The codec in a batch's attributes.
    pub(crate) fn from_attributes(attributes: i16) -> Result<Self> {
        let number = attributes & 7;
        Self::ALL.into_iter().find(|codec| *codec as i16 == number).with_context(|| format!("codec {number}"))
    }

    /// Compresses the records of a batch.
    pub(crate) fn compress(self, plain: &[u8]) -> Result<Vec<u8>> {
        match self {
            Self::None => Ok(plain.to_vec()),
            Self::Gzip => {
                let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
                encoder.write_all(plain)?;
                Ok(encoder.finish()?)
            }
            Self::Snappy => compress_xerial(plain),
            Self::Lz4 => {
                // Java reads independent blocks only.
                let info = FrameInfo::new().block_mode(BlockMode::Independent).block_size(BlockSize::Max64KB);
                let mut encoder = FrameEncoder::with_frame_info(info, Vec::new());
                encoder.write_all(plain)?;
                encoder.finish().context("finish the lz4 frame")
            }
            Self::Zstd => zstd::stream::encode_all(plain, 1).context("compress zstd"),
        }
    }

    /// Restores what [`Self::compress`] or any other client wrote.
    pub(crate) fn decompress(self, packed: &[u8]) -> Result<Vec<u8>> {
        let mut plain = Vec::new();
        match self {
            Self::None => plain.extend_from_slice(packed),
            Self::Gzip => {
                flate2::read::MultiGzDecoder::new(packed).read_to_end(&mut plain).context("decompress gzip")?;
            }
            Self::Snappy if is_xerial(packed) => plain = decompress_xerial(packed)?,
            // Clients other than Java write it bare.
            Self::Snappy => plain = snap::raw::Decoder::new().decompress_vec(packed).context("decompress snappy")?,
            Self::Lz4 => {
                FrameDecoder::new(packed).read_to_end(&mut plain).context("decompress lz4")?;
            }
            Self::Zstd => plain = zstd::stream::decode_all(packed).context("decompress zstd")?,
        }
        Ok(plain)
    }
}

/// The checksum byte of an LZ4 frame's header. Kafka before 0.10 computed it over the magic too (KAFKA-3160): format v0
/// has it so to this day, every other LZ4 reader refuses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lz4Header {
    /// As the frame format says.
    Frame,
    /// As Kafka does in format v0.
    Kafka,
}

impl Lz4Header {
    /// The frame with this checksum.
    pub(super) fn apply(self, mut frame: Vec<u8>) -> Result<Vec<u8>> {
        let end = Self::end(&frame)?;
        frame[end] = self.checksum(&frame[..end])?;
        Ok(frame)
    }

    /// Which checksum a frame has.
    pub(super) fn of(frame: &[u8]) -> Result<Self> {
        let end = Self::end(frame)?;
        for header in [Self::Frame, Self::Kafka] {
            if header.checksum(&frame[..end])? == frame[end] {
                return Ok(header);
            }
        }
        bail!("an lz4 frame with neither checksum")
    }

    /// Where the checksum is: after flags, block size and, if announced, eight bytes of content size.
    fn end(frame: &[u8]) -> Result<usize> {
        let flags = *frame.get(4).context("an lz4 frame cut short")?;
        let end = if flags & 0x08 == 0 { 6 } else { 14 };
        ensure!(frame.len() > end, "an lz4 frame cut short");
        Ok(end)
    }

    fn checksum(self, header: &[u8]) -> Result<u8> {
        let start = if self == Self::Frame { 4 } else { 0 };
        Ok((xxh32_short(&header[start..])? >> 8) as u8)
    }
}

/// xxHash32 with seed 0 of less than 16 bytes, which is all a header has.
fn xxh32_short(bytes: &[u8]) -> Result<u32> {
    const PRIMES: [u32; 5] = [0x9e37_79b1, 0x85eb_ca77, 0xc2b2_ae3d, 0x27d4_eb2f, 0x1656_67b1];
    ensure!(bytes.len() < 16, "an lz4 header of {} bytes", bytes.len());
    let mut hash = PRIMES[4].wrapping_add(bytes.len() as u32);
    let (words, rest) = bytes.as_chunks::<4>();
    for word in words {
        hash = hash.wrapping_add(u32::from_le_bytes(*word).wrapping_mul(PRIMES[2]));
        hash = hash.rotate_left(17).wrapping_mul(PRIMES[3]);
    }
    for byte in rest {
        hash = hash.wrapping_add(u32::from(*byte).wrapping_mul(PRIMES[4]));
        hash = hash.rotate_left(11).wrapping_mul(PRIMES[0]);
    }
    hash = (hash ^ (hash >> 15)).wrapping_mul(PRIMES[1]);
    hash = (hash ^ (hash >> 13)).wrapping_mul(PRIMES[2]);
    Ok(hash ^ (hash >> 16))
}

/// Whether packed bytes are in snappy-java's stream format.
pub(super) fn is_xerial(packed: &[u8]) -> bool {
    packed.starts_with(XERIAL)
}

/// Snappy as it is, without a frame: what clients other than Java write.
pub(super) fn compress_bare_snappy(plain: &[u8]) -> Result<Vec<u8>> {
    snap::raw::Encoder::new().compress_vec(plain).context("compress snappy")
}

fn compress_xerial(plain: &[u8]) -> Result<Vec<u8>> {
    let mut packed = XERIAL.to_vec();
    packed.extend(1_i32.to_be_bytes());
    packed.extend(1_i32.to_be_bytes());
    for block in plain.chunks(XERIAL_BLOCK_BYTES) {
        let block = compress_bare_snappy(block)?;
        packed.extend(u32::try_from(block.len())?.to_be_bytes());
        packed.extend(block);
    }
    Ok(packed)
}

fn decompress_xerial(packed: &[u8]) -> Result<Vec<u8>> {
    let mut rest = packed.get(XERIAL.len() + 8..).context("a snappy header cut short")?;
    let mut plain = Vec::new();
    while rest.len() >= 4 {
        let size = rest.get_u32() as usize;
        ensure!(size <= rest.len(), "a snappy block cut short");
        plain.extend(snap::raw::Decoder::new().decompress_vec(&rest[..size]).context("decompress snappy")?);
        rest.advance(size);
    }
    if !rest.is_empty() {
        bail!("{} bytes after the last snappy block", rest.len());
    }
    Ok(plain)
}

/// The magic of snappy-java's stream format; two version numbers follow.
const XERIAL: &[u8] = b"\x82SNAPPY\0";
/// snappy-java's own block size.
const XERIAL_BLOCK_BYTES: usize = 32 << 10;
