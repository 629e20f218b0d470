//! The command line.

use std::fmt;
use std::str::FromStr;

use clap::{Parser, ValueEnum};

use super::contender::Contender;

/// Measures kmirror beside a bare librdkafka loop and MirrorMaker.
#[derive(Debug, Parser)]
#[command(name = "copy", bin_name = "cargo bench --bench copy --")]
pub(crate) struct Options {
    /// Records to copy [default: 500,000 of 1000 bytes, then 1,500,000 of 100 bytes]
    #[arg(long, value_name = "N")]
    records: Option<u64>,
    /// Bytes of each value [default: 1000 when --records is given]
    #[arg(long, value_name = "BYTES")]
    size: Option<usize>,
    /// The sizes of the published figures: 2,000,000 of 1000 bytes, then 6,000,000 of 100 bytes
    #[arg(long, conflicts_with_all = ["records", "size"])]
    reference: bool,
    /// Partitions of the topic
    #[arg(long, value_name = "N", default_value_t = 16)]
    pub(crate) partitions: i32,
    /// Runs of each contender
    #[arg(long, value_name = "N", default_value_t = 3)]
    pub(crate) runs: u32,
    /// Who takes part
    #[arg(long, value_delimiter = ',', default_value = "bare,kmirror,mm2")]
    only: Vec<Kind>,
    /// Bytes in flight of the bare loop and of kmirror, which run once for each
    #[arg(long, value_delimiter = ',', value_name = "SIZE", default_value = "16MiB")]
    pub(crate) in_flight: Vec<InFlight>,
    /// Run the bare loop and kmirror under this command, such as a profiler
    #[arg(long, value_name = "COMMAND")]
    pub(crate) under: Option<String>,
    /// Do not warm up the brokers
    #[arg(long)]
    pub(crate) no_warm_up: bool,
    /// Given by cargo
    #[arg(long, hide = true)]
    bench: bool,
}

/// Records of one size.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    pub(crate) records: u64,
    pub(crate) size_bytes: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Kind {
    Bare,
    Kmirror,
    Mm2,
    Mm1,
}

/// Bytes in flight, as kmirror's configuration takes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct InFlight(pub(crate) u64);

impl Options {
    /// What is copied, one after the other.
    pub(crate) fn shapes(&self) -> Vec<Shape> {
        match (self.records, self.size) {
            (None, None) => {
                let times = if self.reference { 4 } else { 1 };
                [(500_000, 1_000), (1_500_000, 100)]
                    .map(|(records, size_bytes)| Shape { records: times * records, size_bytes })
                    .to_vec()
            }
            (records, size) => {
                vec![Shape { records: records.unwrap_or(500_000), size_bytes: size.unwrap_or(1_000) }]
            }
        }
    }

    /// Who copies it, in turns.
    pub(crate) fn contenders(&self) -> Vec<Contender> {
        let takes_part = |kind| self.only.contains(&kind);
        let mut contenders = Vec::new();
        for in_flight in self.in_flight.iter().copied() {
            contenders.extend(takes_part(Kind::Bare).then_some(Contender::Bare { in_flight }));
            contenders.extend(takes_part(Kind::Kmirror).then_some(Contender::Kmirror { in_flight }));
        }
        contenders.extend(takes_part(Kind::Mm2).then_some(Contender::MirrorMaker2));
        contenders.extend(takes_part(Kind::Mm1).then_some(Contender::MirrorMaker1));
        contenders
    }
}

impl FromStr for InFlight {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
        let unit_bytes = match unit {
            "" => 1,
            "KiB" => 1 << 10,
            "MiB" => 1 << 20,
            "GiB" => 1 << 30,
            _ => return Err("expected a number with KiB, MiB or GiB".into()),
        };
        number.parse::<u64>().map(|number| Self(number * unit_bytes)).map_err(|error| error.to_string())
    }
}

impl fmt::Display for InFlight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_multiple_of(1 << 20) { write!(f, "{}MiB", self.0 >> 20) } else { write!(f, "{}", self.0) }
    }
}
