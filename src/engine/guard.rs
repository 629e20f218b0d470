//! Who may change the mirror: asked by the dispatcher before every command that does.

use super::command::Command;

/// Admits commands or refuses them, and keeps account of both.
pub trait Guard: Send + Sync {
    /// Whether a command that changes the mirror may be carried out.
    ///
    /// # Errors
    /// With the reason why not, which the user gets to see.
    fn admit(&self, command: &Command) -> Result<(), String>;
}

/// Admits everything.
#[derive(Clone, Copy, Debug, Default)]
pub struct AdmitAll;

impl Guard for AdmitAll {
    fn admit(&self, _command: &Command) -> Result<(), String> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};
    use std::time::Duration;

    use super::*;
    use crate::engine::ports::{Cluster, Kafka, ShardSpec, Transport};
    use crate::engine::{Engine, EventKind, Fault, FaultKind, Scope, Side, SystemClock};
    use crate::model::{ClusterName, StartPosition};

    /// Clusters nobody is at home in.
    struct Nobody;

    impl Kafka for Nobody {
        fn cluster(&self, _: &ClusterName, side: Side) -> Result<Arc<dyn Cluster>, Fault> {
            Err(Fault::new(FaultKind::Unreachable, side, "connect", "nobody"))
        }
        fn transport(&self, _: &ShardSpec) -> Result<Box<dyn Transport>, Fault> {
            Err(Fault::new(FaultKind::Unreachable, Side::Source, "connect", "nobody"))
        }
    }

    /// Refuses everything, and remembers it.
    #[derive(Default)]
    struct RefuseAll(Mutex<Vec<Command>>);

    impl Guard for RefuseAll {
        fn admit(&self, command: &Command) -> Result<(), String> {
            self.0.lock().expect("lock").push(command.clone());
            Err("only looking".into())
        }
    }

    #[tokio::test]
    async fn what_changes_the_mirror_passes_the_guard_and_the_end_does_not() {
        let guard = Arc::new(RefuseAll::default());
        let clock = Arc::new(SystemClock::default());
        let mut engine = Engine::start_guarded(Vec::new(), &[], Arc::new(Nobody), clock, guard.clone());
        let (flow, drain_timeout) = ("orders".into(), Duration::ZERO);
        let scope = Scope::flow("orders".into());
        let commands = [
            Command::Start { flow },
            Command::Stop { flow: "orders".into(), drain_timeout },
            Command::Pause { scope: scope.clone() },
            Command::Resume { scope: scope.clone() },
            Command::ResumeAt { scope: scope.clone(), at: StartPosition::Earliest },
            Command::SkipRecord { scope, offset: 1 },
            Command::MirrorTopic { flow: "orders".into(), topic: "late".into() },
            Command::IgnoreTopic { flow: "orders".into(), topic: "late".into() },
            Command::Remove { flow: "orders".into() },
            Command::SetPositions { flow: "orders".into(), positions: Vec::new() },
        ];
        for command in &commands {
            engine.send(command.clone());
            let event = engine.next_event().await.expect("an answer");
            let expected = EventKind::Refused { command: command.verb().into(), reason: "only looking".into() };
            assert_eq!(event.kind, expected);
        }
        engine.send(Command::Shutdown { drain_timeout });
        engine.ended().await;
        assert_eq!(*guard.0.lock().expect("lock"), commands);
    }
}
