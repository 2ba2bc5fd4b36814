//! A vendor's own codes, as the manifest lists them.

pub use crate::failure::FailureKind;

/// One of a vendor's own codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VendorCode {
    /// As it stands in a refusal.
    pub code: &'static str,
    /// What the vendor's document says of it, in the vendor's language.
    pub meaning: &'static str,
    /// The failure that it leads to.
    pub kind: FailureKind,
}
