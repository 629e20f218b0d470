//! The form a cluster is added or edited in.

use crate::config::{ClusterDraft, ClusterEnv, SECRET_KEPT};
use crate::tui::model::input_line::InputLine;
use crate::tui::services::FieldProblem;

/// A cluster as it is being typed.
#[derive(Clone, Debug, Default)]
pub(in crate::tui) struct ClusterForm {
    /// Whether there is none of this name yet.
    pub(in crate::tui) is_new: bool,
    name: InputLine,
    servers: InputLine,
    env: Choice,
    version: InputLine,
    protocol: Choice,
    mechanism: Choice,
    user: InputLine,
    password: InputLine,
    ca_file: InputLine,
    /// `key = value`, the last of them empty.
    properties: Vec<InputLine>,
    /// Which of the fields that are seen keys go to.
    pub(in crate::tui) cursor: usize,
    /// What is wrong, as far as it was checked.
    pub(in crate::tui) problems: Vec<FieldProblem>,
    /// Whether it was asked once to be left unsaved.
    pub(in crate::tui) is_leaving: bool,
    /// As it was opened.
    opened: ClusterDraft,
}

/// One of a few words.
#[derive(Clone, Debug, Default)]
struct Choice {
    words: Vec<String>,
    chosen: usize,
}

/// A field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::tui) enum Field {
    Name,
    Servers,
    Env,
    Version,
    Protocol,
    Mechanism,
    User,
    Password,
    CaFile,
    /// A further property, by its place.
    Property(usize),
}

const ENVS: [(&str, ClusterEnv); 3] =
    [("dev", ClusterEnv::Dev), ("staging", ClusterEnv::Staging), ("prod", ClusterEnv::Prod)];
const PROTOCOLS: [&str; 4] = ["PLAINTEXT", "SSL", "SASL_SSL", "SASL_PLAINTEXT"];
const MECHANISMS: [&str; 5] = ["SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN", "GSSAPI", "OAUTHBEARER"];

impl Choice {
    /// Of these words; one more where another is written already.
    fn of(words: &[&str], written: Option<&str>) -> Self {
        let mut words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let chosen = written.and_then(|written| {
            words.iter().position(|word| word.eq_ignore_ascii_case(written)).or_else(|| {
                words.push(written.to_owned());
                Some(words.len() - 1)
            })
        });
        Self { words, chosen: chosen.unwrap_or(0) }
    }

    fn word(&self) -> &str {
        self.words.get(self.chosen).map_or("", String::as_str)
    }

    fn step(&mut self, is_forward: bool) {
        let count = self.words.len().max(1);
        self.chosen = if is_forward { (self.chosen + 1) % count } else { (self.chosen + count - 1) % count };
    }
}

impl ClusterForm {
    /// For a cluster that is not there yet.
    pub(in crate::tui) fn add() -> Self {
        Self { is_new: true, ..Self::of(ClusterDraft { env: Some(ClusterEnv::Dev), ..ClusterDraft::default() }) }
    }

    /// For one as it is written.
    pub(in crate::tui) fn of(draft: ClusterDraft) -> Self {
        let property =
            |key: &str| draft.properties.iter().find(|(known, _)| known == key).map(|(_, value)| value.as_str());
        let line = |key: &str| InputLine::new(property(key).unwrap_or_default());
        let env = draft.env.unwrap_or(ClusterEnv::Dev).to_string();
        let further = draft.properties.iter().filter(|(key, _)| !is_own(key));
        let mut properties: Vec<InputLine> =
            further.map(|(key, value)| InputLine::new(&format!("{key} = {value}"))).collect();
        properties.push(InputLine::default());
        Self {
            is_new: false,
            name: InputLine::new(&draft.name),
            servers: InputLine::new(&draft.bootstrap_servers),
            env: Choice::of(&ENVS.map(|(word, _)| word), Some(&env)),
            version: InputLine::new(draft.version.as_deref().unwrap_or_default()),
            protocol: Choice::of(&PROTOCOLS, property("security.protocol")),
            mechanism: Choice::of(&MECHANISMS, property("sasl.mechanism").or_else(|| property("sasl.mechanisms"))),
            user: line("sasl.username"),
            password: line("sasl.password"),
            ca_file: line("ssl.ca.location"),
            properties,
            cursor: 0,
            problems: Vec::new(),
            is_leaving: false,
            opened: draft,
        }
    }

    /// The fields that mean something with what is chosen, in their order.
    pub(in crate::tui) fn fields(&self) -> Vec<Field> {
        let protocol = self.protocol.word().to_ascii_uppercase();
        let mut fields = vec![Field::Name, Field::Servers, Field::Env, Field::Version, Field::Protocol];
        if protocol.starts_with("SASL") {
            fields.push(Field::Mechanism);
            if self.has_password() {
                fields.extend([Field::User, Field::Password]);
            }
        }
        if protocol.ends_with("SSL") {
            fields.push(Field::CaFile);
        }
        fields.extend((0..self.properties.len()).map(Field::Property));
        fields
    }

    /// The field keys go to.
    pub(in crate::tui) fn field(&self) -> Field {
        let fields = self.fields();
        fields.get(self.cursor.min(fields.len() - 1)).copied().unwrap_or(Field::Name)
    }

    /// What a field holds.
    pub(in crate::tui) fn value(&self, field: Field) -> &str {
        match field {
            Field::Env => self.env.word(),
            Field::Protocol => self.protocol.word(),
            Field::Mechanism => self.mechanism.word(),
            _ => self.line(field).map_or("", InputLine::text),
        }
    }

    /// The line of a field that is typed, not chosen.
    pub(in crate::tui) fn line(&self, field: Field) -> Option<&InputLine> {
        match field {
            Field::Name => Some(&self.name),
            Field::Servers => Some(&self.servers),
            Field::Version => Some(&self.version),
            Field::User => Some(&self.user),
            Field::Password => Some(&self.password),
            Field::CaFile => Some(&self.ca_file),
            Field::Property(number) => self.properties.get(number),
            Field::Env | Field::Protocol | Field::Mechanism => None,
        }
    }

    /// The line keys go to: none where words are chosen, and none for a name that flows know.
    pub(in crate::tui) fn line_mut(&mut self) -> Option<&mut InputLine> {
        self.is_leaving = false;
        match self.field() {
            Field::Name if self.is_new => Some(&mut self.name),
            Field::Servers => Some(&mut self.servers),
            Field::Version => Some(&mut self.version),
            Field::User => Some(&mut self.user),
            Field::Password => Some(&mut self.password),
            Field::CaFile => Some(&mut self.ca_file),
            Field::Property(number) => self.properties.get_mut(number),
            Field::Name | Field::Env | Field::Protocol | Field::Mechanism => None,
        }
    }

    /// After typing: there is always one empty line for a further property.
    pub(in crate::tui) fn settle(&mut self) {
        if self.properties.last().is_none_or(|line| !line.text().is_empty()) {
            self.properties.push(InputLine::default());
        }
        self.cursor = self.cursor.min(self.fields().len() - 1);
    }

    /// To the next field, or the one before, round the end.
    pub(in crate::tui) fn step(&mut self, is_forward: bool) {
        let count = self.fields().len();
        let cursor = self.cursor.min(count - 1);
        self.cursor = if is_forward { (cursor + 1) % count } else { (cursor + count - 1) % count };
    }

    /// The next word of a field where words are chosen.
    pub(in crate::tui) fn choose(&mut self, is_forward: bool) {
        match self.field() {
            Field::Env => self.env.step(is_forward),
            Field::Protocol => self.protocol.step(is_forward),
            Field::Mechanism => self.mechanism.step(is_forward),
            _ => {}
        }
        (self.is_leaving, self.problems) = (false, Vec::new());
    }

    /// Puts the cursor on the first field that is wrong.
    pub(in crate::tui) fn go_to_problem(&mut self) {
        let fields = self.fields();
        if let Some(wrong) = fields.iter().position(|field| self.problem(*field).is_some()) {
            self.cursor = wrong;
        }
    }

    /// What is wrong with a field.
    pub(in crate::tui) fn problem(&self, field: Field) -> Option<&str> {
        let key = self.key(field);
        self.problems.iter().find(|problem| problem.key == key).map(|problem| problem.message.as_str())
    }

    /// What is wrong with no field that is seen.
    pub(in crate::tui) fn other_problems(&self) -> impl Iterator<Item = &str> {
        let keys: Vec<String> = self.fields().into_iter().map(|field| self.key(field)).collect();
        self.problems.iter().filter(move |problem| !keys.contains(&problem.key)).map(|problem| problem.message.as_str())
    }

    /// Whether something was typed that is not saved.
    pub(in crate::tui) fn is_changed(&self) -> bool {
        self.draft() != self.opened
    }

    /// The cluster as typed.
    pub(in crate::tui) fn draft(&self) -> ClusterDraft {
        let text = |line: &InputLine| line.text().trim().to_owned();
        let version = Some(text(&self.version)).filter(|version| !version.is_empty());
        let env = ENVS.iter().find(|(word, _)| *word == self.env.word()).map(|(_, env)| *env);
        // What is not written is development; writing it down changes nothing.
        let env = if self.opened.env.is_none() && env == Some(ClusterEnv::Dev) { None } else { env };
        ClusterDraft {
            name: text(&self.name),
            bootstrap_servers: text(&self.servers),
            env,
            version,
            properties: self.draft_properties(),
        }
    }

    /// Those that were there before stay in their place, and as they were written where they mean the same.
    fn draft_properties(&self) -> Vec<(String, String)> {
        let mut wanted: Vec<(String, String)> = Vec::new();
        for field in self.fields() {
            let value = self.value(field).trim().to_owned();
            let key = self.property_key(field);
            match (field, key) {
                (Field::Property(_), _) => {
                    let (key, value) = value.split_once('=').unwrap_or((value.as_str(), ""));
                    if !key.trim().is_empty() {
                        wanted.push((key.trim().to_owned(), value.trim().to_owned()));
                    }
                }
                (Field::Protocol, Some(key)) if value == PROTOCOLS[0] && self.written(key).is_none() => {}
                (_, Some(key)) if !value.is_empty() => wanted.push((key.to_owned(), value)),
                _ => {}
            }
        }
        let place = |key: &str| self.opened.properties.iter().position(|(known, _)| known == key);
        for (key, value) in &mut wanted {
            if let Some(written) = self.written(key).filter(|written| written.eq_ignore_ascii_case(value)) {
                written.clone_into(value);
            }
        }
        wanted.sort_by_key(|(key, _)| place(key).unwrap_or(usize::MAX));
        wanted
    }

    fn written(&self, key: &str) -> Option<&str> {
        self.opened.properties.iter().find(|(known, _)| known == key).map(|(_, value)| value.as_str())
    }

    /// Whether its mechanism is one with a password. With SASL but without one, the rest are further properties.
    fn has_password(&self) -> bool {
        !["GSSAPI", "OAUTHBEARER"].contains(&self.mechanism.word().to_ascii_uppercase().as_str())
    }

    fn property_key(&self, field: Field) -> Option<&'static str> {
        Some(match field {
            Field::Protocol => "security.protocol",
            Field::Mechanism if self.written("sasl.mechanisms").is_some() => "sasl.mechanisms",
            Field::Mechanism => "sasl.mechanism",
            Field::User => "sasl.username",
            Field::Password => "sasl.password",
            Field::CaFile => "ssl.ca.location",
            Field::Name | Field::Servers | Field::Env | Field::Version | Field::Property(_) => return None,
        })
    }

    /// The key of a field below `[clusters.NAME]`.
    fn key(&self, field: Field) -> String {
        match field {
            Field::Name => "name".to_owned(),
            Field::Servers => "bootstrap_servers".to_owned(),
            Field::Env => "env".to_owned(),
            Field::Version => "version".to_owned(),
            Field::Property(_) => {
                let key = self.value(field).split('=').next().unwrap_or_default().trim();
                format!("properties.{key}")
            }
            _ => format!("properties.{}", self.property_key(field).unwrap_or_default()),
        }
    }
}

impl Field {
    /// Its name on the screen.
    pub(in crate::tui) fn label(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Servers => "bootstrap servers",
            Self::Env => "environment",
            Self::Version => "version",
            Self::Protocol => "security",
            Self::Mechanism => "mechanism",
            Self::User => "user",
            Self::Password => "password",
            Self::CaFile => "CA file",
            Self::Property(_) => "property",
        }
    }

    /// What may be written there.
    pub(in crate::tui) fn hint(self) -> &'static str {
        match self {
            Self::Name => "a short name, such as dc-a",
            Self::Servers => "host:port, host:port",
            Self::Version => "auto: the brokers are asked",
            Self::User => "user",
            Self::Password => "env:NAME or file:PATH, never the password itself",
            Self::CaFile => "path of the CA certificate; empty: that of the system",
            Self::Property(_) => "key = value of librdkafka; secrets as env:NAME or file:PATH",
            Self::Env | Self::Protocol | Self::Mechanism => "",
        }
    }

    /// Whether one of a few words is chosen.
    pub(in crate::tui) fn is_choice(self) -> bool {
        matches!(self, Self::Env | Self::Protocol | Self::Mechanism)
    }
}

/// Whether a property has a field of its own.
fn is_own(key: &str) -> bool {
    let own =
        ["security.protocol", "sasl.mechanism", "sasl.mechanisms", "sasl.username", "sasl.password", "ssl.ca.location"];
    own.contains(&key)
}

/// Whether a value is that of a secret which stays in the file.
pub(in crate::tui) fn is_kept_secret(value: &str) -> bool {
    value.trim() == SECRET_KEPT
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written() -> ClusterDraft {
        let properties = [
            ("sasl.mechanisms", "PLAIN"),
            ("client.id", "x"),
            ("security.protocol", "sasl_ssl"),
            ("sasl.username", "u"),
            ("sasl.password", SECRET_KEPT),
        ];
        ClusterDraft {
            name: "a".into(),
            bootstrap_servers: "a:9092".into(),
            env: None,
            version: None,
            properties: properties.map(|(key, value)| (key.to_owned(), value.to_owned())).to_vec(),
        }
    }

    #[test]
    fn a_form_that_is_not_changed_changes_nothing() {
        assert_eq!(ClusterForm::of(written()).draft(), written());
        assert!(!ClusterForm::of(written()).is_changed());
        assert!(!ClusterForm::add().is_changed());
    }

    #[test]
    fn fields_follow_the_protocol_and_what_is_not_seen_is_not_saved() {
        let mut form = ClusterForm::of(written());
        assert!(form.fields().contains(&Field::Password) && form.fields().contains(&Field::CaFile));
        form.cursor = 4;
        form.choose(true);
        form.choose(true);
        assert_eq!(form.value(Field::Protocol), "PLAINTEXT");
        assert!(!form.fields().contains(&Field::Password) && !form.fields().contains(&Field::CaFile));
        let properties = form.draft().properties;
        assert_eq!(properties.len(), 2, "{properties:?}");
        assert!(properties.contains(&("security.protocol".into(), "PLAINTEXT".into())), "it was written: it stays");
    }

    #[test]
    fn a_further_property_makes_room_for_the_next() {
        let mut form = ClusterForm::add();
        form.cursor = form.fields().len() - 1;
        form.line_mut().expect("a line").paste("socket.timeout.ms = 5000");
        form.settle();
        assert_eq!(form.fields().last(), Some(&Field::Property(1)));
        assert_eq!(form.draft().properties, [("socket.timeout.ms".to_owned(), "5000".to_owned())]);
    }

    #[test]
    fn problems_stand_at_their_fields() {
        let mut form = ClusterForm::of(written());
        let problem = |key: &str| FieldProblem { key: key.into(), message: format!("{key} is wrong") };
        form.problems = ["properties.client.id", "properties.sasl.password", "properties", ""].map(problem).to_vec();
        assert!(form.problem(Field::Password).is_some() && form.problem(Field::Property(0)).is_some());
        assert_eq!(form.other_problems().count(), 2);
        form.go_to_problem();
        assert_eq!(form.field(), Field::Password);
    }

    #[test]
    fn the_name_of_a_cluster_that_is_there_stays() {
        let mut form = ClusterForm::of(written());
        assert!(form.line_mut().is_none());
        assert!(ClusterForm::add().line_mut().is_some());
        form.step(false);
        assert_eq!(form.field(), Field::Property(1));
    }
}
