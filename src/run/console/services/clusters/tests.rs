//! Jobs about clusters, against a mock one.
