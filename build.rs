//! Has the linker lead librdkafka's choice of API versions through `kafka::ffi::fetch_version`, which tells why.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // As that module is: Apple's linker knows no `--wrap`.
    if std::env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("linux") {
        println!("cargo::rustc-link-arg=-Wl,--wrap=rd_kafka_broker_ApiVersion_supported");
        // librdkafka asks for it after the linker has passed the archive that has it.
        println!("cargo::rustc-link-arg=-Wl,--undefined=__wrap_rd_kafka_broker_ApiVersion_supported");
    }
}
