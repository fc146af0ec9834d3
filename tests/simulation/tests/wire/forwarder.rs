//! A forwarder between a seat and the centre that sees what a network sees: TLS records, their direction, size and
//! moment.

use conclave_simulation::SimClock;
use record::Millis;
use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};

/// Where a record went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Direction {
    ToCentre,
    ToSeat,
}

/// One TLS record as a network sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    /// Connection, counted from the first.
    pub(crate) connection: usize,
    pub(crate) direction: Direction,
    /// Content type of the outer header.
    pub(crate) kind: u8,
    /// Bytes after the header.
    pub(crate) size: usize,
    /// Moment, on everybody's clock.
    pub(crate) at: Millis,
}

/// What is compared: the moment as a share of the cadence since the beginning.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Mark {
    connection: usize,
    direction: Direction,
    kind: u8,
    size: usize,
    /// Tenths of the cadence since the beginning.
    tenths: u64,
}

impl Mark {
    pub(crate) fn direction(&self) -> Direction {
        self.direction
    }

    /// A whole fragment of 2^14 bytes on its way to the centre: part of something large.
    pub(crate) fn is_full_upload(&self) -> bool {
        self.direction == Direction::ToCentre && self.size > 1 << 14
    }
}

impl fmt::Debug for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let way = match self.direction {
            Direction::ToCentre => "->",
            Direction::ToSeat => "<-",
        };
        write!(
            f,
            "{}{way}{}:{}@{}",
            self.connection, self.kind, self.size, self.tenths
        )
    }
}

type Log = Arc<Mutex<Vec<Seen>>>;

/// The forwarder. Its threads end with the connections they serve.
pub(crate) struct Forwarder {
    pub(crate) address: SocketAddr,
    log: Log,
}

impl Forwarder {
    pub(crate) fn start(centre: SocketAddr, clock: SimClock) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let log = Log::default();
        let kept = log.clone();
        std::thread::spawn(move || {
            for (connection, seat) in listener.incoming().enumerate() {
                let Ok(seat) = seat else { return };
                let Ok(centre) = TcpStream::connect(centre) else {
                    return;
                };
                let pairs = [
                    (&seat, &centre, Direction::ToCentre),
                    (&centre, &seat, Direction::ToSeat),
                ];
                for (from, to, direction) in pairs {
                    let _ = to.set_nodelay(true);
                    let (from, to) = (from.try_clone(), to.try_clone());
                    let (Ok(from), Ok(to)) = (from, to) else { return };
                    let way = Way {
                        connection,
                        direction,
                        clock: clock.clone(),
                        log: kept.clone(),
                    };
                    std::thread::spawn(move || way.carry(from, to));
                }
            }
        });
        Self { address, log }
    }

    /// What was seen since the last time.
    pub(crate) fn take(&self) -> Vec<Seen> {
        std::mem::take(&mut *self.log.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

struct Way {
    connection: usize,
    direction: Direction,
    clock: SimClock,
    log: Log,
}

impl Way {
    /// Whole records, each noted before it goes on: whoever gets it finds it noted.
    fn carry(self, mut from: TcpStream, mut to: TcpStream) {
        while let Ok(record) = read_record(&mut from) {
            let seen = Seen {
                connection: self.connection,
                direction: self.direction,
                kind: record[0],
                size: record.len() - 5,
                at: self.clock.time(),
            };
            self.log.lock().unwrap_or_else(PoisonError::into_inner).push(seen);
            if to.write_all(&record).is_err() {
                break;
            }
        }
        let _ = to.shutdown(Shutdown::Write);
    }
}

/// Type, version, length (RFC 8446, 5.1) and what follows.
fn read_record(from: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut record = vec![0; 5];
    from.read_exact(&mut record)?;
    let length = usize::from(u16::from_be_bytes([record[3], record[4]]));
    record.resize(5 + length, 0);
    from.read_exact(&mut record[5..])?;
    Ok(record)
}

/// What a network can tell from a stretch of traffic. Within one direction of one connection the order is that of the
/// line; between the two directions it is that of requests and answers, since a seat asks one thing at a time.
pub(crate) fn pattern(seen: &[Seen], beginning: Millis, cadence: Millis) -> Vec<Mark> {
    let connections: BTreeMap<usize, usize> = seen
        .iter()
        .map(|seen| seen.connection)
        .collect::<std::collections::BTreeSet<_>>()
        .into_iter()
        .enumerate()
        .map(|(place, connection)| (connection, place))
        .collect();
    let marks = seen.iter().map(|seen| Mark {
        connection: connections[&seen.connection],
        direction: seen.direction,
        kind: seen.kind,
        size: seen.size,
        tenths: seen.at.saturating_sub(beginning) * 10 / cadence,
    });
    marks.collect()
}

/// The first place where two patterns differ, for people.
pub(crate) fn difference(one: &[Mark], other: &[Mark]) -> Option<String> {
    if one == other {
        return None;
    }
    let place = one.iter().zip(other).take_while(|(a, b)| a == b).count();
    let around = |marks: &[Mark]| -> Vec<Mark> {
        let end = marks.len().min(place + 3);
        marks[place.saturating_sub(3).min(end)..end].to_vec()
    };
    Some(format!(
        "{} and {} records differ at {place}: {:?} / {:?}",
        one.len(),
        other.len(),
        around(one),
        around(other)
    ))
}
