//! The outside of a seat in a real process: TLS links, the system clock, the system's random source.

use super::{HttpLink, HttpSetting, TlsIdentity};
use crate::link::{Link, NoLine};
use crate::ports::{Clock, SystemRandom};
use crate::rehearsal::{Identity, Links, Ports};
use record::Millis;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// The system clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Millis {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    }
}

/// Links over TLS to one centre.
pub struct HttpLinks {
    /// `https://host:port`.
    pub base_url: String,
    /// CA roots, DER.
    pub roots: Vec<Vec<u8>>,
    /// This program is the build that WebDriver may drive.
    pub driven: bool,
}

impl HttpLinks {
    /// A link, or why there is none.
    ///
    /// # Errors
    /// As [`HttpLink::connect`].
    pub fn try_link(&self, identity: &Identity<'_>) -> Result<HttpLink, crate::ClientError> {
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
            driven: self.driven,
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
pub fn ports(base_url: &str, roots: Vec<Vec<u8>>, driven: bool) -> Ports {
    Ports {
        links: Arc::new(HttpLinks {
            base_url: base_url.to_owned(),
            roots,
            driven,
        }),
        clock: Arc::new(|| Box::new(SystemClock)),
        random: Arc::new(|_| Box::new(SystemRandom)),
    }
}
