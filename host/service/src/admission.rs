//! How many connections there may be, in all and from one address.
//!
//! A connection beyond either limit isn't left waiting: it is accepted for a moment, so that probes are answered
//! however many others there are, and other requests are refused in words. There are few of these, and where one
//! more comes, the longest there makes room: so none that is silent keeps others out.

use std::collections::{HashMap, VecDeque};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::options::ServiceLimits;

/// How many connections beyond the limits there are at the same time.
const CROWD: usize = 64;

/// Decides on connections as they come.
pub(super) struct Admission {
    limits: ServiceLimits,
    permits: Arc<Semaphore>,
    peers: Peers,
    /// Ends the connections beyond the limits, the longest there first.
    crowd: VecDeque<CancellationToken>,
}

/// How many connections each address has.
type Peers = Arc<Mutex<HashMap<IpAddr, usize>>>;

/// What a connection is admitted to.
#[derive(Debug)]
pub(super) enum Admitted {
    /// Everything, for as long as it keeps this.
    Whole(Place),
    /// Probes only.
    Crowded(Crowded),
}

/// A connection within the limits.
#[derive(Debug)]
pub(super) struct Place {
    peers: Peers,
    peer: IpAddr,
    _permit: OwnedSemaphorePermit,
}

/// A connection beyond the limits.
#[derive(Debug)]
pub(super) struct Crowded {
    pub(super) limit: Limit,
    /// Is cancelled when the connection has to make room.
    pub(super) evicted: CancellationToken,
    _gone: DropGuard,
}

/// The limit that a connection exceeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Limit {
    /// Of all connections.
    All,
    /// Of those from one address.
    Peer,
}

impl Admission {
    pub(super) fn new(limits: ServiceLimits) -> Self {
        Self {
            permits: Arc::new(Semaphore::new(limits.connections)),
            peers: Peers::default(),
            crowd: VecDeque::new(),
            limits,
        }
    }

    /// Admits a connection from this address.
    pub(super) fn admit(&mut self, address: IpAddr) -> Admitted {
        match self.place(address) {
            Ok(place) => Admitted::Whole(place),
            Err(limit) => Admitted::Crowded(self.crowd(limit)),
        }
    }

    fn place(&self, address: IpAddr) -> Result<Place, Limit> {
        let peer = peer(address);
        let mut peers = self.peers.lock();
        if peers
            .get(&peer)
            .is_some_and(|count| *count >= per_peer(&self.limits, peer))
        {
            return Err(Limit::Peer);
        }
        let permit = self.permits.clone().try_acquire_owned().map_err(|_| Limit::All)?;
        *peers.entry(peer).or_default() += 1;
        drop(peers);
        Ok(Place {
            peers: self.peers.clone(),
            peer,
            _permit: permit,
        })
    }

    fn crowd(&mut self, limit: Limit) -> Crowded {
        self.crowd.retain(|connection| !connection.is_cancelled());
        if self.crowd.len() >= CROWD
            && let Some(longest) = self.crowd.pop_front()
        {
            longest.cancel();
        }
        let evicted = CancellationToken::new();
        self.crowd.push_back(evicted.clone());
        Crowded {
            limit,
            _gone: evicted.clone().drop_guard(),
            evicted,
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut peers = self.peers.lock();
        if let Some(count) = peers.get_mut(&self.peer) {
            *count -= 1;
            if *count == 0 {
                peers.remove(&self.peer);
            }
        }
    }
}

impl Limit {
    /// What a client is answered.
    pub(super) fn words(self, limits: &ServiceLimits) -> String {
        match self {
            Self::All => format!(
                "the service has {} connections, which is as many as it may; connect again in a moment, or raise connections in limits under [serve]",
                limits.connections
            ),
            Self::Peer => format!(
                "the service has {} connections from your address, which is as many as one may have; connect again in a moment, or raise per_peer in limits under [serve]",
                limits.per_peer.unwrap_or_else(|| usual(limits))
            ),
        }
    }
}

/// How many connections an address may have.
fn per_peer(limits: &ServiceLimits, peer: IpAddr) -> usize {
    match limits.per_peer {
        Some(most) => most,
        // It may be a proxy, with the connections of all clients.
        None if peer.is_loopback() => usize::MAX,
        None => usual(limits),
    }
}

fn usual(limits: &ServiceLimits) -> usize {
    (limits.connections / 2).max(1)
}

/// What counts as one address. A host has 64 bits of IPv6 for itself.
fn peer(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) if !address.is_loopback() => {
            IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64))
        }
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admission(connections: usize, per_peer: Option<usize>) -> Admission {
        Admission::new(ServiceLimits {
            connections,
            per_peer,
            ..ServiceLimits::default()
        })
    }

    fn limit(admitted: &Admitted) -> Option<Limit> {
        match admitted {
            Admitted::Whole(_) => None,
            Admitted::Crowded(crowded) => Some(crowded.limit),
        }
    }

    #[test]
    fn one_address_leaves_room_for_others() {
        let mut admission = admission(4, None);
        let [one, other] = ["192.0.2.1", "192.0.2.2"].map(|address| address.parse().unwrap());
        let mut held = vec![admission.admit(one), admission.admit(one)];
        assert!(held.iter().all(|admitted| limit(admitted).is_none()));
        assert_eq!(limit(&admission.admit(one)), Some(Limit::Peer));
        held.extend([admission.admit(other), admission.admit(other)]);
        assert!(held.iter().all(|admitted| limit(admitted).is_none()));
        let third = "192.0.2.3".parse().unwrap();
        assert_eq!(limit(&admission.admit(third)), Some(Limit::All));
        held.remove(0);
        let again = admission.admit(one);
        assert_eq!(limit(&again), None, "a place that is given back");
        drop((held, again));
        assert!(admission.peers.lock().is_empty());
    }

    #[test]
    fn this_machine_is_one_address_only_where_the_limit_is_set() {
        let loopback: [IpAddr; 3] =
            ["127.0.0.1", "::1", "::ffff:127.0.0.1"].map(|address| address.parse().unwrap());
        for address in loopback {
            let mut free = admission(3, None);
            let held: Vec<_> = (0..3).map(|_| free.admit(address)).collect();
            assert!(held.iter().all(|admitted| limit(admitted).is_none()), "{address}");
            let mut capped = admission(3, Some(1));
            let held = [capped.admit(address), capped.admit(address)];
            assert_eq!(held.each_ref().map(limit), [None, Some(Limit::Peer)], "{address}");
        }
    }

    #[test]
    fn a_network_of_64_bits_is_one_address() {
        let mut admission = admission(100, Some(1));
        let addresses: [IpAddr; 3] =
            ["2001:db8::1", "2001:db8::2", "2001:db8:0:1::1"].map(|address| address.parse().unwrap());
        let admitted = addresses.map(|address| admission.admit(address));
        assert_eq!(admitted.each_ref().map(limit), [None, Some(Limit::Peer), None]);
    }

    #[test]
    fn the_longest_there_makes_room() {
        let mut admission = admission(1, None);
        let address = "127.0.0.1".parse().unwrap();
        let _held = admission.admit(address);
        let mut crowd: Vec<_> = (0..CROWD).map(|_| admission.admit(address)).collect();
        let evicted = |admitted: &Admitted| match admitted {
            Admitted::Whole(_) => panic!("there is no place"),
            Admitted::Crowded(crowded) => crowded.evicted.is_cancelled(),
        };
        assert!(!crowd.iter().any(evicted));
        let _latest = admission.admit(address);
        assert!(evicted(&crowd[0]) && !evicted(&crowd[1]));
        crowd.remove(5);
        let _latest = admission.admit(address);
        assert!(!evicted(&crowd[1]), "one was gone already");
    }
}
