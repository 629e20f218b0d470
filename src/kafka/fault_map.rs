//! What librdkafka's error codes mean: the one table from code to [`FaultKind`].

use rdkafka::error::KafkaError;
use rdkafka::types::RDKafkaErrorCode;

use crate::engine::{Fault, FaultKind, Side};

/// The kind of problem `code` stands for.
pub(crate) fn kind(code: RDKafkaErrorCode) -> FaultKind {
    use RDKafkaErrorCode as Code;
    match code {
        Code::BrokerDestroy
        | Code::DestroyBroker
        | Code::BrokerTransportFailure
        | Code::Resolve
        | Code::AllBrokersDown
        | Code::OperationTimedOut
        | Code::TimedOutQueue
        | Code::MessageTimedOut
        | Code::UnknownBroker
        | Code::NodeUpdate
        | Code::WaitCache
        | Code::Interrupted
        | Code::Retry
        | Code::RequestTimedOut
        | Code::BrokerNotAvailable
        | Code::NetworkException
        | Code::RebootstrapRequired => FaultKind::Unreachable,

        Code::Authentication
        | Code::SaslAuthenticationFailed
        | Code::UnsupportedSASLMechanism
        | Code::IllegalSASLState
        | Code::SecurityDisabled
        | Code::DelegationTokenAuthDisabled
        | Code::DelegationTokenNotFound
        | Code::DelegationTokenOwnerMismatch
        | Code::DelegationTokenRequestNotAllowed
        | Code::DelegationTokenExpired => FaultKind::Authentication,
        Code::SSL => FaultKind::Tls,
        Code::TopicAuthorizationFailed => FaultKind::TopicAuthorization,
        Code::GroupAuthorizationFailed => FaultKind::GroupAuthorization,
        Code::ClusterAuthorizationFailed
        | Code::TransactionalIdAuthorizationFailed
        | Code::DelegationTokenAuthorizationFailed => FaultKind::ClusterAuthorization,

        Code::UnknownPartition | Code::UnknownTopic | Code::UnknownTopicOrPartition | Code::UnknownTopicId => {
            FaultKind::UnknownTopic
        }
        Code::TopicAlreadyExists => FaultKind::TopicExists,
        Code::InvalidTopic
        | Code::InvalidPartitions
        | Code::InvalidReplicationFactor
        | Code::InvalidReplicaAssignment
        | Code::InvalidConfig
        | Code::PolicyViolation => FaultKind::CreationRefused,

        // `auto.offset.reset=error` turns an out-of-range position into the former.
        Code::AutoOffsetReset | Code::OffsetOutOfRange => FaultKind::OffsetOutOfRange,
        Code::LogTruncation => FaultKind::LogTruncated,
        Code::BadMessage | Code::BadCompression | Code::Underflow | Code::InvalidMessage => FaultKind::CorruptBatch,
        Code::MessageSizeTooLarge | Code::MessageBatchTooLarge => FaultKind::RecordTooLarge,
        Code::InvalidTimestamp => FaultKind::InvalidTimestamp,
        Code::InvalidRecord | Code::InvalidDifferentRecord => FaultKind::InvalidRecord,

        Code::ISRInsufficient | Code::NotEnoughReplicas | Code::NotEnoughReplicasAfterAppend => {
            FaultKind::NotEnoughReplicas
        }
        // Whoever has to answer moves: a partition's leader, its replica, or the controller.
        Code::LeaderNotAvailable
        | Code::NotLeaderForPartition
        | Code::ReplicaNotAvailable
        | Code::StaleControllerEpoch
        | Code::NotController
        | Code::StaleBrokerEpoch
        | Code::KafkaStorageError
        | Code::LogDirNotFound
        | Code::ReassignmentInProgress
        | Code::ListenerNotFound
        | Code::FencedLeaderEpoch
        | Code::UnknownLeaderEpoch
        | Code::OffsetNotAvailable
        | Code::FetchSessionIdNotFound
        | Code::InvalidFetchSessionEpoch
        | Code::PreferredLeaderNotAvailable
        | Code::EligibleLeadersNotAvailable => FaultKind::LeaderUnavailable,
        Code::WaitingForCoordinator
        | Code::CoordinatorLoadInProgress
        | Code::CoordinatorNotAvailable
        | Code::NotCoordinator
        | Code::UnstableOffsetCommit => FaultKind::CoordinatorUnavailable,
        Code::PollExceeded
        | Code::AssignmentLost
        | Code::Outdated
        | Code::IllegalGeneration
        | Code::UnknownMemberId
        | Code::RebalanceInProgress
        | Code::NonEmptyGroup
        | Code::GroupIdNotFound
        | Code::MemberIdRequired
        | Code::GroupMaxSizeReached
        | Code::FencedInstanceId
        | Code::GroupSubscribedToTopic
        | Code::FencedMemberEpoch
        | Code::UnreleasedInstanceId
        | Code::StaleMemberEpoch => FaultKind::MembershipLost,
        Code::QueueFull | Code::ThrottlingQuotaExceeded => FaultKind::Throttled,

        Code::UnsupportedFeature
        | Code::NotImplemented
        | Code::UnknownProtocol
        | Code::InconsistentGroupProtocol
        | Code::InvalidSessionTimeout
        | Code::UnsupportedVersion
        | Code::UnsupportedForMessageFormat
        | Code::UnsupportedCompressionType
        | Code::UnsupportedAssignor => FaultKind::Unsupported,

        // Purged records were given up with their client: whoever purges replaces it and sends them again.
        Code::Fatal
        | Code::CriticalSystemResource
        | Code::GaplessGuarantee
        | Code::Fenced
        | Code::PurgeQueue
        | Code::PurgeInflight
        | Code::OutOfOrderSequenceNumber
        | Code::DuplicateSequenceNumber
        | Code::InvalidProducerEpoch
        | Code::InvalidTransactionalState
        | Code::InvalidProducerIdMapping
        | Code::ConcurrentTransactions
        | Code::TransactionCoordinatorFenced
        | Code::UnknownProducerId
        | Code::ProducerFenced => FaultKind::ClientFatal,

        // Answers to a misuse of the client, which only we can be guilty of.
        Code::UnknownGroup
        | Code::ExistingSubscription
        | Code::Conflict
        | Code::State
        | Code::ReadOnly
        | Code::InvalidType => FaultKind::Invariant,

        // The rest, and codes that later versions add; `every_known_code_has_a_kind` lists the rest by name.
        _ => FaultKind::Other,
    }
}

/// The fault `code` stands for, met at `side` while doing `operation`. An empty `detail` is replaced by the code's own
/// text.
pub(crate) fn fault(
    code: RDKafkaErrorCode,
    side: Side,
    operation: impl Into<String>,
    detail: impl Into<String>,
) -> Fault {
    let detail = detail.into();
    let detail = if detail.trim().is_empty() { describe(code) } else { without_origin(detail.trim()) };
    Fault::new(kind(code), side, operation, detail)
}

/// The fault for an error of the safe API.
pub(crate) fn fault_of(error: &KafkaError, side: Side, operation: impl Into<String>) -> Fault {
    match error {
        KafkaError::ClientConfig(_, description, key, _) => {
            // Not the value: it may be a secret.
            Fault::new(FaultKind::Other, side, operation, format!("property `{key}`: {description}"))
        }
        KafkaError::ClientCreation(text) => Fault::new(kind_of_creation(text), side, operation, text.clone()),
        error => match error.rdkafka_error_code() {
            Some(code) => fault(code, side, operation, ""),
            None => Fault::new(FaultKind::Other, side, operation, error.to_string()),
        },
    }
}

/// librdkafka reads certificates and keys when a client is created: those that cannot be used are a matter of TLS.
fn kind_of_creation(text: &str) -> FaultKind {
    if text.contains("ssl.") || text.contains("SSL") { FaultKind::Tls } else { FaultKind::Other }
}

/// The code's text as a lowercase fragment: `topic authorization failed`.
pub(crate) fn describe(code: RDKafkaErrorCode) -> String {
    // Displays as `Name (Broker: Text)`.
    let shown = code.to_string();
    let text = shown.split_once('(').map_or(shown.as_str(), |(_, rest)| rest.strip_suffix(')').unwrap_or(rest));
    without_origin(text)
}

/// Drops who says it, which librdkafka puts before the texts of its codes; the code tells that as well.
fn without_origin(text: &str) -> String {
    match text.strip_prefix("Broker: ").or_else(|| text.strip_prefix("Local: ")) {
        Some(text) => lowercase_first(text),
        None => text.to_owned(),
    }
}

/// Lowers the first letter, unless it begins an acronym.
fn lowercase_first(text: &str) -> String {
    let mut letters = text.chars();
    match (letters.next(), letters.next()) {
        (Some(first), Some(second)) if first.is_uppercase() && second.is_lowercase() => {
            first.to_lowercase().chain(std::iter::once(second)).chain(letters).collect()
        }
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use rdkafka::types::{RDKafkaErrorCode as Code, RDKafkaRespErr};

    use super::*;

    /// Codes without a better kind, with nothing lost by blocking on them.
    const OTHER: &[&str] = &[
        "Application",
        "Fail",
        "FileSystem",
        "GroupSubscribedToTopic",
        "Inconsistent",
        "InconsistentVoterSet",
        "InvalidArgument",
        "InvalidCommitOffsetSize",
        "InvalidGroupId",
        "InvalidMessageSize",
        "InvalidPrincipalType",
        "InvalidRequest",
        "InvalidRequiredAcks",
        "InvalidTransactionTimeout",
        "InvalidUpdateVersion",
        "DuplicateResource",
        "ElectionNotNeeded",
        "FeatureUpdateFailed",
        "InProgress",
        "KeyDeserialization",
        "KeySerialization",
        "NoEnt",
        "NoError",
        "NoOffset",
        "NoReassignmentInProgress",
        "Noop",
        "NotConfigured",
        "OffsetMetadataTooLarge",
        "OperationNotAttempted",
        "Partial",
        "PartitionEOF",
        "PreviousInProgress",
        "PrincipalDeserializationFailure",
        "AssignPartitions",
        "RevokePartitions",
        "ResourceNotFound",
        "TelemetryTooLarge",
        "TopicDeletionDisabled",
        "UnacceptableCredential",
        "Unknown",
        "UnknownSubscriptionId",
        "ValueDeserialization",
        "ValueSerialization",
        // Marks of the enum's ends, never reported.
        "Begin",
        "End",
        "EndAll",
    ];

    #[test]
    fn every_known_code_has_a_kind() {
        let known: Vec<Code> =
            (-200..=200).filter_map(|number| RDKafkaRespErr::try_from(number).ok()).map(Code::from).collect();
        assert!(known.len() > 150, "only {} codes are known", known.len());
        for code in known {
            let name = format!("{code:?}");
            if kind(code) == FaultKind::Other {
                assert!(OTHER.contains(&name.as_str()), "{name} has no kind of its own");
            }
        }
    }

    #[test]
    fn a_fault_reads_as_a_fragment() {
        let fault = fault(Code::TopicAuthorizationFailed, Side::Target, "create topic `orders`", "");
        assert_eq!(fault.kind, FaultKind::TopicAuthorization);
        assert_eq!(fault.to_string(), "create topic `orders` on target: topic authorization failed");
        assert_eq!(describe(Code::SSL), "SSL error");
        assert_eq!(describe(Code::OperationTimedOut), "timed out");
    }

    #[test]
    fn a_refused_property_does_not_show_its_value() {
        let error = rdkafka::ClientConfig::new()
            .set("sasl.passwort", "hunter2")
            .create_native_config()
            .err()
            .expect("unknown property");
        let fault = fault_of(&error, Side::Source, "open client");
        assert!(fault.detail.contains("sasl.passwort"), "{fault}");
        assert!(!fault.detail.contains("hunter2"), "{fault}");
    }
}
