#![doc = include_str!("ARCHITECTURE.md")]

pub mod model;

pub mod config;

pub mod preview;

pub mod export;

pub mod engine;

pub mod kafka;

pub mod demo;

pub mod telemetry;

pub mod report;

pub mod tui;

pub mod cli;

pub mod run;
