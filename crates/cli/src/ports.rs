//! The outside of a seat in a real process: TLS links, the system clock, the system's random source.

use client::http_link::{HttpLink, HttpSetting, TlsIdentity};
use client::link::{Link, NoLine};
use client::ports::{Clock, SystemRandom};
use client::rehearsal::{Identity, Links, Ports};
use record::Millis;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// The system clock.
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Millis {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    }
}

/// Links over TLS to one centre.
pub(crate) struct HttpLinks {
    pub(crate) base_url: String,
    pub(crate) roots: Vec<Vec<u8>>,
}

impl HttpLinks {
    /// A link, or why there is none.
    pub(crate) fn try_link(&self, identity: &Identity<'_>) -> Result<HttpLink, client::ClientError> {
        let identity = match identity {
            Identity::Anonymous => None,
            Identity::Key(key, Some(chain)) if !chain.is_empty() => {
                Some(TlsIdentity::with_chain(key, chain)?)
            }
            Identity::Key(key, _) => Some(TlsIdentity::self_signed(key)?),
            Identity::Witness(key) => Some(TlsIdentity::witness(key)?),
        };
        HttpLink::connect(HttpSetting {
            base_url: self.base_url.clone(),
            ca_roots: self.roots.clone(),
            identity,
            server_name: None,
        })
    }
}

impl Links for HttpLinks {
    fn link(&self, identity: Identity<'_>) -> Box<dyn Link> {
        match self.try_link(&identity) {
            Ok(link) => Box::new(link),
            Err(error) => {
                tracing::error!(%error, "no link can be made");
                Box::new(NoLine)
            }
        }
    }
}

/// Ports of a seat in a process of its own.
pub(crate) fn ports(base_url: &str, roots: Vec<Vec<u8>>) -> Ports {
    Ports {
        links: Arc::new(HttpLinks {
            base_url: base_url.to_owned(),
            roots,
        }),
        clock: Arc::new(|| Box::new(SystemClock)),
        random: Arc::new(|_| Box::new(SystemRandom)),
    }
}
