//! Something that costs too much to be made for every frame: kept until what it is made from changes.

use std::cell::RefCell;
use std::sync::Arc;

use crate::engine::FlowSnapshot;

/// The latest of something, with what it was made from.
#[derive(Clone, Debug)]
pub(in crate::tui) struct Memo<K, V>(RefCell<Option<(K, Arc<V>)>>);

impl<K, V> Default for Memo<K, V> {
    fn default() -> Self {
        Self(RefCell::new(None))
    }
}

impl<K: PartialEq, V> Memo<K, V> {
    /// What was made from `key`; made now if the last was from another.
    pub(in crate::tui) fn get(&self, key: K, make: impl FnOnce() -> V) -> Arc<V> {
        if let Some((known, made)) = &*self.0.borrow()
            && *known == key
        {
            return Arc::clone(made);
        }
        let made = Arc::new(make());
        self.0.replace(Some((key, Arc::clone(&made))));
        made
    }
}

/// A flow's snapshot as a key: equal only to itself, so that comparing costs nothing.
#[derive(Clone, Debug)]
pub(in crate::tui) struct SameFlow(pub(in crate::tui) Arc<FlowSnapshot>);

impl PartialEq for SameFlow {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_made_anew_only_from_something_else() {
        let memo = Memo::default();
        let mut made = 0;
        for key in [1, 1, 2, 2, 1] {
            let value = memo.get(key, || {
                made += 1;
                key * 10
            });
            assert_eq!(*value, key * 10);
        }
        assert_eq!(made, 3);
    }
}
