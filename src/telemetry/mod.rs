//! What the process tells about itself: its log and its metrics.
//!
//! Knows no rdkafka, no terminal and no environment: levels, directories and addresses are handed in. Nothing here may
//! stop the mirror: a log that cannot be written is a warning and a counter.

mod escape;
mod http;
mod logging;
pub mod metrics;
mod recent;

pub use escape::{escape_untrusted, is_hidden};
pub use http::{BindError, MetricsServer};
pub use logging::{DroppedLines, LogFilterError, LogGuard, LogOptions, LogWarning, start_logging};
pub use metrics::{BuildInfo, Metrics};
pub use recent::{LogLevel, LogLine, RecentLines};
