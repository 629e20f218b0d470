//! Where a cluster is found.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

use crate::model::excerpt;

/// The address of one broker, `host:port`. An IPv6 address stands in brackets.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BrokerAddress {
    /// A name or an IP address, without brackets, in lower case.
    pub host: String,
    /// The port, not 0.
    pub port: u16,
}

/// A text that is no broker's address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{shown} {problem}; expected host:port, such as `kafka-1.example.com:9092` or `[::1]:9092`")]
pub struct ParseAddressError {
    /// The text in backticks, or what stands for it where it may hold a password.
    shown: String,
    problem: &'static str,
}

impl FromStr for BrokerAddress {
    type Err = ParseAddressError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.contains('@') {
            let shown = "an address with `@`".to_owned();
            return Err(ParseAddressError { shown, problem: "is none: credentials belong into `properties`" });
        }
        parse(text).map_err(|problem| ParseAddressError { shown: format!("`{}`", excerpt(text)), problem })
    }
}

impl fmt::Display for BrokerAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.host.parse::<IpAddr>() {
            Ok(IpAddr::V6(ip)) => write!(f, "[{ip}]:{}", self.port),
            _ => write!(f, "{}:{}", self.host, self.port),
        }
    }
}

fn parse(text: &str) -> Result<BrokerAddress, &'static str> {
    if text.is_empty() {
        return Err("is empty");
    }
    if text.contains("://") {
        return Err("has a protocol in front, which belongs into `properties` as `security.protocol`");
    }
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let (ip, rest) = rest.split_once(']').ok_or("has no closing bracket")?;
            let ip: Ipv6Addr = ip.parse().map_err(|_| "has no IPv6 address between its brackets")?;
            (ip.to_string(), rest.strip_prefix(':').ok_or("has no port")?)
        }
        None => {
            let (host, port) = text.rsplit_once(':').ok_or("has no port")?;
            if host.contains(':') {
                return Err("has several colons (an IPv6 address stands in brackets)");
            }
            check_host(host)?;
            (host.to_ascii_lowercase(), port)
        }
    };
    let is_number = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    match port.parse::<u16>() {
        Ok(port) if is_number && port > 0 => Ok(BrokerAddress { host, port }),
        _ => Err("has no port from 1 to 65535"),
    }
}

fn check_host(host: &str) -> Result<(), &'static str> {
    if host.is_empty() {
        return Err("has no host");
    }
    if host.len() > HOST_LENGTH_MAX {
        return Err("has a host longer than 253 characters");
    }
    let is_legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    if host.chars().all(is_legal) { Ok(()) } else { Err("has a host with other characters than a-z 0-9 . - _") }
}

/// The longest name DNS can hold.
const HOST_LENGTH_MAX: usize = 253;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read() {
        let addresses = [
            ("localhost:9092", Ok("localhost:9092")),
            ("Kafka-1.Example.com:65535", Ok("kafka-1.example.com:65535")),
            ("10.0.0.1:1", Ok("10.0.0.1:1")),
            ("[::1]:9092", Ok("[::1]:9092")),
            ("", Err("is empty")),
            ("localhost", Err("has no port")),
            (":9092", Err("has no host")),
            ("localhost:", Err("has no port from 1 to 65535")),
            ("localhost:0", Err("has no port from 1 to 65535")),
            ("localhost:70000", Err("has no port from 1 to 65535")),
            ("localhost:+92", Err("has no port from 1 to 65535")),
            ("::1:9092", Err("has several colons (an IPv6 address stands in brackets)")),
            ("[::1]", Err("has no port")),
            ("[::1:9092", Err("has no closing bracket")),
            ("[x]:9092", Err("has no IPv6 address between its brackets")),
            ("local host:9092", Err("has a host with other characters than a-z 0-9 . - _")),
            ("b\u{fc}cher.example:9092", Err("has a host with other characters than a-z 0-9 . - _")),
            (
                "SASL_SSL://kafka:9092",
                Err("has a protocol in front, which belongs into `properties` as `security.protocol`"),
            ),
        ];
        for (text, expected) in addresses {
            let address = text.parse::<BrokerAddress>().map(|address| address.to_string()).map_err(|e| e.problem);
            assert_eq!(address.as_deref().map_err(|problem| *problem), expected, "{text}");
        }
    }

    #[test]
    fn a_password_in_an_address_is_not_repeated() {
        let error = "user:canary@kafka:9092".parse::<BrokerAddress>().expect_err("no address").to_string();
        assert!(!error.contains("canary"), "{error}");
    }
}
