//! Tests of what belongs together here.
