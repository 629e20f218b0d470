//! A cluster's client properties, as `[clusters.NAME.properties]` has them.

use std::collections::BTreeMap;
use std::fmt;

use toml::de::DeValue;

use crate::model::excerpt;

use super::document::{Entry, Section};
use super::error::{ConfigProblem, Findings};
use super::librdkafka::{ALIASES, ClientRole, Kind, Policy, policy};
use super::secret::{Place, Secret, SecretError, SecretSource};
use super::suggest::{did_you_mean, listed};

/// librdkafka properties a user has set, secrets by reference. Printing it shows no secret.
#[derive(Clone, Default)]
pub struct Properties {
    properties: BTreeMap<String, Property>,
}

#[derive(Clone)]
struct Property {
    /// The only role it is for, if it is not for both.
    role: Option<ClientRole>,
    value: PropertyValue,
}

#[derive(Clone)]
enum PropertyValue {
    Plain(String),
    Inline(Secret),
    Kept(SecretSource),
}

impl PropertyValue {
    fn is_exported_as(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Plain(here), Self::Plain(there)) => here == there,
            (Self::Inline(here), Self::Inline(there)) => here.expose() == there.expose(),
            (Self::Kept(here), Self::Kept(there)) => here == there,
            (Self::Inline(_), Self::Kept(_)) => true,
            (Self::Plain(_) | Self::Kept(_), _) | (Self::Inline(_), Self::Plain(_)) => false,
        }
    }
}

/// The value of a property, ready for librdkafka.
#[derive(Clone, Debug)]
pub enum PropertyText {
    /// May be shown.
    Plain(String),
    /// May not.
    Secret(Secret),
}

impl PropertyText {
    /// The text itself, secret or not. For the call that needs it, not for keeping.
    pub fn expose(&self) -> &str {
        match self {
            Self::Plain(text) => text,
            Self::Secret(secret) => secret.expose(),
        }
    }
}

impl Properties {
    /// The properties that mean something to clients of `role`, secrets read anew: they may have been changed since
    /// the configuration was loaded.
    pub fn resolve(&self, role: ClientRole) -> Result<Vec<(String, PropertyText)>, SecretError> {
        let for_role = |property: &&Property| property.role.is_none_or(|only| only == role);
        let resolve = |(key, property): (&String, &Property)| {
            let text = match &property.value {
                PropertyValue::Plain(text) => PropertyText::Plain(text.clone()),
                PropertyValue::Inline(secret) => PropertyText::Secret(secret.clone()),
                PropertyValue::Kept(source) => PropertyText::Secret(source.read()?.0),
            };
            Ok((key.clone(), text))
        };
        self.properties.iter().filter(|(_, property)| for_role(property)).map(resolve).collect()
    }

    /// Every property with its value as it may be shown: `<secret>` and references instead of secrets.
    pub fn shown(&self) -> impl Iterator<Item = (&str, String)> {
        self.properties.iter().map(|(key, property)| {
            let value = match &property.value {
                PropertyValue::Plain(text) => text.clone(),
                PropertyValue::Inline(secret) => secret.to_string(),
                PropertyValue::Kept(source) => source.to_string(),
            };
            (key.as_str(), value)
        })
    }

    /// Whether `other` means the same. A secret that is written out here may be referred to there.
    pub fn are_exported_as(&self, other: &Self) -> bool {
        let is_same = |key: &String| match (self.properties.get(key), other.properties.get(key)) {
            (Some(here), Some(there)) => here.value.is_exported_as(&there.value),
            _ => false,
        };
        self.properties.keys().chain(other.properties.keys()).all(is_same)
    }

    /// The value of a property that may be shown.
    pub fn plain(&self, key: &str) -> Option<&str> {
        match &self.properties.get(key)?.value {
            PropertyValue::Plain(text) => Some(text),
            PropertyValue::Inline(_) | PropertyValue::Kept(_) => None,
        }
    }

    fn has(&self, key: &str) -> bool {
        self.properties.contains_key(key)
    }

    fn is_kept(&self, key: &str) -> bool {
        self.properties.get(key).is_some_and(|property| matches!(property.value, PropertyValue::Kept(_)))
    }

    /// The security protocol, in lower case.
    fn security_protocol(&self) -> String {
        self.plain("security.protocol").unwrap_or("plaintext").to_ascii_lowercase()
    }

    fn mechanism(&self) -> Option<&str> {
        self.plain("sasl.mechanism").or_else(|| self.plain("sasl.mechanisms"))
    }
}

impl fmt::Debug for Properties {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.shown()).finish()
    }
}

/// Reads the table. References in it are looked up once where `place` says so.
pub(super) fn properties(section: &Section<'_>, place: Place<'_>, findings: &mut Findings) -> Properties {
    let mut entries = Vec::new();
    flatten(section, "", &mut entries);
    if entries.len() > PROPERTIES_MAX {
        let message = format!("has {} properties, more than the {PROPERTIES_MAX} librdkafka knows", entries.len());
        findings.problems.push(section.problem(message));
        return Properties::default();
    }
    let mut properties = Properties::default();
    for (key, entry) in entries {
        match property(&key, &entry, place, findings) {
            Ok(property) => {
                properties.properties.insert(key, property);
            }
            Err(problem) => findings.problems.push(problem),
        }
    }
    check_aliases(section, &properties, findings);
    check_security(section, &properties, findings);
    if (properties.security_protocol().contains("ssl") || properties.is_kept("security.protocol"))
        && !["ssl.ca.location", "ssl.ca.pem", "ssl.ca.certificate.stores"].iter().any(|key| properties.has(key))
    {
        // The OpenSSL we carry does not know where this system keeps its certificates.
        let value = PropertyValue::Plain("probe".to_owned());
        properties.properties.insert("ssl.ca.location".to_owned(), Property { role: None, value });
    }
    properties
}

/// `sasl.mechanism = "PLAIN"` without quotes around the key is a table in a table to TOML, and one property to us.
fn flatten<'a>(section: &Section<'a>, prefix: &str, entries: &mut Vec<(String, Entry<'a>)>) {
    for entry in section.entries() {
        let key = if prefix.is_empty() { entry.key.to_owned() } else { format!("{prefix}.{}", entry.key) };
        match entry.section() {
            Ok(nested) => flatten(&nested, &key, entries),
            Err(_) => entries.push((key, entry)),
        }
    }
}

fn property(
    key: &str,
    entry: &Entry<'_>,
    place: Place<'_>,
    findings: &mut Findings,
) -> Result<Property, ConfigProblem> {
    let (role, kind) = match policy(key) {
        Ok(Policy::Allowed(role, kind)) => (role, kind),
        Ok(Policy::Reserved(reason)) => return Err(entry.problem(format!("is set by kmirror: {reason}"))),
        Ok(Policy::Refused(reason)) => return Err(entry.problem(format!("is refused: {reason}"))),
        Err(problem) => return Err(entry.problem(problem)),
    };
    let text = match entry.value() {
        DeValue::String(text) => text.to_string(),
        DeValue::Integer(_) if !kind.is_hidden() => match entry.as_integer() {
            Some(number) => number?.to_string(),
            None => return Err(entry.mismatch_hidden("text, a whole number, or true or false")),
        },
        DeValue::Float(number) if !kind.is_hidden() => number.as_str().to_owned(),
        DeValue::Boolean(value) if !kind.is_hidden() => value.to_string(),
        _ if kind.is_hidden() => return Err(entry.mismatch_hidden("text in quotes")),
        _ => return Err(entry.mismatch_hidden("text, a whole number, or true or false")),
    };
    if text.contains('\0') {
        return Err(entry.problem("holds a NUL, at which librdkafka would end it"));
    }
    if let Some(source) = SecretSource::parse(&text, place.folder) {
        if place.are_secrets_read {
            let (_, doubt) = source.read().map_err(|error| entry.problem(error.to_string()))?;
            if let Some(doubt) = doubt {
                findings.warn(entry.problem(doubt));
            }
        }
        return Ok(Property { role, value: PropertyValue::Kept(source) });
    }
    check_value(kind, &text).map_err(|problem| entry.problem(problem))?;
    let value = match kind {
        Kind::Sensitive => {
            findings.warn(entry.problem("a secret stands in the file; write env:NAME or file:PATH instead"));
            PropertyValue::Inline(Secret::new(text))
        }
        Kind::Private => PropertyValue::Inline(Secret::new(text)),
        Kind::Text | Kind::Switch | Kind::Number(..) | Kind::Word(_) => PropertyValue::Plain(text),
    };
    Ok(Property { role, value })
}

fn check_value(kind: Kind, text: &str) -> Result<(), String> {
    let shown = || excerpt(text);
    match kind {
        Kind::Sensitive | Kind::Private if text.is_empty() => Err("is empty".to_owned()),
        Kind::Sensitive | Kind::Private | Kind::Text => Ok(()),
        Kind::Switch if text == "true" || text == "false" => Ok(()),
        Kind::Switch => Err(format!("`{}` is neither `true` nor `false`", shown())),
        Kind::Number(min, max) => match text.parse::<i64>() {
            Ok(number) if (min..=max).contains(&number) => Ok(()),
            Ok(_) => Err(format!("`{}` is not in the range {min} to {max}", shown())),
            Err(_) => Err(format!("`{}` is not a whole number in the range {min} to {max}", shown())),
        },
        Kind::Word(words) if words.iter().any(|word| word.eq_ignore_ascii_case(text)) => Ok(()),
        Kind::Word(words) => {
            let nearest = did_you_mean(text, words.iter().copied());
            Err(format!("`{}` is not one of {}{nearest}", shown(), listed(words.iter().copied())))
        }
    }
}

fn check_aliases(section: &Section<'_>, properties: &Properties, findings: &mut Findings) {
    for (key, alias) in ALIASES {
        if properties.has(key) && properties.has(alias) {
            findings.problems.push(section.problem(format!("`{key}` and `{alias}` mean the same; keep one")));
        }
    }
}

/// What would fail at the first connection, or worse, work.
fn check_security(section: &Section<'_>, properties: &Properties, findings: &mut Findings) {
    if properties.is_kept("security.protocol") {
        return;
    }
    let protocol = properties.security_protocol();
    let is_sasl = protocol.starts_with("sasl_");
    let credentials = ["sasl.password", "sasl.username", "sasl.mechanism", "sasl.mechanisms"];
    let given = credentials.iter().find(|key| properties.has(key));
    if let Some(key) = given
        && !is_sasl
    {
        let message = format!("`{key}` has no effect while `security.protocol` is `{protocol}`; write `SASL_SSL`");
        findings.problems.push(section.problem(message));
    }
    if !is_sasl {
        return;
    }
    if !properties.has("sasl.mechanism") && !properties.has("sasl.mechanisms") {
        // librdkafka would try Kerberos.
        let message = "`sasl.mechanism` is missing; write, for example, `SCRAM-SHA-512`";
        return findings.problems.push(section.problem(message));
    }
    let Some(mechanism) = properties.mechanism() else { return };
    let is_password_based =
        mechanism.eq_ignore_ascii_case("PLAIN") || mechanism.to_ascii_uppercase().starts_with("SCRAM-");
    if mechanism.eq_ignore_ascii_case("GSSAPI") && !cfg!(feature = "gssapi") {
        let message = "`sasl.mechanism` GSSAPI (Kerberos) is not in this build; build with --features gssapi";
        findings.problems.push(section.problem(message));
    }
    for key in ["sasl.username", "sasl.password"] {
        if is_password_based && !properties.has(key) {
            findings.problems.push(section.problem(format!("`{key}` is missing, which {mechanism} needs")));
        }
    }
    if is_password_based && protocol == "sasl_plaintext" {
        findings.warn(section.problem("credentials travel unencrypted with `sasl_plaintext`; write `SASL_SSL`"));
    }
}

/// Its CONFIGURATION.md lists some 180.
const PROPERTIES_MAX: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    /// A new librdkafka brings new properties; each must be thought about.
    #[test]
    fn every_property_of_librdkafka_is_decided() {
        let Some(text) = configuration_md() else { return };
        let known = text.lines().filter_map(|line| line.split_once('|')).map(|(name, _)| name.trim());
        let properties = known.filter(|name| !name.is_empty() && *name != "Property" && !name.starts_with("--"));
        let undecided: Vec<_> = properties.filter(|name| policy(name).is_err()).collect();
        assert_eq!(undecided, Vec::<&str>::new());
    }

    /// Where cargo unpacked librdkafka; not there in a vendored build.
    fn configuration_md() -> Option<String> {
        let home = std::env::var_os("CARGO_HOME").map(std::path::PathBuf::from);
        let home = home.or_else(|| Some(std::path::PathBuf::from(std::env::var_os("HOME")?).join(".cargo")))?;
        std::fs::read_dir(home.join("registry/src")).ok()?.flatten().find_map(|registry| {
            let crates = std::fs::read_dir(registry.path()).ok()?.flatten();
            let mut folders =
                crates.filter(|folder| folder.file_name().to_string_lossy().starts_with("rdkafka-sys-4.10.0"));
            std::fs::read_to_string(folders.next()?.path().join("librdkafka/CONFIGURATION.md")).ok()
        })
    }

    #[test]
    fn each_property_is_decided_once() {
        let mut names: Vec<_> = super::super::librdkafka::names().collect();
        let n_entries = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), n_entries);
    }
}
