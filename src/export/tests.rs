//! What is exported, and that it reads back the same.

use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::config::{Config, Endpoints};
use crate::model::{FlowName, TopicPartition};

const FILE: &str = r#"# Ours.
[clusters.old]
bootstrap_servers = "old:9092" # the last of its kind
version = "0.9.0.1"

[clusters.new]
bootstrap_servers = "new:9093"
env = "prod"
[clusters.new.properties]
"security.protocol" = "SASL_SSL"
"sasl.mechanism" = "PLAIN"
"sasl.username" = "u"
# to be rotated in May
"sasl.password" = "hunter2"

[clusters.third]
bootstrap_servers = "third:9092"

[defaults]
exclude = ['.*\.dlq']

# The orders.
[flows.orders]
source = "old"
target = "new"
include = ['orders\..*'] # all of them
start = "-2h"

[flows.audit]
source = "old"
target = "third"
include = ["audit"]
"#;

fn config(text: &str) -> Config {
    Config::parse_elsewhere(text, "test", Path::new("/etc/kmirror")).expect("valid")
}

fn source<'a>(config: &'a Config, text: &'a str) -> ExportSource<'a> {
    ExportSource { config, text, folder: Path::new("/etc/kmirror") }
}

fn exported(text: &str, request: &ExportRequest) -> Exported {
    export(source(&config(text), text), request).expect("exported")
}

fn flows(names: &[&str]) -> ExportRequest {
    ExportRequest { flows: names.iter().map(|name| FlowName::from(*name)).collect(), ..ExportRequest::default() }
}

#[test]
fn the_whole_file_keeps_everything_but_secrets() {
    let exported = exported(FILE, &ExportRequest::default());
    assert_eq!(exported.text, FILE.replace("hunter2", "env:NEW_SASL_PASSWORD"));
    assert_eq!(exported.variables, ["NEW_SASL_PASSWORD"]);
    assert_eq!(exported.flows.len(), 2);
}

#[test]
fn a_flow_comes_with_its_clusters_and_defaults_only() {
    let exported = exported(FILE, &flows(&["orders"]));
    for kept in ["# Ours.", "# the last of its kind", "# The orders.", "# all of them", "[defaults]", "# to be rotated"]
    {
        assert!(exported.text.contains(kept), "{kept}: {}", exported.text);
    }
    for gone in ["third", "audit", "hunter2"] {
        assert!(!exported.text.contains(gone), "{gone}: {}", exported.text);
    }
}

#[test]
fn secrets_are_referred_to_as_wanted() {
    let as_file = exported(FILE, &ExportRequest { secrets: SecretForm::File, ..ExportRequest::default() });
    assert!(as_file.text.contains("\"file:secrets/NEW_SASL_PASSWORD\""), "{}", as_file.text);
    assert_eq!(as_file.files, [Path::new("secrets/NEW_SASL_PASSWORD")]);
    let omitted = exported(FILE, &ExportRequest { secrets: SecretForm::Omit, ..ExportRequest::default() });
    assert!(!omitted.text.contains("\"sasl.password\""), "{}", omitted.text);
    assert_eq!((omitted.omitted, omitted.variables), (vec!["new: sasl.password".to_owned()], Vec::new()));
    let referred = FILE.replace("hunter2", "env:OURS");
    assert_eq!(exported(&referred, &ExportRequest::default()).text, referred, "references stay what they are");
}

#[test]
fn two_secrets_never_share_a_name() {
    let text = FILE.replace("clusters.third]\n", "clusters.\"third-1\"]\n").replace("\"third\"", "\"third-1\"");
    let secret = "properties = { \"security.protocol\" = \"SASL_SSL\", \"sasl.mechanism\" = \"PLAIN\", \
                  \"sasl.username\" = \"u\", \"sasl.password\" = \"p\" }\n";
    let text = text.replace("\"third:9092\"\n", &format!("\"third:9092\"\n{secret}"));
    let twin = format!("[clusters.\"third.1\"]\nbootstrap_servers = \"t:1\"\n{secret}");
    let exported = exported(&format!("{text}\n{twin}"), &ExportRequest::default());
    let mut variables = exported.variables;
    variables.sort();
    assert_eq!(variables, ["NEW_SASL_PASSWORD", "THIRD_1_SASL_PASSWORD", "THIRD_1_SASL_PASSWORD_2"]);
}

#[test]
fn references_to_files_still_lead_there_from_another_folder() {
    let text = FILE.replace("hunter2", "file:secret");
    let elsewhere = ExportRequest { folder: Some("/srv".into()), ..ExportRequest::default() };
    assert!(exported(&text, &elsewhere).text.contains("\"file:/etc/kmirror/secret\""));
    let here = ExportRequest { folder: Some("/etc/kmirror".into()), ..ExportRequest::default() };
    assert_eq!(exported(&text, &here).text, text);
}

#[test]
fn a_new_reference_never_takes_a_variable_that_is_another_secrets() {
    let third = "[clusters.third.properties]\n\"security.protocol\" = \"SASL_SSL\"\n\"sasl.mechanism\" = \"PLAIN\"\n\
                 \"sasl.username\" = \"u\"\n\"sasl.password\" = \"env:NEW_SASL_PASSWORD\"\n";
    let exported = exported(&format!("{FILE}{third}"), &ExportRequest::default());
    assert!(exported.text.contains("\"sasl.password\" = \"env:NEW_SASL_PASSWORD_2\""), "{}", exported.text);
    assert_eq!(exported.variables, ["NEW_SASL_PASSWORD_2", "NEW_SASL_PASSWORD"]);
}

#[test]
fn new_files_for_secrets_are_beside_the_exported_one() {
    let request = ExportRequest { secrets: SecretForm::File, folder: Some("/srv".into()), ..ExportRequest::default() };
    let exported = exported(FILE, &request);
    assert!(exported.text.contains("\"file:secrets/NEW_SASL_PASSWORD\""), "{}", exported.text);
    assert_eq!(exported.files, [Path::new("secrets/NEW_SASL_PASSWORD")]);
}

#[test]
fn progress_becomes_where_partitions_start() {
    let partition = TopicPartition::new("orders.a", 3);
    let text = format!(
        "{FILE}[[flows.orders.start_overrides]]\ntopic = \"orders.a\"\npartition = 3\nstart = \"latest\"\n\
         [[flows.orders.start_overrides]]\ntopic = \"orders.a\"\nstart = \"earliest\"\n"
    );
    let progress = [(FlowName::from("orders"), Progress::from([(partition.clone(), 4_711)]))].into();
    let exported = exported(&text, &ExportRequest { progress, ..ExportRequest::default() });
    let again = config(&exported.text);
    let flow = &again.flows[&FlowName::from("orders")];
    assert_eq!(flow.start_of(&partition).to_string(), "4711");
    assert_eq!(flow.start_of(&TopicPartition::new("orders.a", 0)).to_string(), "earliest");
}

#[test]
fn without_a_file_one_is_made() {
    let endpoints = Endpoints {
        source: "a:1,b:2".into(),
        target: "c:3".into(),
        include: vec!["x.*".into()],
        rename_prefix: Some("eu.".into()),
        ..Endpoints::default()
    };
    let mut config = Config::from_endpoints(&endpoints).expect("valid");
    // As a console over two addresses has it.
    config.flows.values_mut().for_each(|flow| flow.autostart = false);
    let exported = export(source(&config, ""), &ExportRequest::default()).expect("exported");
    let again = self::config(&exported.text);
    assert_eq!(again.flows[&FlowName::from("adhoc")].group, config.flows[&FlowName::from("adhoc")].group);
    assert!(again.flows.values().all(|flow| flow.autostart), "{}", exported.text);
}

#[test]
fn what_cannot_be_exported_says_why() {
    let error = export(source(&config(FILE), FILE), &flows(&["ordres"])).expect_err("no such flow");
    assert_eq!(error.to_string(), "find flow `ordres` (there is `audit`, `orders`)");
    // The file was changed since: what is exported is not what runs.
    let changed = FILE.replace("\"-2h\"", "\"latest\"");
    let error = export(source(&config(FILE), &changed), &ExportRequest::default()).expect_err("another flow");
    assert_eq!(error.to_string(), "read back what was exported: flow `orders` differs");
}

proptest! {
    #[test]
    fn every_configuration_reads_back_the_same(
        names in proptest::collection::btree_set("[a-z][a-z0-9_.-]{0,8}", 1..4),
        start in prop_oneof![Just("earliest"), Just("latest"), Just("-90m"), Just("last 10000"), Just("group:mm")],
        prefix in proptest::option::of("[a-z]{1,4}"),
        (shards, is_created, secret) in (1..9_u8, any::<bool>(), "[ -~&&[^\"\\\\]]{1,12}"),
        only_first in any::<bool>(),
        form in prop_oneof![Just(SecretForm::Env), Just(SecretForm::File), Just(SecretForm::Omit)],
    ) {
        // A reference is none of ours to write out.
        prop_assume!(!secret.starts_with("env:") && !secret.starts_with("file:"));
        let rename = prefix.map(|prefix| format!("rename = {{ prefix = \"{prefix}\" }}\n")).unwrap_or_default();
        let flow = |name: &String| format!(
            "[flows.\"{name}\"]\nsource = \"s\"\ntarget = \"t\"\ninclude = ['{name}\\..*']\nstart = \"{start}\"\n\
             shards = {shards}\n{rename}topics = {{ create = {is_created} }}\n"
        );
        let text = format!(
            "[clusters.s]\nbootstrap_servers = \"s:1\"\n[clusters.t]\nbootstrap_servers = \"t:1\"\n\
             [clusters.t.properties]\n\"security.protocol\" = \"SASL_SSL\"\n\"sasl.mechanism\" = \"PLAIN\"\n\
             \"sasl.username\" = \"u\"\n\"sasl.password\" = \"{secret}\"\n{}",
            names.iter().map(flow).collect::<String>()
        );
        let config = config(&text);
        let flows = names.first().filter(|_| only_first).map(|name| FlowName::from(name.as_str()));
        let request = ExportRequest { flows: flows.into_iter().collect(), secrets: form, ..ExportRequest::default() };
        let exported = export(source(&config, &text), &request);
        let exported = exported.map_err(|error| TestCaseError::fail(error.to_string()))?;
        let written = format!("\"sasl.password\" = \"{secret}\"");
        prop_assert!(!exported.text.contains(&written), "{}", exported.text);
        // Without the file the same is made.
        let made = export(source(&config, ""), &request).map_err(|error| TestCaseError::fail(error.to_string()))?;
        prop_assert_eq!(made.flows, exported.flows);
    }
}
