//! State: sessions survive a restart in a folder, which processes share; Redis shares them between machines.

mod folder;
mod redis;
mod rig;
