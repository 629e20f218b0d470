//! The table, the ratios, and the file for machines.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde::Serialize;

use super::contender::Contender;
use super::data::Data;
use super::measure::Run;
use super::options::Options;

/// Everything there is to tell.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    runs: u32,
    cores: usize,
    sections: Vec<Section>,
}

/// One size of records.
#[derive(Debug, Serialize)]
struct Section {
    data: String,
    records: u64,
    record_bytes: usize,
    figures: Vec<Figures>,
    ratios: Vec<Ratio>,
}

/// What one contender reached.
#[derive(Debug, Serialize)]
pub(crate) struct Figures {
    contender: String,
    #[serde(skip)]
    kind: Contender,
    mb_per_second: Spread,
    mb_per_core: Spread,
    mb_per_core_copying: Spread,
    peak_rss_mb: Spread,
    first_seconds: Spread,
    cpu_seconds: Spread,
    runs: Vec<Run>,
}

/// A median, between the least and the most.
#[derive(Clone, Copy, Debug, Serialize)]
struct Spread {
    median: f64,
    min: f64,
    max: f64,
}

/// What is aimed at, and what was reached.
#[derive(Debug, Serialize)]
struct Ratio {
    what: String,
    aim: &'static str,
    value: f64,
}

impl Spread {
    fn of(values: impl Iterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.collect();
        values.sort_by(f64::total_cmp);
        let (middle, last) = (values.len() / 2, values.len() - 1);
        let median =
            if values.len().is_multiple_of(2) { (values[middle - 1] + values[middle]) / 2.0 } else { values[middle] };
        Self { median, min: values[0], max: values[last] }
    }

    fn cell(self, decimals: usize) -> String {
        format!("{:.decimals$} ({:.decimals$}-{:.decimals$})", self.median, self.min, self.max)
    }
}

impl Figures {
    /// `None` when no run counted.
    pub(crate) fn of(contender: &Contender, data: &Data, runs: &[Run]) -> Option<Self> {
        if runs.is_empty() {
            return None;
        }
        let spread = |value: &dyn Fn(&Run) -> f64| Spread::of(runs.iter().map(value));
        Some(Self {
            contender: contender.to_string(),
            kind: *contender,
            mb_per_second: spread(&|run| run.mb_per_second(data)),
            mb_per_core: spread(&|run| run.mb_per_core(data)),
            mb_per_core_copying: spread(&|run| run.mb_per_core_copying(data)),
            peak_rss_mb: spread(&|run| run.peak_rss_bytes as f64 / 1e6),
            first_seconds: spread(&|run| run.first_seconds),
            cpu_seconds: spread(&|run| run.cpu_seconds),
            runs: runs.to_vec(),
        })
    }

    fn cells(&self) -> [String; 7] {
        [
            self.contender.clone(),
            self.mb_per_second.cell(0),
            self.mb_per_core.cell(0),
            self.mb_per_core_copying.cell(0),
            self.peak_rss_mb.cell(0),
            self.first_seconds.cell(2),
            self.cpu_seconds.cell(2),
        ]
    }
}

impl Report {
    pub(crate) fn new(options: &Options) -> Self {
        let cores = std::thread::available_parallelism().map_or(0, usize::from);
        Self { runs: options.runs, cores, sections: Vec::new() }
    }

    /// Says something while the bench runs.
    #[expect(clippy::print_stdout, reason = "what a bench is for")]
    pub(crate) fn note(&self, text: &str) {
        println!("{text}");
    }

    /// Adds what was measured with one size of records.
    pub(crate) fn add(&mut self, data: &Data, figures: Vec<Figures>) {
        let ratios = ratios(&figures);
        let (records, record_bytes) = (data.shape.records, data.shape.size_bytes);
        self.sections.push(Section { data: data.to_string(), records, record_bytes, figures, ratios });
    }

    /// Prints the tables and writes the file.
    pub(crate) fn finish(&self) -> Result<()> {
        for section in &self.sections {
            self.note(&format!("\n{}, {} runs on {} cores: median (range)", section.data, self.runs, self.cores));
            let rows: Vec<[String; 7]> =
                [HEAD.map(str::to_owned)].into_iter().chain(section.figures.iter().map(Figures::cells)).collect();
            for row in &rows {
                let cells = row.iter().enumerate().map(|(column, cell)| {
                    let width = rows.iter().map(|row| row[column].len()).max().unwrap_or(0);
                    if column == 0 { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
                });
                self.note(&cells.collect::<Vec<_>>().join("  "));
            }
            for Ratio { what, aim, value } in &section.ratios {
                self.note(&format!("{what}: {value:.2} ({aim})"));
            }
        }
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("bench");
        fs::create_dir_all(&dir).with_context(|| format!("create {}", dir.display()))?;
        let path = dir.join("copy.json");
        fs::write(&path, serde_json::to_vec_pretty(self)?).with_context(|| format!("write {}", path.display()))?;
        self.note(&format!("\nwritten to {}", path.display()));
        Ok(())
    }
}

fn ratios(figures: &[Figures]) -> Vec<Ratio> {
    let find = |kind: Contender| figures.iter().find(|figures| figures.kind == kind);
    let mut ratios = Vec::new();
    for ours in figures {
        let Contender::Kmirror { in_flight } = ours.kind else { continue };
        let name = &ours.contender;
        if let Some(bare) = find(Contender::Bare { in_flight }) {
            let what = format!("{name} / {}, MB/s per core", bare.contender);
            let value = ours.mb_per_core.median / bare.mb_per_core.median;
            ratios.push(Ratio { what, aim: "at least 0.80", value });
            let what = format!("{name} / {}, MB/s", bare.contender);
            let value = ours.mb_per_second.median / bare.mb_per_second.median;
            ratios.push(Ratio { what, aim: "at least 0.80", value });
        }
        if let Some(peer) = find(Contender::MirrorMaker2) {
            let what = format!("{name} / {}, MB/s per core while copying", peer.contender);
            let value = ours.mb_per_core_copying.median / peer.mb_per_core_copying.median;
            ratios.push(Ratio { what, aim: "aim: 4", value });
            let what = format!("{name} / {}, MB/s per core of the whole run", peer.contender);
            ratios.push(Ratio {
                what,
                aim: "for information",
                value: ours.mb_per_core.median / peer.mb_per_core.median,
            });
        }
        let what = format!("{name}, peak RSS in MB");
        ratios.push(Ratio { what, aim: "below 200 by default at 1 kB", value: ours.peak_rss_mb.max });
    }
    ratios
}

const HEAD: [&str; 7] = ["contender", "MB/s", "MB/s per core", "copying", "peak RSS MB", "first record s", "CPU s"];
