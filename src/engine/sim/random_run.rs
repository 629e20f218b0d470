//! Many seeds: anything that can happen happens at any step, and in the end everything has to be right.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use super::cluster::lock;
use super::log::{Record, Size};
use super::world::World;
use crate::config::NewTopics;
use crate::engine::command::Scope;
use crate::engine::fault::Side;
use crate::engine::flow::FlowInput;
use crate::engine::reason::{BlockedReason, Choice};
use crate::model::{Span, StartPosition, TopicName, TopicPartition};

const SEEDS: u64 = 2_000;
const STEPS: usize = 350;
const TOPICS: [&str; 3] = ["a", "b", "c"];

#[test]
fn nothing_is_lost_whatever_happens() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let seeds = match number("KMIRROR_SIM_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("KMIRROR_SIM_SEEDS").unwrap_or(SEEDS),
    };
    // Each world has one thread; two worlds are driven at a time.
    std::thread::scope(|scope| {
        for remainder in 0..2 {
            let own = seeds.clone().filter(move |seed| seed % 2 == remainder);
            scope.spawn(move || own.for_each(try_seed));
        }
    });
}

fn try_seed(seed: u64) {
    if let Err(failure) = attempt(seed, false) {
        // The same again, now with everything written down.
        let (_, trace) = attempt(seed, true).err().unwrap_or_default();
        let tail = trace.len().saturating_sub(200);
        panic!("KMIRROR_SIM_SEED={seed}: {}\n  {}", failure.0, trace[tail..].join("\n  "));
    }
}

/// A whole run. Fails with what is wrong and what has led to it.
fn attempt(seed: u64, with_trace: bool) -> Result<(), (String, Vec<String>)> {
    let mut world = World::new(seed);
    world.spec.config.new_topics = if seed.is_multiple_of(4) { NewTopics::Ask } else { NewTopics::Mirror };
    world.trace = with_trace.then(Vec::new);
    let result = catch_unwind(AssertUnwindSafe(|| run(&mut world)));
    let failure = match result {
        Ok(Ok(())) => return Ok(()),
        Ok(Err(failure)) => failure,
        Err(_) => "panicked, see above".into(),
    };
    Err((failure, world.trace.take().unwrap_or_default()))
}

fn run(world: &mut World) -> Result<(), String> {
    vary(world);
    world.start();
    for _ in 0..STEPS {
        disturb(world);
        act(world);
        world.note_events();
        world.check()?;
    }
    heal(world);
    settle(world)
}

/// What differs from seed to seed from the beginning.
fn vary(world: &mut World) {
    let random = &mut world.random;
    let config = &mut world.spec.config;
    config.start = if random.chance(50) { StartPosition::Earliest } else { StartPosition::Latest };
    config.shards = 1 + random.below(2) as u16;
    config.commit_interval = Duration::from_millis(100 * random.between(1, 20) as u64);
    config.refresh_interval = Duration::from_millis(500 * random.between(1, 10) as u64);
    // Room for 4 to 40 plain records, or for only one or two: everything is sent one by one then.
    let plain = 10 + Span::RECORD_OVERHEAD_BYTES;
    config.limits.in_flight_bytes = match random.chance(30) {
        true => plain / 4 * random.between(1, 8) as u64,
        false => 4 * plain * random.between(1, 10) as u64,
    };
    if random.chance(20) {
        config.limits.records_per_second = Some(random.between(20, 200) as u64);
    }
    lock(&world.kafka).answering = random.between(10, 100) as u32;
    let (partitions, before) = (random.between(1, 3) as i32, random.below(12));
    world.create_source("a", partitions);
    for partition in 0..partitions {
        world.write_many("a", partition, before);
    }
}

/// One thing that works as it should, only in no particular order.
fn act(world: &mut World) {
    let time = Duration::from_millis(world.random.between(1, 60) as u64);
    world.pass(time);
    if world.random.chance(40) {
        world.land_some();
        return;
    }
    if world.random.chance(15) {
        write_some(world);
        return;
    }
    let count = world.instances.len();
    let index = world.random.below(count);
    let choice = world.random.below(10);
    let orders = if world.random.chance(80) { usize::MAX } else { world.random.below(3) };
    let shards: Vec<u32> = world.instances.get(index).map(|i| i.shards.keys().copied().collect()).unwrap_or_default();
    let shard = world.random.pick(&shards).copied();
    let Some(instance) = world.instances.get_mut(index) else { return };
    match (choice, shard) {
        (0..=4, Some(shard)) => instance.step_shard(shard, orders),
        (5 | 6, _) => instance.deliver(),
        (7 | 8, _) => instance.step_job(),
        _ => instance.tick(),
    }
}

fn write_some(world: &mut World) {
    let partitions = lock(&world.kafka).source.partitions();
    let Some(partition) = world.random.pick(&partitions).cloned() else { return };
    for _ in 0..=world.random.below(4) {
        let size = match world.random.below(60) {
            0 => Size::TooLarge,
            1 | 2 => Size::TooLargeInBatch,
            _ => Size::Normal,
        };
        let holes = if world.random.chance(15) { world.random.between(1, 4) } else { 0 };
        world.write(&partition, Record { size, ..Record::PLAIN }, holes);
    }
    if world.random.chance(10)
        && let Some(log) = lock(&world.kafka).source.log_mut(&partition)
    {
        // Control records.
        log.end += 1;
    }
}

/// One thing that goes wrong, or that an operator does, now and then.
fn disturb(world: &mut World) {
    if !world.random.chance(9) {
        return;
    }
    let kind = world.random.below(27);
    world.note(|| format!("disturbance {kind}"));
    let partitions = lock(&world.kafka).source.partitions();
    let some = world.random.pick(&partitions).cloned();
    let percent = [0, 0, 5, 30][world.random.below(4)];
    match kind {
        0 => flip(&mut lock(&world.kafka).source.is_unreachable),
        1 => flip(&mut lock(&world.kafka).target.is_unreachable),
        2 => lock(&world.kafka).source.failing = percent,
        3 => lock(&world.kafka).target.failing = percent,
        4 => lock(&world.kafka).failing_commits = percent,
        5 => lock(&world.kafka).failing_writes = percent / 5,
        6 | 7 if world.instances.len() < 3 => {
            world.start();
        }
        8 | 9 => stop(world),
        10 | 11 => kill(world),
        12 => world.expel_dead(),
        13 => expel(world),
        14 => delete_some(world, some),
        15 => grow(world),
        16 => appear(world),
        17 | 18 => operate(world),
        19 => break_client(world),
        20 => recreate(world),
        21 => forbid(world),
        22 => compact(world, some),
        23 => lose_a_broker(world),
        24 | 25 => configure(world),
        _ => world.expel_dead(),
    }
}

/// Every instance is told other rules and limits, as one that reads the same file would be.
fn configure(world: &mut World) {
    let rules: [&[&str]; 4] = [&["a"], &["a", "b"], &["c", "b"], &[".*"]];
    let rules = rules[world.random.below(rules.len())];
    world.include(rules);
    world.spec.config.limits.records_per_second = world.random.chance(20).then_some(150);
    if world.random.chance(15) {
        world.spec.config.shards = 1 + world.random.below(2) as u16;
    }
    let may_restart = world.random.chance(70);
    world.configure(may_restart);
}

fn flip(switch: &mut bool) {
    *switch = !*switch;
}

/// A broker goes away alone, or comes back, or others take over what it leads.
fn lose_a_broker(world: &mut World) {
    let side = if world.random.chance(50) { Side::Source } else { Side::Target };
    let broker = 1 + world.random.below(3) as i32;
    let is_move = world.random.chance(30);
    let mut kafka = lock(&world.kafka);
    let cluster = kafka.cluster(side);
    let brokers = if is_move { &mut cluster.moved } else { &mut cluster.down };
    if !brokers.remove(&broker) {
        brokers.insert(broker);
    }
}

/// An orderly stop: it ends by itself in the steps that follow.
fn stop(world: &mut World) {
    let index = world.random.below(world.instances.len());
    let within = Duration::from_millis(world.random.between(0, 20_000) as u64);
    let is_again = world.random.chance(50);
    let Some(instance) = world.instances.get_mut(index) else { return };
    if instance.is_stopped() {
        if is_again {
            instance.tell(FlowInput::Start);
        } else {
            world.instances.remove(index);
        }
    } else {
        instance.drain(within);
    }
}

fn kill(world: &mut World) {
    let index = world.random.below(world.instances.len());
    if index < world.instances.len() {
        world.instances.remove(index);
    }
    if world.random.chance(50) {
        world.expel_dead();
    }
    if world.instances.is_empty() || world.random.chance(50) {
        world.start();
    }
}

fn expel(world: &mut World) {
    let members: Vec<u32> = lock(&world.kafka).group.members.keys().copied().collect();
    if let Some(member) = world.random.pick(&members) {
        lock(&world.kafka).expel(*member);
    }
}

fn break_client(world: &mut World) {
    let mut kafka = lock(&world.kafka);
    let writers: Vec<u32> = kafka.writers.keys().copied().collect();
    if let Some(writer) = world.random.pick(&writers).and_then(|id| kafka.writers.get_mut(id)) {
        writer.is_broken = true;
    }
}

/// Retention.
fn delete_some(world: &mut World, partition: Option<TopicPartition>) {
    let amount = world.random.between(0, 6);
    let mut kafka = lock(&world.kafka);
    if let Some(log) = partition.and_then(|partition| kafka.source.log_mut(&partition)) {
        let start = log.start + amount;
        log.delete_before(start);
    }
}

fn compact(world: &mut World, partition: Option<TopicPartition>) {
    let Some(partition) = partition else { return };
    let mut kafka = lock(&world.kafka);
    let Some(log) = kafka.source.log_mut(&partition) else { return };
    let offsets: Vec<i64> = log.records.keys().copied().collect();
    // What is in flight stays in flight, so only what nobody has read yet can vanish without a trace.
    let read_to = kafka
        .writers
        .values()
        .flat_map(|writer| writer.lanes.values())
        .filter(|lane| lane.source == partition)
        .map(|lane| lane.next)
        .max()
        .unwrap_or(i64::MAX);
    let landed = kafka.ledger.account(&partition).landed.last().copied().unwrap_or(-1);
    for offset in offsets.into_iter().filter(|offset| *offset >= read_to && *offset > landed) {
        if world.random.chance(30) {
            if let Some(log) = kafka.source.log_mut(&partition) {
                log.records.remove(&offset);
            }
            kafka.ledger.account(&partition).compact(offset);
        }
    }
}

fn grow(world: &mut World) {
    let Some(name) = world.random.pick(&TOPICS).copied() else { return };
    let now = lock(&world.kafka).source.topics.get(name).map(|topic| topic.partitions.len());
    if let Some(now) = now.filter(|now| *now < 4) {
        world.grow_source(name, now as i32 + 1);
    }
}

fn appear(world: &mut World) {
    let Some(name) = world.random.pick(&TOPICS).copied() else { return };
    if !lock(&world.kafka).source.topics.contains_key(name) {
        let partitions = world.random.between(1, 2) as i32;
        world.create_source(name, partitions);
        world.write_many(name, 0, 3);
    }
}

/// The source topic is deleted and created again, or the target topic is deleted.
fn recreate(world: &mut World) {
    let Some(name) = world.random.pick(&TOPICS).copied() else { return };
    let Some(partitions) = lock(&world.kafka).source.topics.get(name).map(|topic| topic.partitions.len()) else {
        return;
    };
    if world.random.chance(50) {
        world.create_source(name, partitions as i32);
        let records = world.random.below(8);
        world.write_many(name, 0, records);
        return;
    }
    world.delete_target(name);
}

fn forbid(world: &mut World) {
    let Some(name) = world.random.pick(&TOPICS).copied() else { return };
    if let Some(topic) = lock(&world.kafka).target.topics.get_mut(name) {
        flip(&mut topic.is_forbidden);
    }
}

/// Pauses and resumes, and answers to lanes that are blocked.
fn operate(world: &mut World) {
    let index = world.random.below(world.instances.len());
    let topic = world.random.pick(&TOPICS).map(|name| TopicName::from(*name));
    let number = world.random.below(2) as i32;
    let partition = world.random.chance(50).then_some(number);
    let set_in = topic.clone();
    let scope = match world.random.chance(50) {
        true => Scope::flow("f".into()),
        false => Scope { flow: "f".into(), topic, partition },
    };
    let kind = world.random.below(27);
    let position = world.random.between(0, 20);
    let at = match world.random.below(3) {
        0 => StartPosition::Earliest,
        1 => StartPosition::Latest,
        _ => StartPosition::Offset(position),
    };
    if kind >= 3 {
        world.allow_jumps();
    }
    world.note(|| format!("operator: {kind} {scope} {at}"));
    let Some(instance) = world.instances.get_mut(index) else { return };
    match kind {
        0 | 1 => instance.tell(FlowInput::Pause(scope)),
        2 => instance.tell(FlowInput::Resume(scope)),
        3 => instance.tell(FlowInput::ResumeAt { scope, at }),
        4 => instance.set_positions(&[(set_in.as_ref().map_or("a", TopicName::as_str), number, position)]),
        _ => answer(instance),
    }
}

/// Decides as an operator would who wants everything there is.
fn answer(instance: &mut super::instance::Instance) {
    let snapshot = instance.snapshot();
    for (topic, lane, why) in snapshot.blocked_lanes() {
        let scope = Scope { flow: "f".into(), topic: Some(topic.source.clone()), partition: Some(lane.partition) };
        instance.tell(match why {
            BlockedReason::RecordTooLarge { offset, .. } => FlowInput::SkipRecord { scope, offset: *offset },
            why if why.choices().contains(&Choice::ResumeAt) => {
                FlowInput::ResumeAt { scope, at: StartPosition::Earliest }
            }
            _ => FlowInput::Resume(scope),
        });
    }
    for (topic, why) in snapshot.blocked_topics() {
        if *why == BlockedReason::NewTopic {
            instance.tell(FlowInput::MirrorTopic(topic.source.clone()));
            continue;
        }
        let scope = Scope { flow: "f".into(), topic: Some(topic.source.clone()), partition: None };
        instance.tell(FlowInput::ResumeAt { scope, at: StartPosition::Earliest });
    }
}

/// Everything works again.
fn heal(world: &mut World) {
    world.include(&[".*"]);
    world.configure(true);
    world.note(|| "healed".into());
    {
        let mut kafka = lock(&world.kafka);
        let kafka = &mut *kafka;
        for cluster in [&mut kafka.source, &mut kafka.target] {
            cluster.is_unreachable = false;
            cluster.down.clear();
            cluster.failing = 0;
            cluster.topics.values_mut().for_each(|topic| topic.is_forbidden = false);
        }
        kafka.failing_commits = 0;
        kafka.answering = kafka.answering.max(70);
        kafka.failing_writes = 0;
    }
    world.allow_jumps();
    for instance in &mut world.instances {
        instance.tell(FlowInput::Resume(Scope::flow("f".into())));
    }
    if world.instances.is_empty() {
        world.start();
    }
}

/// Runs to rest, with an operator who answers what is blocked.
fn settle(world: &mut World) -> Result<(), String> {
    for _ in 0..400 {
        world.run_for(25)?;
        if world.is_at_rest() {
            return lock(&world.kafka).ledger.check_nothing_is_lost();
        }
        world.allow_jumps();
        world.grow_blocked_targets();
        for instance in &mut world.instances {
            if instance.is_stopped() {
                instance.tell(FlowInput::Start);
            }
            answer(instance);
        }
    }
    Err(format!("I11: no rest: {}", world.describe()))
}
