//! The versions of the contract that this host takes, and how versions match.

use semver::Version;

use super::contract::Contract;
use super::v0_1;

/// Every version that this host takes, the newest first.
pub(crate) static CONTRACTS: &[Contract] = &[v0_1::CONTRACT];

/// Name and version of an interface: `wasi:io/poll@0.2.2`.
pub(crate) fn split(interface: &str) -> (&str, &str) {
    interface.split_once('@').unwrap_or((interface, ""))
}

/// Whether a component of one version works with a host of the other, as Semantic Versioning has it: in both
/// directions, because what a later version adds is optional.
pub(crate) fn compatible(one: &str, other: &str) -> bool {
    let (Ok(one), Ok(other)) = (Version::parse(one), Version::parse(other)) else {
        return one == other;
    };
    let series = |version: &Version| match version.major {
        0 => (0, version.minor),
        major => (major, 0),
    };
    if one.pre.is_empty() && other.pre.is_empty() {
        series(&one) == series(&other)
    } else {
        one == other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_match_as_semantic_versioning_has_it() {
        for (one, other) in [
            ("0.1.0", "0.1.1"),
            ("0.1.7", "0.1.0"),
            ("1.2.3", "1.0.0"),
            ("0.2.0-draft", "0.2.0-draft"),
        ] {
            assert!(compatible(one, other) && compatible(other, one), "{one} {other}");
        }
        for (one, other) in [
            ("0.1.0", "0.2.0"),
            ("1.0.0", "2.0.0"),
            ("0.1.0", "1.1.0"),
            ("0.2.0-draft", "0.2.0"),
            ("", "0.1.0"),
        ] {
            assert!(
                !compatible(one, other) && !compatible(other, one),
                "{one} {other}"
            );
        }
    }
}
