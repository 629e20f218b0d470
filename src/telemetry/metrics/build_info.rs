//! What this binary is made of.

/// What this binary is made of: the labels of `kmirror_build_info`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BuildInfo {
    /// kmirror's version.
    pub version: String,
    /// librdkafka's version.
    pub librdkafka: String,
    /// What is built in, such as `gssapi,ssl,zstd`.
    pub features: String,
}
