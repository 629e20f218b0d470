//! Waiting for what happens elsewhere. The only place of these tests that sleeps.

use std::thread;
use std::time::{Duration, Instant};

/// Asks until `condition` gives something, and fails the test with `what` when it does not in time.
#[track_caller]
pub(crate) fn wait_until<T>(what: &str, within: Duration, condition: impl FnMut() -> Option<T>) -> T {
    wait_or_tell(within, condition, || what.to_owned())
}

/// As [`wait_until`], with words for the failure that are made when it comes.
#[track_caller]
pub(crate) fn wait_or_tell<T>(
    within: Duration,
    mut condition: impl FnMut() -> Option<T>,
    what: impl FnOnce() -> String,
) -> T {
    let deadline = Instant::now() + within;
    loop {
        if let Some(found) = condition() {
            return found;
        }
        if Instant::now() >= deadline {
            panic!("not within {within:?}: {}", what());
        }
        thread::sleep(POLL);
    }
}

/// Between two orders to a mock cluster: one that follows the answer to another at once is noticed only a second later
/// (see `Mock::control` of the demo).
pub(crate) fn let_mock_settle() {
    thread::sleep(Duration::from_micros(500));
}

#[test]
fn waiting_ends_with_what_was_found() {
    let mut asked = 0;
    let found = wait_until("the third question", Duration::from_secs(10), || {
        asked += 1;
        (asked == 3).then_some(asked)
    });
    assert_eq!(found, 3);
}

#[test]
#[should_panic(expected = "something that never comes")]
fn waiting_ends_at_its_deadline() {
    wait_until("something that never comes", Duration::from_millis(30), || None::<()>)
}

/// Short beside an answer of the mock's.
const POLL: Duration = Duration::from_millis(10);
