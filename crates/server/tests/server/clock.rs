//! A clock that tests stop and break.

use crate::fixture::now;
use centre::Clock;
use record::Millis;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex};

/// The system's clock behind a gate: who asks while it is shut waits.
#[derive(Default)]
pub(crate) struct GateClock {
    broken: AtomicBool,
    state: Mutex<(bool, usize)>,
    changed: Condvar,
}

impl GateClock {
    pub(crate) fn shut(&self) {
        self.state.lock().unwrap().0 = true;
    }

    pub(crate) fn open(&self) {
        self.state.lock().unwrap().0 = false;
        self.changed.notify_all();
    }

    /// While broken, who asks panics.
    pub(crate) fn set_broken(&self, broken: bool) {
        self.broken.store(broken, Ordering::SeqCst);
    }

    /// Waits until so many stand before the shut gate.
    pub(crate) fn until_waiting(&self, count: usize) {
        let state = self.state.lock().unwrap();
        drop(
            self.changed
                .wait_while(state, |(_, waiting)| *waiting < count)
                .unwrap(),
        );
    }
}

impl Clock for GateClock {
    fn now(&self) -> Millis {
        assert!(!self.broken.load(Ordering::SeqCst), "the clock is broken");
        let mut state = self.state.lock().unwrap();
        state.1 += 1;
        self.changed.notify_all();
        let mut state = self.changed.wait_while(state, |(shut, _)| *shut).unwrap();
        state.1 -= 1;
        now()
    }
}
