//! The export dialog, as it is drawn and as it is used.

use insta::assert_snapshot;

use super::snap;
use crate::tui::effect::Effect;
use crate::tui::fixture::{SIZES, draw, model, press, text};
use crate::tui::jobs::JobDone;
use crate::tui::message::Message;
use crate::tui::model::Model;
use crate::tui::model::overlay::Overlay;
use crate::tui::services::{ExportFound, ExportJob, ExportWish, Job, JobError, JobResult};
use crate::tui::update::update;

const TEXT: &str = "[clusters.eu]\nbootstrap_servers = \"eu-1:9092\"\n[clusters.eu.properties]\n\
    \"sasl.password\" = \"env:EU_SASL_PASSWORD\"\n\n[clusters.us]\nbootstrap_servers = \"us-1:9092\"\n\n\
    [flows.audit]\nsource = \"eu\"\ntarget = \"us\"\ninclude = ['audit\\..*']\n";

fn found(before: Option<&str>, diff: &str) -> ExportFound {
    ExportFound {
        text: TEXT.into(),
        variables: vec!["EU_SASL_PASSWORD".into()],
        before: before.map(str::to_owned),
        diff: diff.into(),
        ..ExportFound::default()
    }
}

/// What was asked for.
fn wish(effects: &[Effect]) -> ExportWish {
    match effects {
        [Effect::Run(Job::Export(ExportJob::Read(wish)))] => wish.clone(),
        other => panic!("{other:?}"),
    }
}

fn answer(model: &mut Model, wish: ExportWish, answer: Result<ExportFound, JobError>) {
    let answer = answer.map(Box::new).map(JobResult::Export);
    update(model, Message::JobDone(JobDone { job: Job::Export(ExportJob::Read(wish)), answer }));
}

/// The dialog for the first flow, with what the export would be.
fn opened(before: Option<&str>, diff: &str) -> Model {
    let mut model = model();
    let asked = wish(&press(&mut model, "x"));
    assert_eq!(asked.flow, Some("audit".into()));
    assert_eq!(asked.path.to_str(), Some("/etc/kmirror/audit.toml"));
    answer(&mut model, asked, Ok(found(before, diff)));
    model
}

#[test]
fn dialog() {
    snap("export", &mut opened(Some("old"), "--- a\n+++ b\n"));
    let mut differs = opened(Some("old"), "--- audit.toml\n+++ audit.toml (exported)\n@@ -1 +1 @@\n-old\n+new\n");
    press(&mut differs, "D");
    assert_snapshot!("export_diff", text(&draw(&mut differs, SIZES[1])));
    let mut failed = model();
    let asked = wish(&press(&mut failed, "x"));
    let error = "read back what was exported: flows.audit differs";
    answer(&mut failed, asked, Err(JobError { message: error.into(), next: None }));
    assert_snapshot!("export_failed", text(&draw(&mut failed, SIZES[1])));
}

#[test]
fn a_new_file_is_written_as_it_was_seen() {
    let mut model = opened(None, "+x\n");
    let effects = press(&mut model, "w");
    let job = Job::Export(ExportJob::Write { path: "/etc/kmirror/audit.toml".into(), text: TEXT.into(), before: None });
    assert_eq!(effects, [Effect::Run(job.clone())]);
    update(&mut model, Message::JobDone(JobDone { job, answer: Ok(JobResult::ExportWritten) }));
    assert!(model.overlays.is_empty(), "there is nothing left to do");
}

#[test]
fn what_changes_in_a_file_is_shown_before_it_is_written() {
    let mut model = opened(Some("old"), "-old\n+new\n");
    assert_eq!(press(&mut model, "w"), []);
    assert!(text(&draw(&mut model, SIZES[1])).contains("+new"));
    assert!(matches!(press(&mut model, "w").as_slice(), [Effect::Run(Job::Export(ExportJob::Write { .. }))]));
    assert_eq!(press(&mut opened(Some(TEXT), ""), "w"), [], "it holds this already");
}

#[test]
fn other_choices_are_asked_about_and_not_written_before_the_answer() {
    let mut model = opened(None, "+x\n");
    let asked = wish(&press(&mut model, "space"));
    assert_eq!(asked.flow, None, "the whole configuration");
    assert_eq!(press(&mut model, "w"), [], "what was asked is not answered yet");
    let asked = wish(&press(&mut model, "tab space"));
    assert_eq!(asked.secrets, crate::export::SecretForm::File);
    let asked = wish(&press(&mut model, "tab space"));
    assert!(asked.has_progress);
    // Letters are the file's name now.
    let asked = wish(&press(&mut model, "tab w y tab"));
    assert_eq!(asked.path.to_str(), Some("/etc/kmirror/audit.tomlwy"));
    // An answer that comes late is no answer to this.
    answer(&mut model, ExportWish { flow: None, ..asked.clone() }, Ok(found(None, "")));
    assert!(matches!(model.overlays.last(), Some(Overlay::Export(export)) if export.ready().is_some()));
    press(&mut model, "backtab x");
    assert!(matches!(model.overlays.last(), Some(Overlay::Export(export)) if export.ready().is_none()));
}
