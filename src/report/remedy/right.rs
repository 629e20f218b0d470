//! What to do about a right that is missing.

use super::Remedy;
use crate::engine::Side;
use crate::model::{Operation, Resource};
use crate::report::shell::{Place, Tool};

/// The command that lets kmirror's user do all `operations` with all of `resources`, on that side of `place`.
pub fn right_remedy(side: Side, operations: &[Operation], resources: &[&Resource], place: &Place<'_>) -> Remedy {
    let names: Vec<String> = operations.iter().map(ToString::to_string).collect();
    let text = format!("kmirror's user on the {side} needs the right to {}", names.join(" and "));
    Remedy::new(text).way(ALLOW, grant(side, operations, resources, place))
}

/// What the command of [`grant`] does.
pub(super) const ALLOW: &str = "allow it (put the user's name for PRINCIPAL)";

/// The command that grants all `operations` on all of `resources`.
pub(super) fn grant(side: Side, operations: &[Operation], resources: &[&Resource], place: &Place<'_>) -> String {
    let operations: Vec<String> = operations.iter().map(ToString::to_string).collect();
    let mut arguments = vec!["--add", "--allow-principal", "User:PRINCIPAL"];
    arguments.extend(operations.iter().flat_map(|operation| ["--operation", operation]));
    for resource in resources {
        match resource {
            Resource::Topic(topic) => arguments.extend(["--topic", topic.as_str()]),
            Resource::Group(group) => arguments.extend(["--group", group.as_str()]),
            Resource::Cluster => arguments.push("--cluster"),
        }
    }
    place.tool(side, Tool::Acls, &arguments)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::shell::{Addresses, Versions};

    #[test]
    fn one_command_grants_it_for_all() {
        let (flow, topic) = ("orders".into(), "".into());
        let addresses = Addresses { source: "a:9092".into(), target: "b:9092".into() };
        let place = Place {
            flow: &flow,
            topic: &topic,
            target_topic: None,
            partition: None,
            addresses: &addresses,
            versions: &Versions::default(),
            options: "",
        };
        let command = |side, operation, resources: &[&Resource]| {
            right_remedy(side, &[operation], resources, &place).ways.remove(0).command
        };
        let topics = [Resource::Topic("x".into()), Resource::Topic("it's".into())];
        insta::assert_snapshot!(
            command(Side::Source, Operation::DescribeConfigs, &topics.iter().collect::<Vec<_>>()),
            @r"kafka-acls.sh --bootstrap-server a:9092 --add --allow-principal User:PRINCIPAL --operation DescribeConfigs --topic x --topic 'it'\''s'"
        );
        insta::assert_snapshot!(
            command(Side::Target, Operation::IdempotentWrite, &[&Resource::Cluster]),
            @"kafka-acls.sh --bootstrap-server b:9092 --add --allow-principal User:PRINCIPAL --operation IdempotentWrite --cluster"
        );
        insta::assert_snapshot!(
            command(Side::Source, Operation::Read, &[&Resource::Group("kmirror.orders".into())]),
            @"kafka-acls.sh --bootstrap-server a:9092 --add --allow-principal User:PRINCIPAL --operation Read --group kmirror.orders"
        );
    }
}
