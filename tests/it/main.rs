//! The fast tests: the binary, the engine on mock brokers, and the law of the sources.

mod captures;
mod cli;
mod console;
mod export;
mod flows;
mod mock;
mod offsets;
mod support;
mod terminal;
mod tidy;
