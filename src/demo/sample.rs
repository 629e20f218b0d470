//! What a record of each demo topic looks like. The same number makes the same record, but for its time.

use super::payload::{digits, json_time, mix, pick};

/// A record to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sample {
    pub(super) partition: i32,
    pub(super) key: Option<Vec<u8>>,
    pub(super) value: Option<Vec<u8>>,
    pub(super) headers: Vec<(&'static str, Option<Vec<u8>>)>,
    pub(super) timestamp_ms: i64,
}

impl Sample {
    fn new(partition: i32, timestamp_ms: i64, value: impl Into<Vec<u8>>) -> Self {
        Self { partition, key: None, value: Some(value.into()), headers: Vec::new(), timestamp_ms }
    }

    fn with_key(self, key: impl Into<Vec<u8>>) -> Self {
        Self { key: Some(key.into()), ..self }
    }
}

/// Makes the record of that number, for so many partitions, as if written at that time in ms.
pub(super) type MakeSample = fn(number: u64, partitions: i32, now_ms: i64) -> Sample;

/// JSON by customer.
pub(super) fn order(number: u64, partitions: i32, now_ms: i64) -> Sample {
    let customer = mix(number) % 5_000;
    let item = |salt: u64| {
        let dice = mix(number * 8 + salt);
        format!(r#"{{"sku":"SKU-{:05}","quantity":{},"cents":{}}}"#, dice % 20_000, 1 + dice % 4, 199 + dice % 9_000)
    };
    let items: Vec<String> = (1..=1 + number % 3).map(item).collect();
    let value = format!(
        r#"{{"order":"o-{:08}","customer":"c-{customer:05}","channel":"{}","items":[{}],"created_at":"{}"}}"#,
        number,
        pick(&["web", "app", "store", "phone"], mix(number + 1)),
        items.join(","),
        json_time(now_ms),
    );
    Sample::new(spread(customer, partitions), now_ms, value).with_key(format!("c-{customer:05}"))
}

/// JSON by order.
pub(super) fn payment(number: u64, partitions: i32, now_ms: i64) -> Sample {
    let value = format!(
        r#"{{"payment":"p-{number:08}","order":"o-{:08}","method":"{}","status":"authorized","cents":{},"at":"{}"}}"#,
        mix(number) % 1_000_000,
        pick(&["card", "card", "paypal", "sepa"], mix(number + 1)),
        500 + mix(number + 2) % 20_000,
        json_time(now_ms),
    );
    Sample::new(spread(number, partitions), now_ms, value).with_key(format!("p-{number:08}"))
}

/// Short JSON without key. A page's worth of clicks goes to one partition, then to the next, as producers without keys
/// do.
pub(super) fn click(number: u64, partitions: i32, now_ms: i64) -> Sample {
    let pages = ["/", "/search", "/product", "/cart", "/checkout", "/account"];
    let value = format!(
        r#"{{"event":"view","page":"{}","session":"s-{:03}","ms":{}}}"#,
        pick(&pages, mix(number)),
        mix(number + 1) % 300,
        now_ms,
    );
    Sample::new(spread(number / CLICKS_PER_BATCH, partitions), now_ms, value)
}

/// A warehouse's stock: one large record.
pub(super) fn inventory(number: u64, partitions: i32, now_ms: i64) -> Sample {
    let mut value = format!(r#"{{"warehouse":"w-{}","taken_at":"{}","stock":["#, number % 12, json_time(now_ms));
    for row in 0..INVENTORY_ROWS {
        let comma = if row == 0 { "" } else { "," };
        let count = mix(number * INVENTORY_ROWS + row) % 1_000;
        value.push_str(&format!(r#"{comma}{{"sku":"SKU-{row:05}","shelf":"{}","count":{count}}}"#, row % 40));
    }
    value.push_str("]}");
    Sample::new(spread(number, partitions), now_ms, value).with_key(format!("w-{}", number % 12))
}

/// The latest state of each user, as in a compacted topic: every eighth record deletes one.
pub(super) fn profile(number: u64, partitions: i32, now_ms: i64) -> Sample {
    let user = mix(number) % 800;
    let value = format!(
        r#"{{"user":"u-{user:04}","name":"{} {}","newsletter":{},"city":"{}","version":{number}}}"#,
        pick(&["Ada", "Grace", "Alan", "Edsger", "Barbara", "Tony"], mix(user)),
        pick(&["Lovelace", "Hopper", "Turing", "Dijkstra", "Liskov", "Hoare"], mix(user + 1)),
        number.is_multiple_of(2),
        pick(&["Zürich", "København", "Málaga", "Łódź", "東京"], mix(user + 2)),
    );
    let sample = Sample::new(spread(user, partitions), now_ms, value).with_key(format!("u-{user:04}"));
    if number % 8 == 7 { Sample { value: None, ..sample } } else { sample }
}

/// No key, but headers: text, bytes that are no text, and one without a value.
pub(super) fn audit(number: u64, partitions: i32, now_ms: i64) -> Sample {
    let action = pick(&["login", "logout", "role.granted", "export.started", "password.changed"], mix(number));
    let actor = format!("user{}@example.com", mix(number + 1) % 200);
    let value =
        format!(r#"{{"actor":"{actor}","action":"{action}","address":"10.0.{}.{}"}}"#, number % 16, mix(number) % 256);
    let headers = vec![
        ("content-type", Some(b"application/json".to_vec())),
        ("trace-id", Some(mix(number + 2).to_be_bytes().to_vec())),
        ("reviewed", None),
    ];
    Sample { headers, ..Sample::new(spread(number, partitions), now_ms, value) }
}

/// Eight bytes per reading, delivered a day late: its time lies in the past.
pub(super) fn temperature(number: u64, partitions: i32, now_ms: i64) -> Sample {
    let sensor = number % 60;
    let millidegrees = 18_000 + i32::try_from(mix(number) % 7_000).unwrap_or(0);
    let mut value = u32::try_from(sensor).unwrap_or(0).to_be_bytes().to_vec();
    value.extend(millidegrees.to_be_bytes());
    Sample::new(spread(sensor, partitions), now_ms - LATE_MS, value).with_key(digits("sensor-", sensor))
}

/// A sign of life.
pub(super) fn heartbeat(number: u64, partitions: i32, now_ms: i64) -> Sample {
    let value = format!(r#"{{"beat":{number},"at":"{}"}}"#, json_time(now_ms));
    Sample::new(spread(number, partitions), now_ms, value).with_key("shop")
}

fn spread(number: u64, partitions: i32) -> i32 {
    let partitions = u64::try_from(partitions).unwrap_or(1).max(1);
    i32::try_from(number % partitions).unwrap_or(0)
}

/// One round of the topic, see `topic`: a batch of that many compresses well.
pub(super) const CLICKS_PER_BATCH: u64 = 200;
/// About 45 bytes each, together about 50 kB.
const INVENTORY_ROWS: u64 = 1_100;
/// A day.
const LATE_MS: i64 = 86_400_000;
