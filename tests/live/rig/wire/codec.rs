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
            Self::Snappy if packed.starts_with(XERIAL) => plain = decompress_xerial(packed)?,
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

fn compress_xerial(plain: &[u8]) -> Result<Vec<u8>> {
    let mut packed = XERIAL.to_vec();
    packed.extend(1_i32.to_be_bytes());
    packed.extend(1_i32.to_be_bytes());
    for block in plain.chunks(XERIAL_BLOCK_BYTES) {
        let block = snap::raw::Encoder::new().compress_vec(block).context("compress snappy")?;
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
