//! What service managers are given: read back by what reads it.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::*;
use crate::model::FlowName;

const TEXT: &str =
    "# ours: yes\n[clusters.a]\nbootstrap_servers = \"a:1\"\n\n  [clusters.a.properties]\n\"k\" = 'x: #y'\n";

struct Given {
    flows: Vec<FlowName>,
    variables: Vec<String>,
    files: Vec<PathBuf>,
}

impl Given {
    fn new(flows: &[&str], variables: &[&str], files: &[&str]) -> Self {
        Self {
            flows: flows.iter().map(|flow| FlowName::from(*flow)).collect(),
            variables: variables.iter().map(|name| (*name).to_owned()).collect(),
            files: files.iter().map(PathBuf::from).collect(),
        }
    }

    fn deployment(&self) -> Deployment<'_> {
        Deployment {
            text: TEXT,
            file: Path::new("/etc/kmirror/orders.toml"),
            flows: &self.flows,
            variables: &self.variables,
            files: &self.files,
            stop_seconds: 50,
            final_codes: &[2],
        }
    }
}

/// The documents of the manifests.
fn manifests(given: &Given) -> Vec<Value> {
    let text = kubernetes_manifests(&given.deployment(), "registry.example/kmirror:0.1.0").expect("written");
    serde_saphyr::from_multiple(&text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

#[test]
fn the_unit_is_as_it_was_reviewed() {
    let given = Given::new(&["orders"], &["DC_A_SASL_PASSWORD"], &["/etc/keys/b"]);
    insta::assert_snapshot!(systemd_unit(&given.deployment()));
}

#[test]
fn a_unit_without_secrets_wants_none() {
    let unit = systemd_unit(&Given::new(&[], &[], &[]).deployment());
    assert!(!unit.contains("EnvironmentFile") && !unit.contains("SupplementaryGroups"), "{unit}");
    assert!(unit.contains("kmirror.service") && unit.contains("Description=kmirror: all flows"), "{unit}");
}

#[test]
fn names_stay_what_they_are_in_a_unit() {
    let given = Given::new(&["50% of $x\n[Service]\nUser=root"], &[], &[]);
    let file = PathBuf::from("/etc/my conf/\"a\".toml");
    let unit = systemd_unit(&Deployment { file: &file, ..given.deployment() });
    assert!(unit.contains(r#"-c "/etc/my conf/\"a\".toml""#), "{unit}");
    assert!(unit.contains(r#""--flow=50%% of $$x\n[Service]\nUser=root""#), "{unit}");
    assert_eq!(unit.lines().filter(|line| line.starts_with("[Service]")).count(), 1, "{unit}");
    assert!(!unit.lines().any(|line| line.starts_with("User=")), "{unit}");
}

#[test]
fn the_manifests_are_as_they_were_reviewed() {
    let given = Given::new(&["orders"], &["DC_A_SASL_PASSWORD"], &["secrets/DC_B", "/etc/keys/b"]);
    let text = kubernetes_manifests(&given.deployment(), "registry.example/kmirror:0.1.0").expect("written");
    insta::assert_snapshot!(text);
}

#[test]
fn manifests_read_back_with_the_same_configuration() {
    let documents = manifests(&Given::new(&["orders"], &["A", "B"], &["secrets/C", "/etc/keys/b"]));
    assert_eq!(documents[0]["data"]["kmirror.toml"], TEXT);
    let pod = &documents[1]["spec"]["template"]["spec"];
    assert!(pod["terminationGracePeriodSeconds"].as_u64() > Some(50), "{pod}");
    let container = &pod["containers"][0];
    assert_eq!(container["securityContext"]["readOnlyRootFilesystem"], true);
    assert_eq!(container["env"][1]["valueFrom"]["secretKeyRef"]["key"], "A");
    assert_eq!(container["livenessProbe"]["httpGet"]["path"], "/healthz");
    let selector = &documents[1]["spec"]["selector"]["matchLabels"];
    assert_eq!(*selector, documents[1]["spec"]["template"]["metadata"]["labels"]);
    let items = &pod["volumes"][0]["projected"]["sources"][1]["secret"]["items"];
    assert_eq!(items[0]["path"], "secrets/C");
    assert_eq!(container["volumeMounts"][2]["mountPath"], "/etc/keys/b");
}

#[test]
fn names_of_services_are_taken_everywhere() {
    for (flow, name) in [("EU_to.US", "kmirror-eu-to-us"), ("--", "kmirror"), ("ü", "kmirror")] {
        assert_eq!(manifests(&Given::new(&[flow], &[], &[]))[0]["metadata"]["name"], name, "{flow}");
    }
}

#[test]
fn a_container_is_given_the_flow_by_its_own_name() {
    let documents = manifests(&Given::new(&["it's: #1"], &[], &[]));
    let arguments = &documents[1]["spec"]["template"]["spec"]["containers"][0]["args"];
    assert_eq!(arguments[3], "--flow=it's: #1");
}
