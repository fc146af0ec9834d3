//! Pictures of pages: encoded ones at hand, and confined children that stay open on the documents looked at.

use super::lru::Lru;
use crate::error::ClientError;
use documents::{DocumentError, OpenDocument, Reader, Watermark};
use record::{BlobRef, Digest};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

/// Encoded pictures at hand, bytes.
const PICTURES: usize = 64 << 20;
/// Children open at once.
const CHILDREN: usize = 4;

type Key = (BlobRef, u32, u16, Digest);

/// A place for one child.
struct Place {
    blob: BlobRef,
    child: Arc<Mutex<Option<OpenDocument>>>,
    used: u64,
}

#[derive(Default)]
struct Places {
    clock: u64,
    places: Vec<Place>,
}

pub(super) struct Pictures {
    reader: Reader,
    pictures: Mutex<Lru<Key, Arc<Vec<u8>>>>,
    places: Mutex<Places>,
    freed: Condvar,
}

impl Pictures {
    pub(super) fn new(reader: Reader) -> Self {
        Self {
            reader,
            pictures: Mutex::new(Lru::new(PICTURES)),
            places: Mutex::default(),
            freed: Condvar::new(),
        }
    }

    /// A picture, at hand or drawn now. `bytes` gives the document, if a child has to be opened on it.
    pub(super) fn picture(
        &self,
        blob: &BlobRef,
        page: u32,
        width: u16,
        watermark: &[String],
        bytes: impl Fn() -> Result<Vec<u8>, ClientError>,
    ) -> Result<Arc<Vec<u8>>, ClientError> {
        let marked = Digest::of(watermark.join("\n").as_bytes());
        let key = (*blob, page, width, marked);
        if let Some(picture) = lock(&self.pictures).get(&key) {
            return Ok(picture);
        }
        let watermark = Watermark {
            lines: watermark.to_vec(),
        };
        let picture = Arc::new(self.draw(blob, page, width, &watermark, bytes)?);
        lock(&self.pictures).put(key, picture.clone(), picture.len());
        Ok(picture)
    }

    fn draw(
        &self,
        blob: &BlobRef,
        page: u32,
        width: u16,
        watermark: &Watermark,
        bytes: impl Fn() -> Result<Vec<u8>, ClientError>,
    ) -> Result<Vec<u8>, ClientError> {
        let child = self.child(blob);
        let drawn = {
            let mut open = lock(&child);
            draw_with(&self.reader, &mut open, page, width, watermark, bytes)
        };
        // Under the lock, so that nobody who just saw it busy waits for what has happened.
        let places = lock(&self.places);
        drop(child);
        drop(places);
        self.freed.notify_all();
        drawn
    }

    /// The place of a document's child; waits while all are busy with other documents.
    fn child(&self, blob: &BlobRef) -> Arc<Mutex<Option<OpenDocument>>> {
        let mut places = lock(&self.places);
        loop {
            places.clock += 1;
            let clock = places.clock;
            if let Some(place) = places.places.iter_mut().find(|place| place.blob == *blob) {
                place.used = clock;
                return place.child.clone();
            }
            if places.places.len() >= CHILDREN {
                // In use is whose child somebody else holds.
                let idle = places.places.iter().enumerate();
                let idle = idle.filter(|(_, place)| Arc::strong_count(&place.child) == 1);
                match idle.min_by_key(|(_, place)| place.used).map(|(at, _)| at) {
                    Some(at) => drop(places.places.swap_remove(at)),
                    None => {
                        places = self.freed.wait(places).unwrap_or_else(PoisonError::into_inner);
                        continue;
                    }
                }
            }
            let child = Arc::new(Mutex::new(None));
            places.places.push(Place {
                blob: *blob,
                child: child.clone(),
                used: clock,
            });
            return child;
        }
    }

    /// Pictures and children go.
    pub(super) fn clear(&self) {
        lock(&self.pictures).clear();
        lock(&self.places).places.clear();
        self.freed.notify_all();
    }
}

fn draw_with(
    reader: &Reader,
    open: &mut Option<OpenDocument>,
    page: u32,
    width: u16,
    watermark: &Watermark,
    bytes: impl Fn() -> Result<Vec<u8>, ClientError>,
) -> Result<Vec<u8>, ClientError> {
    if let Some(child) = open.as_mut() {
        match child.render_width(page, width, Some(watermark)) {
            Ok(picture) => return Ok(picture.png),
            Err(error) if child.is_open() => return Err(error.into()),
            // What it kept may have been too much: a new one begins from nothing.
            Err(_) => *open = None,
        }
    }
    let child = open.insert(reader.open(&bytes()?)?);
    let drawn: Result<_, DocumentError> = child.render_width(page, width, Some(watermark));
    if !child.is_open() {
        *open = None;
    }
    Ok(drawn?.png)
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
