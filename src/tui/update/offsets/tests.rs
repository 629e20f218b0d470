//! What keys do to positions.
