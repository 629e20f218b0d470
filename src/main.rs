//! kmirror
fn main() {}
