//! Bodies that the host holds whole.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::Body;

use crate::memory::{Held, MemoryExceeded};

/// Why a body can't be read whole.
#[derive(Debug, thiserror::Error)]
pub(super) enum BodyError {
    #[error("the body has more than {0} bytes")]
    TooLarge(usize),
    #[error(transparent)]
    Memory(#[from] MemoryExceeded),
    #[error("nothing came for too long")]
    Stalled,
    #[error("the body broke off")]
    Broken,
}

/// Waits for something, for so long at most where there is a limit; `None` where it took longer.
pub(super) async fn within<F: Future>(limit: Option<Duration>, something: F) -> Option<F::Output> {
    match limit {
        Some(limit) => tokio::time::timeout(limit, something).await.ok(),
        None => Some(something.await),
    }
}

/// Reads a body to its end, up to `limit` bytes and counted in `held`. A pause of `between` ends it.
pub(super) async fn whole<B>(
    mut body: B,
    limit: usize,
    between: Option<Duration>,
    held: &mut Held,
) -> Result<Bytes, BodyError>
where
    B: Body<Data = Bytes> + Unpin,
{
    let mut whole = BytesMut::new();
    if let Some(announced) = body.size_hint().exact() {
        let size = usize::try_from(announced).ok().filter(|size| *size <= limit);
        let size = size.ok_or(BodyError::TooLarge(limit))?;
        held.resize(size)?;
        whole.reserve(size);
    }
    loop {
        let frame = within(between, body.frame()).await;
        let frame = match frame.ok_or(BodyError::Stalled)? {
            None => return Ok(whole.freeze()),
            Some(frame) => frame.map_err(|_| BodyError::Broken)?,
        };
        let Ok(data) = frame.into_data() else { continue };
        if whole.len() + data.len() > limit {
            return Err(BodyError::TooLarge(limit));
        }
        whole.extend_from_slice(&data);
        held.resize(whole.capacity().max(held.bytes()))?;
    }
}

/// The same bytes, which count for as long as any part of them is kept.
///
/// # Errors
///
/// Where there is no room for as many.
pub(super) fn counted(bytes: Bytes, mut held: Held) -> Result<Bytes, MemoryExceeded> {
    struct Counted {
        bytes: Bytes,
        _held: Held,
    }
    impl AsRef<[u8]> for Counted {
        fn as_ref(&self) -> &[u8] {
            &self.bytes
        }
    }
    held.resize(bytes.len())?;
    Ok(Bytes::from_owner(Counted { bytes, _held: held }))
}

#[cfg(test)]
mod tests {
    use http_body_util::Full;

    use super::*;
    use crate::memory::MemoryBudget;

    #[tokio::test]
    async fn a_body_counts_for_as_long_as_a_part_of_it_is_kept() {
        let budget = MemoryBudget::new(1000);
        let body = || Full::new(Bytes::from(vec![0; 600]));
        let mut held = budget.part("a response");
        let read = whole(body(), 700, None, &mut held).await.unwrap();
        let mut kept = counted(read, held).unwrap();
        let part = kept.split_to(10);
        drop(kept);
        let mut other = budget.part("a response");
        let refused = whole(body(), 700, None, &mut other).await;
        assert!(matches!(refused, Err(BodyError::Memory(_))), "{refused:?}");
        drop(part);
        assert!(whole(body(), 700, None, &mut other).await.is_ok());
        let refused = whole(body(), 599, None, &mut other).await;
        assert!(matches!(refused, Err(BodyError::TooLarge(599))), "{refused:?}");
    }
}
