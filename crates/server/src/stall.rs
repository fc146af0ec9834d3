//! A stream whose reader must go on reading: who takes less than a stated number of bytes of an answer in a stated
//! time loses the connection.

use std::future::Future as _;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};

/// Bytes that must go out in the time.
const PROGRESS: usize = 64 * 1024;

/// The stream.
pub(crate) struct Unstalled<S> {
    stream: S,
    time: Duration,
    /// Runs while something waits to go out.
    timer: Option<Pin<Box<Sleep>>>,
    /// Bytes that went out since it was set.
    written: usize,
}

impl<S> Unstalled<S> {
    pub(crate) fn new(stream: S, time: Duration) -> Self {
        Self {
            stream,
            time,
            timer: None,
            written: 0,
        }
    }

    /// Nothing could go out: the time runs, or is over.
    fn wait<T>(&mut self, context: &mut Context<'_>) -> Poll<io::Result<T>> {
        let time = self.time;
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep(time)));
        ready!(timer.as_mut().poll(context));
        Poll::Ready(Err(io::Error::new(
            io::ErrorKind::TimedOut,
            "the answer is not read",
        )))
    }

    fn wrote(&mut self, bytes: usize) {
        self.written += bytes;
        if self.written < PROGRESS {
            return;
        }
        self.written = 0;
        if let Some(timer) = &mut self.timer {
            timer.as_mut().reset(Instant::now() + self.time);
        }
    }

    fn flushed(&mut self) {
        (self.timer, self.written) = (None, 0);
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Unstalled<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Unstalled<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match Pin::new(&mut self.stream).poll_write(context, bytes) {
            Poll::Pending => self.wait(context),
            Poll::Ready(Ok(count)) => {
                self.wrote(count);
                Poll::Ready(Ok(count))
            }
            failed => failed,
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match Pin::new(&mut self.stream).poll_flush(context) {
            Poll::Pending => self.wait(context),
            Poll::Ready(Ok(())) => {
                self.flushed();
                Poll::Ready(Ok(()))
            }
            failed => failed,
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match Pin::new(&mut self.stream).poll_shutdown(context) {
            Poll::Pending => self.wait(context),
            done => done,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};

    #[tokio::test(start_paused = true)]
    async fn who_does_not_read_is_cut_off_and_who_trickles_too() {
        let time = Duration::from_secs(30);
        let (ours, theirs) = duplex(1024);
        let mut ours = Unstalled::new(ours, time);
        let error = ours.write_all(&[0; 4096]).await.expect_err("nobody reads");
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        drop(theirs);

        let (ours, mut theirs) = duplex(1024);
        let mut ours = Unstalled::new(ours, time);
        let trickle = tokio::spawn(async move {
            let mut byte = [0; 16];
            while theirs.read(&mut byte).await.is_ok_and(|count| count > 0) {
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        });
        let error = ours
            .write_all(&[0; 1 << 20])
            .await
            .expect_err("16 bytes a second");
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        trickle.abort();
    }

    #[tokio::test(start_paused = true)]
    async fn who_reads_gets_all_of_it() {
        let (ours, mut theirs) = duplex(64 * 1024);
        let mut ours = Unstalled::new(ours, Duration::from_secs(30));
        let reading = tokio::spawn(async move {
            let mut bytes = vec![0; 64 * 1024];
            let mut sum = 0;
            loop {
                match theirs.read(&mut bytes).await {
                    Ok(0) | Err(_) => return sum,
                    Ok(count) => sum += count,
                }
                tokio::time::sleep(Duration::from_secs(5)).await;
            }
        });
        ours.write_all(&vec![0; 1 << 20]).await.expect("slow, but steady");
        ours.shutdown().await.expect("closed");
        assert_eq!(reading.await.expect("read"), 1 << 20);
    }
}
