//! Kubernetes manifests that run an exported configuration: a `ConfigMap` with it and a `Deployment`. Secrets are
//! referred to: they are made by `kubectl create secret`.

use std::path::Path;

use super::deployment::{Deployment, METRICS_PORT};
use super::tree::{Tree, list, map, text};

/// Where the configuration is in the container, and what it refers to beside it.
const FOLDER: &str = "/etc/kmirror";
/// Its name there.
const FILE: &str = "kmirror.toml";
/// Who it runs as: nobody that is known anywhere.
const USER: u64 = 65_532;

/// The manifests as YAML.
///
/// # Errors
/// With what the YAML writer says about a text it cannot write.
pub fn kubernetes_manifests(deployment: &Deployment<'_>, image: &str) -> Result<String, serde_saphyr::ser::Error> {
    let documents = [config_map(deployment), controller(deployment, image)];
    Ok(header(deployment) + &serde_saphyr::to_string_multiple(&documents)?)
}

fn header(deployment: &Deployment<'_>) -> String {
    let name = deployment.name();
    let mut header = format!("# {name}, written by `kmirror export --as kubernetes`. To install it:\n");
    if !deployment.variables.is_empty() || !deployment.files.is_empty() {
        header += &format!("#   kubectl create secret generic {} \\\n", secret(deployment));
        let variables = deployment.variables.iter().map(|name| format!("--from-literal={name}=VALUE"));
        let files = deployment.files.iter().map(|file| format!("--from-file={}={}", key(file), file.display()));
        let options: Vec<String> = variables.chain(files).map(|option| format!("#     {option}")).collect();
        header += &(options.join(" \\\n") + "\n");
    }
    header + &format!("#   kubectl apply -f {name}.yaml\n")
}

fn config_map(deployment: &Deployment<'_>) -> Tree {
    map([
        ("apiVersion", text("v1")),
        ("kind", text("ConfigMap")),
        ("metadata", metadata(deployment)),
        ("data", map([(FILE, text(deployment.text))])),
    ])
}

fn controller(deployment: &Deployment<'_>, image: &str) -> Tree {
    let pod = map([
        ("metadata", map([("labels", labels(deployment)), ("annotations", annotations(deployment))])),
        ("spec", pod(deployment, image)),
    ]);
    map([
        ("apiVersion", text("apps/v1")),
        ("kind", text("Deployment")),
        ("metadata", metadata(deployment)),
        (
            "spec",
            map([
                // More share the partitions: a flow is a consumer group.
                ("replicas", Tree::Number(1)),
                ("strategy", map([("type", text("Recreate"))])),
                ("selector", map([("matchLabels", labels(deployment))])),
                ("template", pod),
            ]),
        ),
    ])
}

fn pod(deployment: &Deployment<'_>, image: &str) -> Tree {
    map([
        ("terminationGracePeriodSeconds", Tree::Number(deployment.kill_seconds())),
        ("automountServiceAccountToken", Tree::Flag(false)),
        ("enableServiceLinks", Tree::Flag(false)),
        (
            "securityContext",
            map([
                ("runAsNonRoot", Tree::Flag(true)),
                ("runAsUser", Tree::Number(USER)),
                ("runAsGroup", Tree::Number(USER)),
                ("fsGroup", Tree::Number(USER)),
                ("seccompProfile", map([("type", text("RuntimeDefault"))])),
            ]),
        ),
        ("containers", list([container(deployment, image)])),
        ("volumes", volumes(deployment)),
    ])
}

fn container(deployment: &Deployment<'_>, image: &str) -> Tree {
    let arguments = deployment.arguments(&format!("{FOLDER}/{FILE}"), "0.0.0.0");
    let port = map([("name", text("metrics")), ("containerPort", Tree::Number(METRICS_PORT.into()))]);
    let no_rights = map([
        ("allowPrivilegeEscalation", Tree::Flag(false)),
        ("readOnlyRootFilesystem", Tree::Flag(true)),
        ("capabilities", map([("drop", list([text("ALL")]))])),
    ]);
    let resources = map([
        ("requests", map([("cpu", text("250m")), ("memory", text("256Mi"))])),
        ("limits", map([("memory", text("1Gi"))])),
    ]);
    map([
        ("name", text("kmirror")),
        ("image", text(image)),
        ("args", list(arguments.iter().map(text))),
        ("env", environment(deployment)),
        ("ports", list([port])),
        // Healthy is a process whose engine lives: a blocked flow is no reason to start again.
        ("startupProbe", probe(2, 30)),
        ("livenessProbe", probe(10, 3)),
        ("readinessProbe", probe(10, 3)),
        ("resources", resources),
        ("securityContext", no_rights),
        ("volumeMounts", mounts(deployment)),
    ])
}

fn probe(period_seconds: u64, failures: u64) -> Tree {
    map([
        ("httpGet", map([("path", text("/healthz")), ("port", text("metrics"))])),
        ("periodSeconds", Tree::Number(period_seconds)),
        ("failureThreshold", Tree::Number(failures)),
    ])
}

fn environment(deployment: &Deployment<'_>) -> Tree {
    let state = map([("name", text("XDG_STATE_HOME")), ("value", text("/var/lib"))]);
    let variable = |name: &String| {
        let reference = map([("name", text(secret(deployment))), ("key", text(name))]);
        map([("name", text(name)), ("valueFrom", map([("secretKeyRef", reference)]))])
    };
    list(std::iter::once(state).chain(deployment.variables.iter().map(variable)))
}

/// The configuration with the files beside it is one volume; files elsewhere come from another, one by one.
fn volumes(deployment: &Deployment<'_>) -> Tree {
    let item = |key: String, path: String| map([("key", text(key)), ("path", text(path))]);
    let config = map([("name", text(deployment.name())), ("items", list([item(FILE.into(), FILE.into())]))]);
    let mut sources = vec![map([("configMap", config)])];
    let beside = deployment.files.iter().filter(|file| file.is_relative());
    let beside: Vec<Tree> = beside.map(|file| item(key(file), file.to_string_lossy().into_owned())).collect();
    if !beside.is_empty() {
        let secret = map([("name", text(secret(deployment))), ("items", list(beside))]);
        sources.push(map([("secret", secret)]));
    }
    let mut volumes = vec![
        map([("name", text("config")), ("projected", map([("sources", list(sources))]))]),
        map([("name", text("state")), ("emptyDir", map([]))]),
    ];
    if deployment.files.iter().any(|file| file.is_absolute()) {
        let secret = map([("secretName", text(secret(deployment)))]);
        volumes.push(map([("name", text("secrets")), ("secret", secret)]));
    }
    list(volumes)
}

fn mounts(deployment: &Deployment<'_>) -> Tree {
    let mount = |name: &str, path: &str, is_read_only| {
        vec![("name", text(name)), ("mountPath", text(path)), ("readOnly", Tree::Flag(is_read_only))]
    };
    let mut mounts = vec![map(mount("config", FOLDER, true)), map(mount("state", "/var/lib/kmirror", false))];
    for file in deployment.files.iter().filter(|file| file.is_absolute()) {
        let mut one = mount("secrets", &file.to_string_lossy(), true);
        one.push(("subPath", text(key(file))));
        mounts.push(map(one));
    }
    list(mounts)
}

fn metadata(deployment: &Deployment<'_>) -> Tree {
    map([("name", text(deployment.name())), ("labels", labels(deployment))])
}

fn labels(deployment: &Deployment<'_>) -> Tree {
    let version = [("app.kubernetes.io/name", text("kmirror"))];
    map(version.into_iter().chain([("app.kubernetes.io/instance", text(deployment.name()))]))
}

/// Where Prometheus finds the metrics.
fn annotations(_: &Deployment<'_>) -> Tree {
    map([("prometheus.io/scrape", text("true")), ("prometheus.io/port", text(METRICS_PORT.to_string()))])
}

/// The name of the secret.
fn secret(deployment: &Deployment<'_>) -> String {
    format!("{}-secrets", deployment.name())
}

/// The key of a file in the secret: a part of a name, no path.
fn key(file: &Path) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '-' };
    let text: String = file.to_string_lossy().trim_start_matches('/').chars().map(plain).collect();
    text.replace("..", "-")
}
