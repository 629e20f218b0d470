//! What a connection's failure means, read from librdkafka's words: its codes hardly tell one failure from another.

use rdkafka::types::RDKafkaErrorCode;

use super::fault_map;
use crate::engine::{Fault, FaultKind, Side};

/// The fault behind `code` and librdkafka's `words` about it.
pub(crate) fn fault(code: RDKafkaErrorCode, words: &str, side: Side, operation: &str) -> Fault {
    let words = without_ornament(words);
    let mut fault = fault_map::fault(code, side, operation, words);
    // Only what the code leaves open is read from the words.
    if matches!(fault.kind, FaultKind::Unreachable | FaultKind::CorruptBatch | FaultKind::Other)
        && let Some(symptom) = SYMPTOMS.iter().find(|symptom| words.contains(symptom.words))
    {
        fault.kind = symptom.kind;
        if !symptom.hint.is_empty() {
            fault.detail = format!("{words}: {}", symptom.hint);
        }
    } else if let Some(hint) = foreign_protocol(words) {
        fault.kind = FaultKind::Unreachable;
        fault.detail = format!("{words}: {hint}");
    }
    fault
}

/// Words that give a failure away.
struct Symptom {
    words: &'static str,
    kind: FaultKind,
    /// What to look at, where the words do not say it.
    hint: &'static str,
}

/// The first that fits counts.
const SYMPTOMS: &[Symptom] = &[
    Symptom {
        words: "connecting to a SSL listener?",
        kind: FaultKind::Unreachable,
        hint: "broker may require TLS (`security.protocol`)",
    },
    Symptom { words: "SASL authentication error", kind: FaultKind::Authentication, hint: "" },
    Symptom { words: "SaslAuthenticateRequest failed", kind: FaultKind::Authentication, hint: "" },
    Symptom { words: "SASL mechanism", kind: FaultKind::Authentication, hint: "" },
    Symptom {
        words: "certificate verify failed",
        kind: FaultKind::Tls,
        hint: "the broker's certificate is not signed by a known authority (`ssl.ca.location`)",
    },
    Symptom { words: "SSL handshake failed", kind: FaultKind::Tls, hint: "" },
];

/// Recognizes the other protocol by what its first four bytes are as the size of an answer.
fn foreign_protocol(words: &str) -> Option<&'static str> {
    let (_, rest) = words.split_once("Invalid response size ")?;
    let size: i64 = rest.split(' ').next()?.parse().ok()?;
    match size {
        // 15 03 xx xx and 16 03 xx xx: a TLS alert or handshake.
        0x1503_0000..=0x1503_ffff | 0x1603_0000..=0x1603_ffff => Some("broker may require TLS (`security.protocol`)"),
        // "HTTP".
        0x4854_5450 => Some("this is an HTTP server, not a Kafka broker"),
        _ => None,
    }
}

/// Drops the thread before the words and the time behind them, so that the same problem reads the same.
fn without_ornament(words: &str) -> &str {
    let words = words.trim();
    let words = match words.strip_prefix("[thrd:").and_then(|rest| rest.split_once("]: ")) {
        Some((_, rest)) => rest,
        None => words,
    };
    match words.rfind(" (after ") {
        Some(at) if words.contains("ms in state ") => words[..at].trim_end(),
        _ => words,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(code: RDKafkaErrorCode, words: &str) -> Fault {
        fault(code, words, Side::Target, "talk to a broker")
    }

    #[test]
    fn words_tell_more_than_the_code() {
        use RDKafkaErrorCode::{Authentication, BadMessage, BrokerTransportFailure, Resolve, SSL};
        for (code, words, kind, hint) in [
            (
                BrokerTransportFailure,
                "localhost:9092/1: Disconnected: requesting ApiVersion: might be caused by incorrect security.protocol \
                 configuration (connecting to a SSL listener?) or broker version is < 0.10",
                FaultKind::Unreachable,
                "broker may require TLS",
            ),
            (Resolve, "kafka:9092/bootstrap: Failed to resolve 'kafka:9092'", FaultKind::Unreachable, "resolve"),
            (
                SSL,
                "ssl://a:1/1: SSL handshake failed: error: certificate verify failed: broker certificate could not be \
                 verified",
                FaultKind::Tls,
                "verify failed",
            ),
            (
                BrokerTransportFailure,
                "a:1/1: SASL authentication error: invalid credentials",
                FaultKind::Authentication,
                "invalid",
            ),
            (Authentication, "a:1/1: Authentication failed", FaultKind::Authentication, "failed"),
            (
                BadMessage,
                "a:1/1: Receive failed: Invalid response size 352518912 (0..300000000): increase \
                 receive.message.max.bytes",
                FaultKind::Unreachable,
                "broker may require TLS",
            ),
            (
                BadMessage,
                "a:1/1: Invalid response size 1213486160 (0..300000000): increase receive.message.max.bytes",
                FaultKind::Unreachable,
                "HTTP server",
            ),
        ] {
            let fault = judged(code, words);
            assert_eq!(fault.kind, kind, "{fault}");
            assert!(fault.detail.contains(hint), "{fault}");
        }
    }

    #[test]
    fn the_same_problem_reads_the_same() {
        let refused = "localhost:1/bootstrap: Connect to ipv4#127.0.0.1:1 failed: Connection refused";
        for words in [
            format!("{refused} (after 0ms in state CONNECT)"),
            format!(
                "[thrd:localhost:1/bootstrap]: {refused} (after 12ms in state CONNECT, 3 identical error(s) suppressed)"
            ),
        ] {
            assert_eq!(judged(RDKafkaErrorCode::BrokerTransportFailure, &words).detail, refused);
        }
    }
}
