//! A connector in service: swap, rollback, and folders of connectors.

#[expect(
    clippy::module_inception,
    reason = "a deployment is what this module is about"
)]
mod deployment;
mod folder;
mod history;
mod status;
mod version;
#[cfg(feature = "watch")]
mod watch;

pub(crate) use deployment::Served;
pub use deployment::{Deployment, SwapOptions, Swapped};
pub use folder::Folder;
pub(crate) use folder::wasm_files;
pub use status::{
    ConnectorStatus, DrainingVersion, EarlierVersion, FolderStatus, PastVersion, Refusal, RefusedFile,
};
pub(crate) use version::VersionGuard;
#[cfg(feature = "watch")]
pub use watch::{Watch, watch};
